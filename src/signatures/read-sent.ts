import type { Database } from "../db/database.ts";
import { timeOrNull } from "../http/answer-fields.ts";
import { fromHex } from "../lib/bytes.ts";
import { hexUuid, petitionNo, publicId, uuidAt, uuidHex } from "../lib/ids.ts";
import { dayAfter, endOfDay } from "../lib/local-time.ts";
import type { KeyHolder } from "../partners/key-book.ts";
import type { PetitionDirectory } from "../petitions/petition-directory.ts";
import {
  lookedThrough,
  type SentRow,
  type SentStatus,
  sentByDay,
  sentLooked,
  sentPage,
} from "./partner-submissions.store.ts";
import { openerOf } from "./petition-opener.ts";
import { referenceContext } from "./sent-by-partner.ts";
import { sealContext } from "./signature.ts";
import { isSignerData, type Opener } from "./signature-record.ts";

export interface ReadSentDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly petitions: PetitionDirectory;
  /** Days after which an unverified signature is deleted. */
  readonly unverifiedDays: number;
  readonly timeZone: string;
}

const DAY_MS = 24 * 60 * 60_000;

/** The petitions that are asked about, as their numbers: one, or those that the key is for; null: every one. */
export const numbersOf = ({ key }: KeyHolder, petitionId: string | undefined): number[] | null =>
  petitionId === undefined ? (key.petitions?.map(petitionNo) ?? null) : [petitionNo(petitionId)];

/**
 * A page of what a partner sent for the petitions of its key, the newest first, and the submission (32 hexadecimal digits)
 * before which the next page begins; null on the last. It may be short: one page looks through 500 submissions.
 * What is verified stays so, also when the signature is taken out or withdrawn later: a partner was told once, and must not
 * learn whom staff suspect.
 */
export async function readSent(
  deps: ReadSentDeps,
  holder: KeyHolder,
  asked: {
    petitionId?: string | undefined;
    status?: SentStatus | undefined;
    before?: string | undefined;
    limit: number;
  },
) {
  const { petitionId, limit, ...rest } = asked;
  const query = {
    ...rest,
    limit: limit + 1,
    partner: holder.partner.code,
    petitions: numbersOf(holder, petitionId),
    now: deps.clock(),
    unverifiedMs: deps.unverifiedDays * DAY_MS,
  };
  const [[looked], found] = await deps.db.batch([sentLooked(deps.db, query), sentPage(deps.db, query)]);
  const meant = found.slice(0, limit);
  const openers = new Map<number, Opener>();
  for (const { petition_no: no } of meant) {
    if (!openers.has(no)) openers.set(no, await openerOf(deps.petitions, deps.db, no));
  }
  const data = await Promise.all(meant.map((row) => viewOf(row, openers.get(row.petition_no) ?? "erased")));
  if (found.length > limit) return { data, next: meant.at(-1)?.submission ?? null };
  return { data, next: looked?.n === lookedThrough(query) ? looked.last : null };
}

async function viewOf(row: SentRow, opener: Opener) {
  const open = (sealed: string | null, context: string) =>
    sealed === null || typeof opener === "string" ? null : opener.open(fromHex(sealed), context).catch(() => null);
  const key = row.email_hash !== null && row.person_hash !== null && keyOf(row, row.email_hash, row.person_hash);
  const [reference, signer] = await Promise.all([
    open(row.reference, referenceContext(row.submission)),
    key ? open(row.sealed, sealContext(key)) : null,
  ]);
  return {
    submission_id: publicId("sub", hexUuid(row.submission)),
    petition_id: publicId("pet", row.petition),
    reference: typeof reference === "string" ? reference : null,
    status: row.status,
    submitted_at: new Date(row.accepted_at).toISOString(),
    verified_at: timeOrNull(row.verified_at),
    signer: isSignerData(signer) ? { name: signer.name, email: signer.email, postcode: signer.postcode ?? null } : null,
  };
}

const keyOf = (row: SentRow, emailHash: string, personHash: number) => ({
  petitionNo: row.petition_no,
  emailHash: fromHex(emailHash),
  personHash,
});

/**
 * How many submissions a partner sent for the petitions of its key on each of the municipality's days, and how many of
 * these count or have counted.
 */
export async function countSent(
  deps: Pick<ReadSentDeps, "db" | "timeZone">,
  holder: KeyHolder,
  asked: { petitionId?: string | undefined; from: string; to: string },
) {
  const { db, timeZone } = deps;
  const spans = [];
  const idAt = (at: number) => uuidHex(uuidAt(at));
  for (let day = asked.from; day <= asked.to; day = dayAfter(day)) {
    spans.push({ day, from: idAt(endOfDay(dayAfter(day, -1), timeZone)), to: idAt(endOfDay(day, timeZone)) });
  }
  const petitions = numbersOf(holder, asked.petitionId);
  const [rows] = await db.batch([sentByDay(db, { partner: holder.partner.code, petitions, spans })]);
  return rows.map(({ petition, ...rest }) => ({ petition_id: publicId("pet", petition), ...rest }));
}
