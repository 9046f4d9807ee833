import type { Staff } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { type Position, readCursor, writeCursor } from "../http/cursor.ts";
import { Problem } from "../http/problems.ts";
import type { Table } from "../http/table.ts";
import { FLAWS } from "../http/validation.ts";
import { publicId } from "../lib/ids.ts";
import { dayAfter, daysBetween, localDay } from "../lib/local-time.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { labelsFor } from "./counts.store.ts";
import { rate } from "./funnel.ts";
import { readLabels } from "./labels.ts";
import { REACH_METHOD, reachByArea } from "./reach.ts";
import { countSnapshotOf, petitionSnapshot, type Slice, unknownCodes } from "./snapshots.store.ts";
import { checkSpan, type Span } from "./span.ts";
import { KNOWN_DAYS } from "./take-snapshots.ts";

export interface AllCountsDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly timeZone: string;
  readonly keys: RootKeys;
}

/** Of which petitions: those of a department, that concern an area, with a topic. */
export interface SliceQuery {
  readonly department?: string | undefined;
  readonly area?: string | undefined;
  readonly topic?: string | undefined;
}

export interface AllCountsQuery extends SliceQuery, Partial<{ [Key in keyof Span]: string | undefined }> {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const WEEK = 7;
const MAX_SPAN_DAYS = 366;

/**
 * The snapshot of a slice for staff who may see it, and when it was taken. Another department's is not there
 * (`not_found`), and codes that the municipality does not know raise `invalid_request`.
 */
async function sliceFor(db: Database, staff: Staff, query: SliceQuery) {
  const asked: Slice = { department: query.department ?? "", area: query.area ?? "", topic: query.topic ?? "" };
  if (staff.department !== null && asked.department !== "" && asked.department !== staff.department) {
    throw new Problem("not_found");
  }
  const slice = { ...asked, department: staff.department ?? asked.department };
  const [found] = await db.batch([countSnapshotOf(db, slice)]);
  const taken = found.find((row) => row.departmentCode + row.areaCode + row.topicCode === "");
  const isSlice = (row: (typeof found)[number]) =>
    row.departmentCode === slice.department && row.areaCode === slice.area && row.topicCode === slice.topic;
  const sums = found.find(isSlice);
  if (!sums) await refuseUnknown(db, slice);
  return { slice, sums, asOf: taken ? new Date(taken.takenAt).toISOString() : null };
}

async function refuseUnknown(db: Database, slice: Slice): Promise<void> {
  const [[unknown]] = await db.batch([unknownCodes(db, slice)]);
  const errors = Object.entries(unknown ?? {}).flatMap(([pointer, isUnknown]) =>
    isUnknown ? [{ pointer, code: "unknown_code", detail: "is not in the municipality's list" }] : [],
  );
  if (errors.length > 0) throw new Problem("invalid_request", { errors });
}

/**
 * Counts across petitions, for staff: sums of a slice with their growth against the span of the same length just before,
 * and a page of its petitions, the most signed first. From a snapshot: it reads a row for each petition that it answers
 * with, and at most five more. Raises `not_found`, `invalid_request`, `invalid_cursor`.
 */
export async function allCounts(deps: AllCountsDeps, staff: Staff, query: AllCountsQuery) {
  const { db, keys } = deps;
  const { span, before } = spansOf(query, localDay(deps.clock(), deps.timeZone));
  const { slice, sums, asOf } = await sliceFor(db, staff, query);
  const bound = JSON.stringify(["counts", slice, query.from, query.to]);
  const numbers = sums?.petitions ?? [];
  const from = query.cursor === undefined ? 0 : placeAfter(numbers, await readCursor(keys, bound, query.cursor));
  const here = numbers.slice(from, from + query.limit);
  const [first, ...others] = here.map((no) => petitionSnapshot(db, no));
  const found = first ? (await db.batch([first, ...others])).flat() : [];
  // A run of the job that broke off knows already that a petition has left the department, and its sums don't yet.
  const rows = found.filter(({ departmentCode }) => staff.department === null || departmentCode === staff.department);
  const last = here.at(-1);
  const more = last !== undefined && from + here.length < numbers.length;
  const inSpans = (days: Readonly<Record<string, number>>) => growthOf(sumOf(days, span), sumOf(days, before));
  return {
    as_of: asOf,
    span,
    before,
    petitions: numbers.length,
    totals: { verified: sums?.verified ?? 0, ...inSpans(sums?.days ?? {}) },
    data: rows.map(({ petitionId, title, state, departmentCode, areaCode, topics, verified, days }) => {
      const about = { title, state, department: departmentCode, area: areaCode, topics };
      return { petition_id: publicId("pet", petitionId), ...about, verified, ...inSpans(days) };
    }),
    next_cursor: more ? await writeCursor(keys, bound, [from + here.length, last]) : null,
  };
}

/** From where signatures across petitions come, compared with where people live; from the same snapshot. */
export async function allReach({ db }: AllCountsDeps, staff: Staff, query: SliceQuery) {
  const { sums, asOf } = await sliceFor(db, staff, query);
  const [[named]] = await db.batch([labelsFor(db, 0, { own: false, wanted: true })]);
  const rows = Object.entries(sums?.areas ?? {}).map(([key, count]) => ({ key, count }));
  return {
    as_of: asOf,
    petitions: sums?.petitions.length ?? 0,
    verified: sums?.verified ?? 0,
    ...reachByArea(rows, readLabels(named)),
    method: REACH_METHOD,
  };
}

/** The span asked for, the last seven full days without one, and the one of the same length before it. */
function spansOf({ from, to }: Pick<AllCountsQuery, "from" | "to">, today: string): { span: Span; before: Span } {
  const last = to ?? (from === undefined || from < today ? dayAfter(today, -1) : today);
  const span = checkSpan({ from: from ?? dayAfter(last, 1 - WEEK), to: last }, MAX_SPAN_DAYS);
  const days = daysBetween(span.from, span.to) + 1;
  const before = { from: dayAfter(span.from, -days), to: dayAfter(span.from, -1) };
  const outside = span.to > today ? "to" : before.from < dayAfter(today, 1 - KNOWN_DAYS) ? "from" : null;
  if (outside === null) return { span, before };
  throw new Problem("invalid_request", {
    errors: [{ pointer: outside, code: "out_of_range", detail: FLAWS.out_of_range }],
  });
}

const sumOf = (days: Readonly<Record<string, number>>, { from, to }: Span): number =>
  Object.entries(days).reduce((sum, [day, count]) => (day >= from && day <= to ? sum + count : sum), 0);

const growthOf = (inSpan: number, before: number) => ({
  in_span: inSpan,
  before,
  change: inSpan - before,
  growth: rate(inSpan - before, before),
});

/** Where a page begins: after the petition that the page before ended with, or where that was when it has gone. */
function placeAfter(numbers: readonly number[], [place, no]: Position): number {
  const found = numbers.indexOf(no as number);
  return found < 0 ? (place as number) : found + 1;
}

/** The same as a table: the sums, then a record for each petition of the page. */
export function allCountsTable({ as_of, span, totals, data }: Awaited<ReturnType<typeof allCounts>>): Table {
  const numbers = ({ verified, in_span, before, change, growth }: typeof totals) => [
    ...[verified, in_span, before, change, growth],
  ];
  return {
    columns: [
      ...["as_of", "from", "to", "kind", "petition_id", "title", "state", "department", "area", "topics"],
      ...["verified", "in_span", "before", "change", "growth"],
    ],
    records: [
      [as_of, span.from, span.to, "total", null, null, null, null, null, null, ...numbers(totals)],
      ...data.map((row) => [
        ...[as_of, span.from, span.to, "petition", row.petition_id, row.title, row.state, row.department, row.area],
        ...[row.topics.join(" "), ...numbers(row)],
      ]),
    ],
  };
}
