import { recordAct } from "../access/audit.ts";
import type { Staff } from "../access/staff.ts";
import { type Database, DatabaseFailure } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { fromHex, toHex, utf8 } from "../lib/bytes.ts";
import { CSV_BOM, csvLines } from "../lib/csv.ts";
import { newUuid, parsePublicId, petitionNo, publicId, uuidHex } from "../lib/ids.ts";
import { describeError, log } from "../lib/log.ts";
import type { PetitionDirectory } from "../petitions/petition-directory.ts";
import { inAudit } from "./list-signatures.ts";
import { openerOf } from "./petition-opener.ts";
import { readKey, signatureId } from "./signature.ts";
import { openRecords, RECORD_FIELDS, type SignatureRecord } from "./signature-record.ts";
import { type Place, placesAhead, type SignatureFilter, signaturesOn, type Walk } from "./staff-signatures.store.ts";

/**
 * Signatures that one request looks at, at most. `npm run bench:export` measures 20 to 23 µs of CPU for each, D1's share
 * included: 250,000 take some 5.5 s of the 30 s, and 250 of the 1,000 calls to the database, that the platform allows a
 * request by default (developers.cloudflare.com/workers/platform/limits).
 */
export const MAX_EXPORTED = 250_000;

// One call to the database, one chunk of the body, and all that is held in memory: about 1 MB.
const PAGE = 1_000;

export interface ExportSignaturesDeps {
  readonly db: Database;
  /** What the database has cost so far. */
  readonly cost: { readonly calls: number; readonly rowsRead: number };
  readonly clock: () => number;
  readonly petitions: PetitionDirectory;
}

/** What is to be exported, and how it is written. */
export interface ExportRequest {
  /** The petition's UUID. */
  readonly id: string;
  readonly format: "csv" | "ndjson";
  /** Why, for the audit log. */
  readonly reason: string;
  readonly filter: SignatureFilter;
  /** Signatures that this part looks at. */
  readonly limit: number;
  /** `sig_…` of the last record that the reader has. */
  readonly cursor: string | undefined;
  /** For CSV: a byte order mark at its beginning. */
  readonly bom: boolean;
  /** For CSV: a first record with the names of the columns. */
  readonly header: boolean;
}

/** An export on its way. */
interface Export extends ExportRequest {
  readonly walk: Walk;
  readonly after: Place | null;
  /** The last place of this part; null when it is the last part. */
  readonly upTo: Place | null;
  /** The cursor of the next part. */
  readonly next: string | null;
  /** Records in the audit log how it ended. */
  readonly end: (signatures: number, complete: boolean) => Promise<unknown>;
}

/**
 * Exports a part of a petition's signatures, in the order of their ids: whoever has the records up to one goes on after
 * it, whatever has changed since. The audit log says who and why before the first byte, and how many at the end; an
 * export that broke off has no complete end there, and its stream fails, so that it never looks whole. Nothing is
 * read before the reader asks for it. Raises `invalid_cursor`.
 */
export async function exportSignatures(
  deps: ExportSignaturesDeps,
  staff: Staff,
  request: ExportRequest,
): Promise<{ body: AsyncIterable<Uint8Array>; next: string | null }> {
  const { db, clock } = deps;
  const { id, format, filter, limit, cursor, reason } = request;
  const walk: Walk = { petitionNo: petitionNo(id), held: null };
  const after = cursor === undefined ? null : placeOf(cursor, walk.petitionNo);
  const exportId = newUuid();
  const entry = (act: string, facts: Record<string, unknown>) =>
    recordAct(db, {
      ...{ actor: staff, act, subject: publicId("pet", id), reason, at: clock() },
      after: { export: exportId, ...facts },
    });
  const begun = entry("signatures.export", { format, ...inAudit(filter), cursor: cursor ?? null, limit });
  const [, [last, more]] = await db.batch([begun, placesAhead(db, walk, { after, rows: limit })]);
  const upTo = last && more ? last : null;
  const next = upTo && idOf(upTo, walk.petitionNo);
  const end = (signatures: number, complete: boolean) =>
    db.batch([entry("signatures.export_end", { signatures, complete })]);
  return { body: chunks(deps, { ...request, walk, after, upTo, next, end }), next };
}

async function* chunks(deps: ExportSignaturesDeps, run: Export): AsyncGenerator<Uint8Array> {
  let signatures = 0;
  let ended = false;
  try {
    let head = headOf(run);
    for await (const records of recordsOf(deps, run)) {
      signatures += records.length;
      yield utf8(head + textOf(run, records));
      head = "";
    }
    await run.end(signatures, true);
    ended = true;
    const tail = head + tailOf(run, signatures);
    if (tail !== "") yield utf8(tail);
  } catch (error) {
    log("export_broken_off", describeError(error));
    throw new Error("the export broke off");
  } finally {
    if (!ended) await run.end(signatures, false).catch((error) => log("export_end_not_recorded", describeError(error)));
    const { calls, rowsRead } = deps.cost;
    log("export_ended", { signatures, complete: ended, d1_calls: calls, d1_rows_read: rowsRead });
  }
}

/** The records of a part, a page at a time; each page is as the database has it at that moment. */
async function* recordsOf(deps: ExportSignaturesDeps, run: Export): AsyncGenerator<SignatureRecord[]> {
  const { walk, upTo, filter } = run;
  const no = walk.petitionNo;
  let { after } = run;
  for (;;) {
    const page = { after, upTo, filter, limit: PAGE };
    const rows = await onceMore(async () => (await deps.db.batch([signaturesOn(deps.db, walk, page)]))[0]);
    // Read anew, so that an erased petition's data ends in the middle of an export too.
    if (rows.length > 0) yield await openRecords(await openerOf(deps.petitions, deps.db, no), no, rows);
    if (rows.length < PAGE) return;
    after = rows.at(-1) ?? null;
  }
}

/** Tries a read a second time when the database fails: one hiccup should not cost a reader a long export. */
async function onceMore<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof DatabaseFailure)) throw error;
    log("export_read_again", describeError(error));
    return read();
  }
}

const headOf = ({ format, bom, header }: ExportRequest): string =>
  format === "csv" ? (bom ? CSV_BOM : "") + (header ? csvLines([RECORD_FIELDS]) : "") : "";

const textOf = ({ format }: ExportRequest, records: readonly SignatureRecord[]): string =>
  format === "csv"
    ? csvLines(records.map((record) => RECORD_FIELDS.map((field) => record[field])))
    : records.map((record) => `${JSON.stringify({ type: "signature", ...record })}\n`).join("");

/** NDJSON says itself that it is whole. CSV can't without a record that is no signature: there the transfer says it. */
const tailOf = ({ format, next }: Export, signatures: number): string =>
  format === "csv" ? "" : `${JSON.stringify({ type: "end", signatures, next_cursor: next })}\n`;

/** The place of a signature's id, whether or not it is still there. Raises `invalid_cursor` when it is none of the petition's. */
function placeOf(cursor: string, no: number): Place {
  const uuid = parsePublicId("sig", cursor);
  const key = uuid && readKey(fromHex(uuidHex(uuid)));
  if (!key || key.petitionNo !== no) throw new Problem("invalid_cursor");
  return { hold: null, accepted_at: 0, email_hash: toHex(key.emailHash), person_hash: key.personHash };
}

const idOf = ({ email_hash, person_hash }: Place, no: number): string =>
  signatureId({ petitionNo: no, emailHash: fromHex(email_hash), personHash: person_hash });
