import type { mailings } from "../db/mailing-schema.ts";

/** A mailing as its row. */
export type Mailing = typeof mailings.$inferSelect;

/** What staff write: a subject and a text of paragraphs, in each language that they write it in. */
export type MailingTexts = Readonly<Record<string, { readonly subject: string; readonly body: string }>>;

/** Recipients who were taken and are not settled: to be tried together, again or for the first time. */
export interface Part {
  /** Signatures' keys without the petition: 24 hexadecimal digits each. */
  readonly items: readonly string[];
  /** Tries that have failed. */
  readonly attempts: number;
  /** Not to be tried before; milliseconds since 1970, as all times. */
  readonly due: number;
  /** When they were first tried. */
  readonly since: number;
  /** A repeatable sender was called for exactly these, or may have been: they go again as they went, under the same key. */
  readonly called: boolean;
}

/** A cursor that has come to the end of the petition. */
export const END = "end";

/** Of somebody's mailbox no more is looked at: it has its mail. Behind the mailbox stands the greatest person there is. */
export const beyondMailbox = (item: string): string => `${item.slice(0, 16)}ffffffff`;

/** The mailbox of a cursor or an item. */
export const mailboxOf = (item: string): string => item.slice(0, 16);

// Resend knows a call's key for 24 hours. What has not been answered for by then may not go again: nobody gets two.
const CALL_KNOWN_MS = 20 * 60 * 60_000;

/** Whether a call was made too long ago to be made again. */
export const isForgotten = (part: Part, now: number): boolean => part.since < now - CALL_KNOWN_MS;

/** A minute's mails may go at once: the job runs each minute. */
export const AHEAD_MS = 60_000;

/** 1, 2, 4 … 60 minutes: ten tries take some four hours, past most outages, and well within the day of a call's key. */
export const MAX_ATTEMPTS = 10;

// Recipients who wait for another try, at most: beyond them nobody new is taken. Each is some 27 bytes of the row.
const MOST_WAITING = 1_000;

/** Whether nobody new is taken until some of those who wait have been settled. */
export const isFull = (parts: readonly Part[]): boolean =>
  parts.reduce((sum, { items }) => sum + items.length, 0) >= MOST_WAITING;

// Tries within so long of each other may as well be one.
const TOGETHER_MS = 30_000;

/** Adds a part; to one that waits for the same and that no call binds together it is joined. */
export function addPart(parts: readonly Part[], part: Part): Part[] {
  if (part.items.length === 0) return [...parts];
  const fits = (other: Part) =>
    !part.called && !other.called && other.attempts === part.attempts && Math.abs(other.due - part.due) <= TOGETHER_MS;
  const to = parts.findIndex(fits);
  if (to < 0) return [...parts, part];
  return parts.map((other, index) => (index === to ? { ...other, items: [...other.items, ...part.items] } : other));
}

/** How much of the petition has been gone through, in hundredths: the places of mailboxes are spread evenly. */
export function progressOf({ cursor, state }: Pick<Mailing, "cursor" | "state">): number {
  if (cursor === END || state === "done") return 100;
  return cursor === "" ? 0 : Math.floor((Number.parseInt(cursor.slice(0, 8), 16) / 2 ** 32) * 100);
}

/** Whom a mailing is of: the petition's number in eight hexadecimal digits. */
export const petitionHex = (no: number): string => no.toString(16).padStart(8, "0");

/** What a mail of a mailing is about, in the tag that comes back with every event: the signature and the mailing. */
export const tagItem = (mailing: Pick<Mailing, "id" | "petitionNo">, item: string): string =>
  `${petitionHex(mailing.petitionNo)}${item}:${mailing.id}`;

/** The signature's key in 32 hexadecimal digits, and the mailing's UUID, of such an item; null for any other. */
export function readTagItem(item: string): { key: string; mailingId: string } | null {
  const [, key, mailingId] = /^([0-9a-f]{32}):([0-9a-f-]{36})$/.exec(item) ?? [];
  return key === undefined || mailingId === undefined ? null : { key, mailingId };
}
