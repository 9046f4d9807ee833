import { type SQL, sql } from "drizzle-orm";
import { type Database, rowsOf, runOf } from "../db/database.ts";
import { uuidHex } from "../lib/ids.ts";
import { ANSWER_SUBMISSION } from "../signatures/signature.ts";
import { type Conditions, type Cursor, keyParts, type Run, wayOf } from "./invalidation.ts";

/** Where a run or a dry run stands in a petition. */
export interface Place {
  readonly petitionNo: number;
  /** Of the conditions, those by which signatures are found. */
  readonly way: Conditions;
  readonly cursor: Cursor;
}

const LIVE = sql`(state = 'pending' OR state = 'verified')`;

const COLUMNS = sql.raw(
  `${"petition_no email_hash person_hash state hold role area_code channel partner address_hash network_hash domain_hash accepted_at verified_at invalidation"
    .split(" ")
    .map((column) => `signatures.${column}`)
    .join(", ")}, (signatures.sealed IS NULL AND signatures.verified_at IS NULL) AS erased`,
);

/**
 * The next signatures to look at, at most `limit`, whether or not they meet the conditions: so each batch reads a bounded
 * number of rows. Held ones are found by their index and named ones by their keys; otherwise the petition is gone through.
 */
function looked({ petitionNo, way: { ids, hold, email }, cursor }: Place, limit: number): SQL {
  if (ids) {
    return sql`SELECT ${COLUMNS} FROM json_each(${JSON.stringify(ids.map(keyParts))}) AS id CROSS JOIN signatures
      ON petition_no = ${petitionNo} AND email_hash = unhex(id.value ->> 0) AND person_hash = id.value ->> 1 LIMIT ${limit}`;
  }
  if (hold) {
    const [reason = "", accepted = -1, mailbox = "", person = -1] = cursor;
    const after =
      hold === "any"
        ? sql`hold IS NOT NULL AND (hold, accepted_at, email_hash, person_hash) > (${reason}, ${accepted}, unhex(${mailbox}), ${person})`
        : sql`hold = ${hold} AND (accepted_at, email_hash, person_hash) > (${accepted}, unhex(${mailbox}), ${person})`;
    return sql`SELECT ${COLUMNS} FROM signatures INDEXED BY signatures_held
      WHERE petition_no = ${petitionNo} AND ${after} ORDER BY hold, accepted_at, email_hash, person_hash LIMIT ${limit}`;
  }
  const [mailbox = "", person = -1] = cursor;
  const one = email === undefined ? sql`` : sql`AND email_hash = unhex(${email})`;
  return sql`SELECT ${COLUMNS} FROM signatures WHERE petition_no = ${petitionNo} ${one}
    AND (email_hash, person_hash) > (unhex(${mailbox}), ${person}) ORDER BY email_hash, person_hash LIMIT ${limit}`;
}

/** The cursor of a row that was looked at, as JSON. */
const positionIn = ({ ids, hold }: Conditions): SQL => {
  if (ids) return sql`NULL`;
  return hold
    ? sql`json_array(hold, accepted_at, lower(hex(email_hash)), person_hash)`
    : sql`json_array(lower(hex(email_hash)), person_hash)`;
};

/** That a row that was looked at meets every condition; `until`: what was accepted later is not meant. */
function meets(conditions: Conditions, until: number): SQL {
  const { address, network, domain, email, area, channel, partner, from, to, hold } = conditions;
  const all: SQL[] = [sql`accepted_at <= ${until}`];
  const when = (value: unknown, condition: () => SQL) => value !== undefined && all.push(condition());
  when(address, () => sql`address_hash = unhex(${address})`);
  when(network, () => sql`network_hash = unhex(${network})`);
  when(domain, () => sql`domain_hash = unhex(${domain})`);
  when(email, () => sql`email_hash = unhex(${email})`);
  when(area, () => sql`area_code = ${area}`);
  when(channel, () => sql`channel = ${channel}`);
  when(partner, () => sql`(partner = ${partner} OR channel IN (SELECT code FROM channels WHERE partner = ${partner}))`);
  when(from, () => sql`accepted_at >= ${from}`);
  when(to, () => sql`accepted_at < ${to}`);
  when(hold, () => (hold === "any" ? sql`hold IS NOT NULL` : sql`hold = ${hold}`));
  return sql.join(all, sql` AND `);
}

