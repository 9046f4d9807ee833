import { type SQL, sql } from "drizzle-orm";
import { type Database, rowsOf } from "../db/database.ts";
import type { SignatureRow, TalliedState } from "./signature-record.ts";

/** Which signatures are meant; without a field all. Times are of their submission. */
export interface SignatureFilter {
  readonly state?: TalliedState | undefined;
  readonly hold?: NonNullable<SignatureRow["hold"]> | "any" | undefined;
  readonly area?: string | undefined;
  readonly channel?: string | undefined;
  /** Milliseconds since 1970. */
  readonly from?: number | undefined;
  /** Milliseconds since 1970; not included. */
  readonly to?: number | undefined;
}

/** A place in a petition's signatures, in whatever order they are walked: what a row has of the columns of every order. */
export type Place = Pick<SignatureRow, "hold" | "accepted_at" | "email_hash" | "person_hash">;

/**
 * An order in which a petition's signatures are read without sorting: the primary key, which is keyed hashes and so no order
 * that means anything; or what is held, by reason (unless it is one reason's) and time.
 */
export interface Walk {
  readonly petitionNo: number;
  readonly held: NonNullable<SignatureRow["hold"]> | "any" | null;
}

const KEY = ["email_hash", "person_hash"] as const;

function orderOf({ held }: Walk): readonly (keyof Place)[] {
  if (held === null) return KEY;
  return held === "any" ? ["hold", "accepted_at", ...KEY] : ["accepted_at", ...KEY];
}

/** The signatures of a walk after one place and up to another that match a filter, at most `limit`. */
export const signaturesOn = (
  db: Database,
  walk: Walk,
  part: { after: Place | null; upTo: Place | null; filter: SignatureFilter; limit: number },
) =>
  rowsOf<SignatureRow>(
    db,
    sql`SELECT lower(hex(email_hash)) AS email_hash, person_hash, state, hold, role, assurance, locale, area_code AS area,
      channel, partner, country, updates, accepted_at, verified_at, ended_at, invalidated_reason, mail_trouble,
      privacy_version, eligibility_version,
      nullif(hex(sealed), '') AS sealed
    FROM ${range(walk, part)} AND ${matching(part.filter)} ORDER BY ${columnsOf(walk)} LIMIT ${part.limit}`,
  );

/**
 * How far `rows` signatures after a place reach, whatever they are: the last of them, and one more if there is one.
 * Reads as many rows.
 */
export const placesAhead = (db: Database, walk: Walk, { after, rows }: { after: Place | null; rows: number }) =>
  rowsOf<Place>(
    db,
    sql`SELECT hold, accepted_at, lower(hex(email_hash)) AS email_hash, person_hash
    FROM ${range(walk, { after, upTo: null })} ORDER BY ${columnsOf(walk)} LIMIT 2 OFFSET ${rows - 1}`,
  );

/** From the table in a walk's order, between two places. */
function range(walk: Walk, { after, upTo }: { after: Place | null; upTo: Place | null }): SQL {
  const { petitionNo, held } = walk;
  const columns = columnsOf(walk);
  const values = (place: Place) =>
    sql.join(
      orderOf(walk).map((name) => (name === "email_hash" ? sql`unhex(${place.email_hash})` : sql`${place[name]}`)),
      sql`, `,
    );
  const from = held === null ? sql`signatures` : sql`signatures INDEXED BY signatures_held`;
  return sql.join([
    sql`${from} WHERE petition_no = ${petitionNo}`,
    ...(held === null ? [] : [held === "any" ? sql` AND hold IS NOT NULL` : sql` AND hold = ${held}`]),
    ...(after === null ? [] : [sql` AND (${columns}) > (${values(after)})`]),
    ...(upTo === null ? [] : [sql` AND (${columns}) <= (${values(upTo)})`]),
  ]);
}

/** With their table's name: a bare one in ORDER BY would be the hexadecimal text, and the rows would be sorted. */
const columnsOf = (walk: Walk): SQL =>
  sql.raw(
    orderOf(walk)
      .map((name) => `signatures.${name}`)
      .join(", "),
  );

const STATES: Record<TalliedState, SQL> = {
  pending: sql`state = 'pending' AND +hold IS NULL`,
  verified: sql`state = 'verified' AND +hold IS NULL`,
  quarantined: sql`(state = 'pending' OR state = 'verified') AND +hold IS NOT NULL`,
  invalidated: sql`state = 'invalidated'`,
  withdrawn: sql`state = 'withdrawn'`,
};

/** The plus signs keep SQLite from answering a filter by an index that would have to be sorted. */
function matching({ state, hold, area, channel, from, to }: SignatureFilter): SQL {
  const conditions = [
    ...(state === undefined ? [] : [STATES[state]]),
    ...(hold === undefined ? [] : [hold === "any" ? sql`+hold IS NOT NULL` : sql`+hold = ${hold}`]),
    ...(area === undefined ? [] : [sql`area_code = ${area}`]),
    ...(channel === undefined ? [] : [sql`channel = ${channel}`]),
    ...(from === undefined ? [] : [sql`+accepted_at >= ${from}`]),
    ...(to === undefined ? [] : [sql`+accepted_at < ${to}`]),
  ];
  return conditions.length === 0 ? sql`1` : sql.join(conditions, sql` AND `);
}
