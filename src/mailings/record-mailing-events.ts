import type { Database, Statement } from "../db/database.ts";
import { toHex } from "../lib/bytes.ts";
import { describeError, log } from "../lib/log.ts";
import type { DeliveryNews } from "../mail/delivery.ts";
import type { PetitionDirectory } from "../petitions/petition-directory.ts";
import { readTagItem } from "./mailing.ts";
import {
  countMailingEvents,
  type MailboxAsked,
  type MailingEvent,
  mailboxesReached,
  recentMailings,
  stopUpdatesOf,
} from "./mailing-events.store.ts";

export interface MailingEventDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly petitions: PetitionDirectory;
}

// A mail that comes back does so within days.
const RECENT_MS = 7 * 24 * 60 * 60_000;

type Found = MailingEvent & { readonly petitionNo: number; readonly mailbox: string };

/**
 * Statements that count what came back of mailings' mails, and end the news to who complained; to be run before the events
 * are noted as seen. A provider that names only the address is believed to speak of the latest mailing that wrote to it.
 */
export async function recordMailingEvents(deps: MailingEventDeps, news: readonly DeliveryNews[]): Promise<Statement[]> {
  const told = news.filter(({ kind }) => kind !== "delivered" && kind !== "suppressed");
  const named = told.flatMap((one): Found[] => {
    const tag = one.item === null ? null : readTagItem(one.item);
    if (!tag) return [];
    const petitionNo = Number.parseInt(tag.key.slice(0, 8), 16);
    return [{ ...eventOf(one), mailingId: tag.mailingId, petitionNo, mailbox: tag.key.slice(8, 24) }];
  });
  const unnamed = told.filter(({ item, address }) => item === null && address !== null);
  const found = [...named, ...(unnamed.length > 0 ? await guessed(deps, unnamed) : [])];
  if (found.length === 0) return [];
  const complained = found.filter(({ what }) => what === "complained");
  return [
    countMailingEvents(
      deps.db,
      found.map(({ id, moment, mailingId, what }) => ({ id, moment, mailingId, what })),
    ),
    ...(complained.length > 0
      ? [
          stopUpdatesOf(
            deps.db,
            complained.map(({ petitionNo, mailbox }) => [petitionNo, mailbox]),
          ),
        ]
      : []),
  ];
}

const eventOf = ({ id, moment, kind }: DeliveryNews) => ({
  id,
  moment,
  what: kind === "complained" ? ("complained" as const) : ("bounced" as const),
});

async function guessed({ db, clock, petitions }: MailingEventDeps, news: readonly DeliveryNews[]): Promise<Found[]> {
  const [recent] = await db.batch([recentMailings(db, clock() - RECENT_MS)]);
  const asked: (MailboxAsked & { readonly news: DeliveryNews })[] = [];
  for (const { id, petition_no: no } of recent) {
    const facts = await petitions.facts(db, no);
    const secret = facts ? await petitions.secret(facts).catch(unreadable) : null;
    if (!secret) continue;
    for (const [index, one] of news.entries()) {
      const mailbox = toHex(await secret.emailHash(one.address ?? ""));
      asked.push({ index, mailingId: id, petitionNo: no, mailbox, at: one.at, news: one });
    }
  }
  if (asked.length === 0) return [];
  const [reached] = await db.batch([
    mailboxesReached(
      db,
      asked.map(({ news: _, ...rest }) => rest),
    ),
  ]);
  return news.flatMap((one, index): Found[] => {
    const latest = reached
      .filter((row) => row.index === index)
      .sort((a, b) => b.started_at - a.started_at)
      .at(0);
    const place = asked.find((row) => row.index === index && row.mailingId === latest?.mailing);
    if (!place) return [];
    return [{ ...eventOf(one), mailingId: place.mailingId, petitionNo: place.petitionNo, mailbox: place.mailbox }];
  });
}

function unreadable(error: unknown): null {
  log("petition_unreadable", describeError(error));
  return null;
}
