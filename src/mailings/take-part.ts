import type { Database } from "../db/database.ts";
import type { MailSender } from "../mail/sender.ts";
import { beyondMailbox, END, isFull, type Mailing, mailboxOf, type Part } from "./mailing.ts";
import { nextRecipients, placeBehind, type Recipient, recipientsAmong } from "./mailing-steps.store.ts";

/** Whom the next step of a mailing is about. */
export interface Taken {
  /** Whether they are taken for the first time. */
  readonly fresh: boolean;
  /** What they wait in, if they do. */
  readonly part: Part | null;
  readonly items: readonly string[];
  /** In step with `items`; undefined for who no longer wants to be told, or is gone. */
  readonly recipients: readonly (Recipient | undefined)[];
  /** The other parts that wait. */
  readonly others: readonly Part[];
  /** Where the mailing stands then. */
  readonly cursor: string;
}

/**
 * Takes the next part of a mailing: one that is due for another try, or the next people who asked. One mail goes to a
 * mailbox, to the first of those who sign with it and asked.
 */
export async function takePart(
  deps: { readonly db: Database; readonly sender: MailSender; readonly mailingsPerMinute: number },
  mailing: Mailing,
  now: number,
): Promise<Taken> {
  const limit = Math.min(deps.sender.batch, deps.mailingsPerMinute);
  const due = mailing.parts.find((part) => part.due <= now);
  if (due) return takeWaiting(deps.db, mailing, due, limit);
  const taken = { fresh: true, part: null, others: mailing.parts };
  if (mailing.cursor === END || isFull(mailing.parts)) {
    return { ...taken, items: [], recipients: [], cursor: mailing.cursor };
  }
  return { ...taken, ...(await takeNext(deps.db, mailing, limit)) };
}

async function takeWaiting(db: Database, mailing: Mailing, part: Part, limit: number): Promise<Taken> {
  // What a call binds together stays together, whatever the sender takes now.
  const items = part.called ? part.items : part.items.slice(0, limit);
  const left = part.items.slice(items.length);
  const others = mailing.parts.flatMap((other) => {
    if (other !== part) return [other];
    return left.length > 0 ? [{ ...part, items: left }] : [];
  });
  const [rows] = await db.batch([recipientsAmong(db, mailing.petitionNo, items)]);
  const found = new Map(rows.map((row) => [row.item, row]));
  const recipients = items.map((item) => found.get(item));
  return { fresh: false, part: { ...part, items }, items, recipients, others, cursor: mailing.cursor };
}

async function takeNext(
  db: Database,
  { petitionNo, cursor, startedAt }: Mailing,
  limit: number,
): Promise<{ items: string[]; recipients: Recipient[]; cursor: string }> {
  const place = { petitionNo, cursor };
  const [rows] = await db.batch([nextRecipients(db, place, { limit, until: startedAt ?? 0 })]);
  const recipients = rows.filter(({ item }, at) => at === 0 || mailboxOf(item) !== mailboxOf(rows[at - 1]?.item ?? ""));
  const items = recipients.map(({ item }) => item);
  const last = items.at(-1);
  if (last !== undefined && rows.length === limit) return { items, recipients, cursor: beyondMailbox(last) };
  const [[behind]] = await db.batch([placeBehind(db, place)]);
  if (!behind) return { items, recipients, cursor: END };
  const sameMailbox = last !== undefined && mailboxOf(behind.item) === mailboxOf(last);
  return { items, recipients, cursor: sameMailbox ? beyondMailbox(last) : behind.item };
}