/** Notes at a run's beginning whether the creator's signature meets the conditions: it stays, and staff are told. */
export function markCreator(db: Database, run: Pick<Run, "id" | "petitionNo" | "conditions" | "createdAt">) {
  const rows = run.conditions.ids
    ? looked({ ...run, way: run.conditions, cursor: [] }, run.conditions.ids.length)
    : sql`SELECT ${COLUMNS} FROM petitions CROSS JOIN signatures ON petition_no = no AND email_hash = creator_email_hash
        AND person_hash = creator_person_hash WHERE no = ${run.petitionNo}`;
  return runOf(
    db,
    sql`UPDATE invalidations SET creator = EXISTS (SELECT 1 FROM (${rows}) AS looked
      WHERE role = 'creator' AND ${LIVE} AND ${meets(run.conditions, run.createdAt)}) WHERE id = ${run.id}`,
  );
}

const placeOf = (run: Run): Place => ({ ...run, way: wayOf(run), cursor: JSON.parse(run.cursor) as Cursor });

/** That nobody else has done this batch of the run, or ended it. */
const isHere = ({ id, state, cursor }: Run): SQL => sql`id = ${id} AND state = ${state} AND cursor = ${cursor}`;

/** The keys of a batch's rows that meet a condition, joined to `signatures`, if the batch is still to be done. */
const hits = (run: Run, limit: number, condition: SQL): SQL => sql`
  FROM (SELECT petition_no, email_hash, person_hash FROM (${looked(placeOf(run), limit)}) AS looked WHERE ${condition}) AS hit
  WHERE signatures.petition_no = hit.petition_no AND signatures.email_hash = hit.email_hash
    AND signatures.person_hash = hit.person_hash AND EXISTS (SELECT 1 FROM invalidations WHERE ${isHere(run)})`;

/** Notes where a batch will end, while the rows are as they are before it. The first statement of each batch. */
export const markNext = (db: Database, run: Run, limit: number) =>
  runOf(
    db,
    sql`UPDATE invalidations SET next = (SELECT ${positionIn(wayOf(run))}
      FROM (${looked(placeOf(run), limit)}) AS looked LIMIT 1 OFFSET ${limit - 1}) WHERE ${isHere(run)}`,
  );

/** Takes out a batch's signatures that meet the conditions; never the creator's. */
export const takeOut = (db: Database, run: Run, { limit, now }: { limit: number; now: number }) =>
  runOf(
    db,
    sql`UPDATE signatures SET state = 'invalidated', ended_at = ${now}, invalidated_reason = ${run.reason},
      invalidation = unhex(${uuidHex(run.id)})
      ${hits(run, limit, sql`${LIVE} AND role <> 'creator' AND ${meets(run.conditions, run.createdAt)}`)}`,
  );

/** Lifts the hold of a batch's signatures that meet the conditions. */
export const liftHolds = (db: Database, run: Run, { limit }: { limit: number }) =>
  runOf(
    db,
    sql`UPDATE signatures SET hold = NULL
      ${hits(run, limit, sql`${LIVE} AND hold IS NOT NULL AND ${meets(run.conditions, run.createdAt)}`)}`,
  );

const own = (run: Run): SQL => sql`state = 'invalidated' AND invalidation = unhex(${uuidHex(run.id)})`;

/** Makes withdrawn what this run took out and whose person has withdrawn since: they may sign again. */
export const giveBackWithdrawals = (db: Database, run: Run, { limit, now }: { limit: number; now: number }) =>
  runOf(
    db,
    sql`UPDATE signatures SET state = 'withdrawn', ended_at = ${now}, verified_at = NULL, verified_hour = NULL,
      invalidated_reason = NULL, invalidation = NULL ${hits(run, limit, sql`${own(run)} AND erased`)}`,
  );

/**
 * Names the batch's unverified signatures in a sent job of mail, before they are given back: by such jobs they are found and
 * deleted when nobody verifies them in time, and their own may be gone.
 */
