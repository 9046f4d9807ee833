import { type SQL, sql } from "drizzle-orm";
import { type Database, rowsOf, runOf } from "../../db/database.ts";
import { isHeld, isPassAt } from "../../db/retention-conditions.ts";
import { type Ages, cursorParts, LOST_JOB_MS, type PassCursor, type Passing } from "./retention.ts";

/** Signatures that follow each other in the order of their key: those after `from`, up to `to` and with it. */
export interface Slice {
  readonly petitionNo: number;
  readonly from: PassCursor;
  readonly to: PassCursor;
  /** The moment: what is held then is left alone. */
  readonly now: number;
}

const after = (cursor: PassCursor): SQL => {
  const [mailbox, person] = cursorParts(cursor);
  return sql`(email_hash, person_hash) > (unhex(${mailbox}), ${person})`;
};

const inSlice = ({ petitionNo, from, to, now }: Slice): SQL => {
  const [mailbox, person] = cursorParts(to);
  return sql`petition_no = ${petitionNo} AND ${after(from)} AND (email_hash, person_hash) <= (unhex(${mailbox}), ${person})
    AND NOT ${isHeld(sql`${petitionNo}`, now)}`;
};

/** Petitions whose signatures are to be looked through, the longest due first; not those that are held or were tried lately. */
export const toLookThrough = (db: Database, now: number, limit: number) =>
  rowsOf<Passing>(
    db,
    sql`SELECT petition_no AS petitionNo, cursor, begun_at AS begunAt, next_at AS nextAt, failures
    FROM retention INDEXED BY retention_look
    WHERE look_at <= ${now} AND retry_at <= ${now} AND NOT ${isHeld(sql`retention.petition_no`, now)}
    ORDER BY look_at LIMIT ${limit}`,
  );

/** What a slice of a petition's signatures has that a pass looks for. */
export interface Found {
  readonly rows: number;
  /** The last of them; null when there is none. */
  readonly last: PassCursor | null;
  readonly addresses: number;
  readonly unverified: number;
  /** When the first of the others comes of age; null when none will. */
  readonly nextAt: number | null;
}

const HAS_ADDRESS = sql`(address_hash IS NOT NULL OR network_hash IS NOT NULL OR asn IS NOT NULL)`;
const KEY = sql`lower(hex(email_hash)) || printf('%08x', person_hash)`;

/** Looks at the next `limit` signatures of a pass. */
export const lookAhead = (
  db: Database,
  { petitionNo, cursor }: Pick<Passing, "petitionNo" | "cursor">,
  { ages, now, limit }: { ages: Ages; now: number; limit: number },
) => {
  const hasAddress = sql`(has_address AND accepted_at < ${ages.addressesBefore})`;
  const isLeft = sql`(state = 'pending' AND accepted_at < ${ages.unverifiedBefore})`;
  return rowsOf<Found>(
    db,
    sql`SELECT count(*) AS rows, max(key) AS last, coalesce(sum(${hasAddress} AND NOT ${isLeft}), 0) AS addresses,
      coalesce(sum(${isLeft}), 0) AS unverified,
      min(min(iif(state = 'pending' AND NOT ${isLeft}, accepted_at + ${now - ages.unverifiedBefore + LOST_JOB_MS}, 9e15),
        iif(has_address AND NOT ${hasAddress}, accepted_at + ${now - ages.addressesBefore}, 9e15))) AS nextAt
    FROM (SELECT ${KEY} AS key, state, accepted_at, ${HAS_ADDRESS} AS has_address FROM signatures
      WHERE petition_no = ${petitionNo} AND ${after(cursor)} ORDER BY email_hash, person_hash LIMIT ${limit})`,
  );
};

/** Erases addresses and networks of a slice's signatures from before a moment. */
export const eraseAddresses = (db: Database, slice: Slice, { addressesBefore }: Ages) =>
  runOf(
    db,
    sql`UPDATE signatures SET address_hash = NULL, network_hash = NULL, asn = NULL
    WHERE ${inSlice(slice)} AND accepted_at < ${addressesBefore} AND ${HAS_ADDRESS}`,
  );

