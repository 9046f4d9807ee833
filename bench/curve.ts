import * as v from "valibot";
import { isDay } from "../scripts/import/fields.ts";
import { FileFlaw, type Flaws, flawOf, ONE_FLAW_A_FIELD } from "../scripts/import/flaws.ts";
import { type CsvRecord, readCsv, readCsvHeader } from "../scripts/import/records.ts";
import { dayAfter, daysBetween } from "../src/lib/local-time.ts";

/** A petition's signatures by day (UTC), read from totals that somebody noted now and then. */
export interface Curve {
  /** The day of the first total, `YYYY-MM-DD`. */
  readonly firstDay: string;
  /** Signatures of each day up to the last full one. The first day's are those since the first total. */
  readonly counts: readonly number[];
  /** The first total. */
  readonly before: number;
  /** Days without a total of their own: what came between two totals is spread evenly over them. */
  readonly spread: number;
}

const COLUMNS = ["time", "total"];
const HOUR_MS = 60 * 60_000;
const MAX_DAYS = 3660; // ten years: a longer one is a slip in a year

const Row = v.object({
  time: v.pipe(
    v.string(),
    v.check(isMoment, "is not a day (2026-11-23) or a time (2026-11-23T14:05:00Z)"),
    v.transform((text) => Date.parse(`${text.replace(" ", "T")}${hasZone(text) ? "" : "Z"}`)),
  ),
  total: v.pipe(v.string(), v.regex(/^\d{1,10}$/, "is not a whole number of up to ten digits"), v.transform(Number)),
});

type Row = v.InferOutput<typeof Row>;

/**
 * Reads `time,total`: times in ascending order, a day alone is its beginning, and without a zone they are in UTC; totals
 * never fall. Adds what is wrong to `flaws`, and answers null then. Throws a `FileFlaw` when the text is no such CSV.
 */
export function readCurve(text: string, flaws: Flaws): Curve | null {
  const rows = readRows(text, flaws);
  return rows && curveOf(rows);
}

/** A petition's signatures by hour, read from the same totals. */
export interface HourCurve {
  /** When the first hour begins, in milliseconds since 1970. */
  readonly begins: number;
  /** Signatures of each hour up to the last full one. The first hour's are those since the first total. */
  readonly counts: readonly number[];
  /** Hours without a total of their own: what came between two totals is spread evenly over them. */
  readonly spread: number;
  /** By how much the total fell altogether, from row to row: what was taken out or withdrawn. */
  readonly fallen: number;
}

/** As `readCurve`, by hour, and the totals may fall: nobody came then, and what comes next is counted from there. */
export function readHourCurve(text: string, flaws: Flaws): HourCurve | null {
  const found = readRows(text, flaws, { mayFall: true });
  if (!found) return null;
  const rows = withoutFalls(found);
  const [first, last] = endsOf(rows);
  const begins = first.time - (first.time % HOUR_MS);
  const length = Math.floor((last.time - begins) / HOUR_MS);
  const ends = totalsAt(
    rows,
    Array.from({ length }, (_, hour) => begins + (hour + 1) * HOUR_MS),
  );
  const noted = new Set(rows.map(({ time }) => Math.floor((time - begins) / HOUR_MS)));
  return {
    begins,
    counts: ends.map((total, hour) => total - (hour === 0 ? first.total : (ends[hour - 1] as number))),
    spread: ends.filter((_, hour) => !noted.has(hour)).length,
    fallen: last.total - (found.at(-1)?.total ?? 0),
  };
}

/** Rows with each total raised by all that it had fallen before. */
function withoutFalls(rows: readonly Row[]): Row[] {
  let fallen = 0;
  return rows.map(({ time, total }, index) => {
    fallen += Math.max(0, (rows[index - 1]?.total ?? total) - total);
    return { time, total: total + fallen };
  });
}

function readRows(text: string, flaws: Flaws, { mayFall = false } = {}): Row[] | null {
  const header = readCsvHeader(text);
  if (header.join() !== COLUMNS.join()) throw new FileFlaw({ line: 1, says: `must be "${COLUMNS.join()}"` });
  const rows: Row[] = [];
  readCsv(text, COLUMNS, (record) => {
    const row = readRow(record, rows.at(-1), flaws, mayFall);
    if (row) rows.push(row);
  });
  return flaws.count > 0 ? null : rows;
}

function readRow(
  { record, line, fields }: CsvRecord | { record: number; line: number; fields: null },
  before: Row | undefined,
  flaws: Flaws,
  mayFall: boolean,
): Row | undefined {
  const wrong = (field: string, says: string) => flaws.add({ record, line, field, says });
  if (fields === null) {
    flaws.add({ record, line, says: `has not the ${COLUMNS.length} fields that the first line names` });
    return undefined;
  }
  const { success, output, issues } = v.safeParse(Row, fields, ONE_FLAW_A_FIELD);
  for (const issue of issues ?? []) flaws.add(flawOf(issue, record, line));
  if (!success) return undefined;
  if (before && output.time <= before.time) wrong("time", "is not after the one before");
  if (before && output.total < before.total && !mayFall) wrong("total", "is less than the one before");
  return output;
}

function endsOf(rows: readonly Row[]): [Row, Row] {
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) throw new FileFlaw({ says: "has no records below its first line" });
  if (daysBetween(dayOf(first), dayOf(last)) > MAX_DAYS) {
    throw new FileFlaw({ says: `spans more than ${MAX_DAYS} days` });
  }
  return [first, last];
}

function curveOf(rows: readonly Row[]): Curve {
  const [first, last] = endsOf(rows);
  const [firstDay, lastDay] = [dayOf(first), dayOf(last)];
  const length = daysBetween(firstDay, lastDay);
  const ends = totalsAt(
    rows,
    Array.from({ length }, (_, day) => Date.parse(dayAfter(firstDay, day + 1))),
  );
  const noted = new Set(rows.map(dayOf));
  return {
    firstDay,
    counts: ends.map((total, day) => total - (day === 0 ? first.total : (ends[day - 1] as number))),
    before: first.total,
    spread: ends.filter((_, day) => !noted.has(dayAfter(firstDay, day))).length,
  };
}

/** The totals at moments in order, each on the straight line between the rows before and after it. */
function totalsAt(rows: readonly Row[], moments: readonly number[]): number[] {
  let next = 0;
  return moments.map((moment) => {
    while (next < rows.length - 1 && (rows[next] as Row).time < moment) next++;
    const [before, after] = [rows[Math.max(0, next - 1)] as Row, rows[next] as Row];
    const part = after.time === before.time ? 1 : (moment - before.time) / (after.time - before.time);
    return Math.round(before.total + part * (after.total - before.total));
  });
}

const dayOf = ({ time }: Row): string => new Date(time).toISOString().slice(0, 10);

const hasZone = (text: string): boolean => text.length <= 10 || /(Z|[+-]\d\d:\d\d)$/.test(text);

function isMoment(text: string): boolean {
  const shape = /^(\d{4}-\d\d-\d\d)([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  return shape !== null && isDay(shape[1] as string) && !Number.isNaN(Date.parse(text.replace(" ", "T")));
}