export const nameForExpiry = (
  db: Database,
  run: Run,
  { limit, now, jobId }: { limit: number; now: number; jobId: string },
) =>
  runOf(
    db,
    sql`INSERT INTO outbox (id, kind, state, items, remaining, due_at, created_at)
    SELECT ${jobId}, ${ANSWER_SUBMISSION}, 'sent', json_group_array(printf('%08x', petition_no) || lower(hex(email_hash))
      || printf('%08x', person_hash)), '[]', ${now}, ${now}
    FROM (${looked(placeOf(run), limit)}) AS looked
    WHERE ${own(run)} AND verified_at IS NULL AND NOT erased AND EXISTS (SELECT 1 FROM invalidations WHERE ${isHere(run)})
    HAVING count(*) > 0`,
  );

/** Gives back what else this run took out; a row whose place in its mailbox is taken stays as it is (signature_revival). */
export const giveBack = (db: Database, run: Run, { limit }: { limit: number }) =>
  runOf(
    db,
    sql`UPDATE signatures SET state = iif(verified_at IS NULL, 'pending', 'verified'), ended_at = NULL,
      invalidated_reason = NULL, invalidation = NULL ${hits(run, limit, sql`${own(run)}`)}`,
  );

/** Adds the rows that the statement just before has changed. */
export const countWithdrawals = (db: Database, run: Run) =>
  runOf(db, sql`UPDATE invalidations SET withdrawn = withdrawn + changes() WHERE ${isHere(run)}`);

/** Ends a batch: adds the rows that the statement just before has changed, and moves on, or ends the run. */
export function endBatch(db: Database, run: Run, now: number) {
  const undoing = run.state === "undoing";
  const count = undoing ? sql`restored = restored + changes()` : sql`changed = changed + changes()`;
  return runOf(
    db,
    sql`UPDATE invalidations SET ${count}, cursor = coalesce(next, cursor), touched_at = ${now},
      state = iif(next IS NULL, ${undoing ? "undone" : "done"}, state), ended_at = iif(next IS NULL, ${now}, NULL)
      WHERE ${isHere(run)}`,
  );
}

/** A row of a dry run's page: a bar's part, a sample, how often the creator's signature met the conditions, or `next`. */
export interface DryRow {
  readonly kind: "state" | "hold" | "area" | "channel" | "quarter" | "sample" | "creator" | "next";
  readonly key: string | number | null;
  readonly n: number;
}

/**
 * One page of a dry run: how many of the next `limit` signatures meet the conditions, by each dimension (`quarter`: quarters
 * of an hour since 1970), `samples` of them as JSON without personal data, and the next cursor.
 */
export const dryPage = (
  db: Database,
  place: Place,
  at: { conditions: Conditions; limit: number; until: number; samples: number },
) =>
  rowsOf<DryRow>(
    db,
    sql`WITH looked AS MATERIALIZED (${looked(place, at.limit)}),
      met AS MATERIALIZED (SELECT * FROM looked WHERE ${LIVE} AND ${meets(at.conditions, at.until)}),
      hit AS MATERIALIZED (SELECT * FROM met WHERE role <> 'creator')
    SELECT dimension.value AS kind, CASE dimension.value WHEN 'state' THEN state WHEN 'hold' THEN hold
        WHEN 'area' THEN area_code WHEN 'channel' THEN channel ELSE accepted_at / 900000 END AS key, count(*) AS n
      FROM hit CROSS JOIN json_each('["state","hold","area","channel","quarter"]') AS dimension GROUP BY 1, 2
    UNION ALL SELECT 'creator', NULL, 1 FROM met WHERE role = 'creator'
    UNION ALL SELECT 'sample', json_object('email_hash', lower(hex(email_hash)), 'person_hash', person_hash, 'state', state,
        'hold', hold, 'area', area_code, 'channel', channel, 'accepted_at', accepted_at, 'verified_at', verified_at,
        'network', lower(hex(network_hash)), 'domain', lower(hex(domain_hash))), 1
      FROM (SELECT * FROM hit LIMIT ${at.samples})
    UNION ALL SELECT 'next', ${positionIn(place.way)}, 1 FROM (SELECT * FROM looked LIMIT 1 OFFSET ${at.limit - 1})`,
  );