/** Deletes signatures of a slice that nobody has verified; from before a moment, or whenever they came. */
export const deleteUnverified = (db: Database, slice: Slice, acceptedBefore = Number.MAX_SAFE_INTEGER) =>
  runOf(
    db,
    sql`DELETE FROM signatures WHERE ${inSlice(slice)} AND state = 'pending' AND accepted_at < ${acceptedBefore}`,
  );

// What says something about a person, beside the key: without the petition's secret nobody can say whose that is. What a
// signature counts under stays, and so do its times.
const PERSONAL = [
  "sealed",
  "other_names",
  "postcode_hash",
  "address_hash",
  "network_hash",
  "domain_hash",
  "asn",
  "country",
  "mail_trouble",
  "mail_trouble_at",
];
const IS_PERSONAL = sql.raw(`(updates <> 0 OR ${PERSONAL.map((column) => `${column} IS NOT NULL`).join(" OR ")})`);

/** Looks at the next `limit` signatures of a pass that erases: how many there are, the last, and how many have something to erase. */
export const lookForPersonal = (
  db: Database,
  { petitionNo, cursor }: Pick<Passing, "petitionNo" | "cursor">,
  limit: number,
) =>
  rowsOf<{ rows: number; last: PassCursor | null; hits: number }>(
    db,
    sql`SELECT count(*) AS rows, max(key) AS last, coalesce(sum(hit), 0) AS hits
    FROM (SELECT ${KEY} AS key, state = 'pending' OR ${IS_PERSONAL} AS hit FROM signatures
      WHERE petition_no = ${petitionNo} AND ${after(cursor)} ORDER BY email_hash, person_hash LIMIT ${limit})`,
  );

/** Erases everything personal of a slice's signatures. */
export const erasePersonal = (db: Database, slice: Slice) =>
  runOf(
    db,
    sql`UPDATE signatures SET updates = 0, ${sql.raw(PERSONAL.map((column) => `${column} = NULL`).join(", "))}
    WHERE ${inSlice(slice)} AND ${IS_PERSONAL}`,
  );

/** Notes how far a pass has come, if nobody else has; answers with a row then. */
export const noteLook = (
  db: Database,
  pass: Passing,
  to: { cursor: PassCursor; begunAt: number; nextAt: number | null },
) =>
  rowsOf<{ petitionNo: number }>(
    db,
    sql`UPDATE retention SET cursor = ${to.cursor}, begun_at = ${to.begunAt}, next_at = ${to.nextAt},
      failures = 0, failed_at = NULL, error = NULL
    WHERE ${isPassAt(pass)} AND look_at IS NOT NULL RETURNING petition_no AS petitionNo`,
  );

/** Ends a pass, if nobody else has: `lookAt` is when the next begins. */
export const endLook = (db: Database, pass: Passing, lookAt: number) =>
  rowsOf<{ petitionNo: number }>(
    db,
    sql`UPDATE retention SET cursor = '', begun_at = NULL, next_at = NULL, look_at = ${lookAt},
      failures = 0, failed_at = NULL, error = NULL
    WHERE ${isPassAt(pass)} AND look_at IS NOT NULL RETURNING petition_no AS petitionNo`,
  );

/**
 * Takes addresses and networks out of what staff's acts and alarms of a petition, over since before a moment, say of them:
 * nothing can be met by them any more.
 */
export const eraseAddressDigests = (db: Database, petitionNo: number, { addressesBefore }: Ages) => [
  runOf(
    db,
    sql`UPDATE invalidations SET conditions = json_replace(conditions, '$.address', '', '$.network', '')
    WHERE petition_no = ${petitionNo} AND ended_at < ${addressesBefore}
      AND (conditions ->> 'address' <> '' OR conditions ->> 'network' <> '')`,
  ),
  runOf(
    db,
    sql`UPDATE alarms SET key = '' WHERE petition_no = ${petitionNo} AND kind = 'network' AND key <> ''
      AND ended_at < ${addressesBefore}`,
  ),
];

/** Notes that a try on a petition failed. `retryAt`: when the next is made. */
export const noteFailure = (
  db: Database,
  petitionNo: number,
  { now, retryAt, error }: { now: number; retryAt: number; error: string },
) =>
  runOf(
    db,
    sql`UPDATE retention SET failures = failures + 1, failed_at = coalesce(failed_at, ${now}), retry_at = ${retryAt},
      error = ${error} WHERE petition_no = ${petitionNo}`,
  );
