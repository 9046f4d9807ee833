import { recordAct } from "../access/audit.ts";
import type { Staff } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { readCursor, writeCursor } from "../http/cursor.ts";
import { petitionNo, publicId } from "../lib/ids.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import type { PetitionDirectory } from "../petitions/petition-directory.ts";
import { openerOf } from "./petition-opener.ts";
import { maskEmail, openRecords, type SignatureRecord } from "./signature-record.ts";
import { type Place, placesAhead, type SignatureFilter, signaturesOn, type Walk } from "./staff-signatures.store.ts";

export interface ListSignaturesDeps {
  readonly db: Database;
  readonly keys: RootKeys;
  readonly clock: () => number;
  readonly petitions: PetitionDirectory;
}

/** A signature in staff's list: whole addresses and postcodes leave the service only in an export. */
export interface ListedSignature extends Omit<SignatureRecord, "postcode"> {}

// A filter that few rows match must not read a whole petition for one page.
const LOOKED_AT = 1_000;

/**
 * A page of a petition's signatures, and the cursor of the next. A page looks at no more than 1,000 signatures, so one
 * whose filter matches few may be short, or empty, and not the last. What is held comes by reason and time, everything
 * else in an order without meaning. Reading is an act: the audit log says who read which. Raises `invalid_cursor`.
 * @param asked.id the petition's UUID
 */
export async function listSignatures(
  { db, keys, clock, petitions }: ListSignaturesDeps,
  staff: Staff,
  asked: { id: string; filter: SignatureFilter; limit: number; cursor: string | undefined },
): Promise<{ data: ListedSignature[]; next: string | null }> {
  const { id, filter, limit, cursor } = asked;
  const no = petitionNo(id);
  const walk: Walk = { petitionNo: no, held: filter.hold ?? (filter.state === "quarantined" ? "any" : null) };
  const query = JSON.stringify(["signatures", id, filter]);
  const after = cursor === undefined ? null : placeIn(await readCursor<CursorPlace>(keys, query, cursor));
  const { hold: _, ...rest } = filter;
  const picky = Object.values(rest).some((value) => value !== undefined);
  const [ahead] = picky ? await db.batch([placesAhead(db, walk, { after, rows: LOOKED_AT })]) : [[]];
  const upTo = ahead.length > 1 ? (ahead[0] ?? null) : null;
  const entry = recordAct(db, {
    actor: staff,
    act: "signatures.list",
    subject: publicId("pet", id),
    after: { ...inAudit(filter), limit, first_page: after === null },
    at: clock(),
  });
  const [, rows] = await db.batch([entry, signaturesOn(db, walk, { after, upTo, filter, limit: limit + 1 })]);
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : upTo;
  const records = await openRecords(await openerOf(petitions, db, no), no, page);
  return {
    data: records.map(({ postcode: _postcode, email, ...record }) => ({ ...record, email: email && maskEmail(email) })),
    next: last ? await writeCursor(keys, query, cursorOf(last)) : null,
  };
}

/** A filter as the audit log keeps it. */
export const inAudit = ({ from, to, ...filter }: SignatureFilter): Record<string, unknown> => ({
  ...filter,
  ...(from === undefined ? {} : { from: new Date(from).toISOString() }),
  ...(to === undefined ? {} : { to: new Date(to).toISOString() }),
});

type CursorPlace = readonly [hold: string, accepted: number, emailHash: string, personHash: number];

const cursorOf = ({ hold, accepted_at, email_hash, person_hash }: Place): CursorPlace => [
  hold ?? "",
  accepted_at,
  email_hash,
  person_hash,
];

const placeIn = ([hold, accepted_at, email_hash, person_hash]: CursorPlace): Place => ({
  hold: (hold || null) as Place["hold"],
  accepted_at,
  email_hash,
  person_hash,
});
