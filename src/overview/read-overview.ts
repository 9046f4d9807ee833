import type { Staff } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { daysBetween, localDay } from "../lib/local-time.ts";
import type { Waiting } from "./overview.store.ts";
import { type Section, sections } from "./sections.ts";

export interface OverviewDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly timeZone: string;
  /** Days after a threshold is reached by which the municipality has to do what it stands for. */
  readonly responseDueDays: number;
}

/** What waits in one section. */
export interface SectionReading {
  readonly section: Section;
  /** How many, to a hundred. */
  readonly count: number;
  /** Whether there are more than `count`. */
  readonly more: boolean;
  /** Since when the longest of them waits, milliseconds since 1970; null when nothing waits. */
  readonly oldest: number | null;
  /** The longest waiting ones, the longest first. */
  readonly items: readonly Waiting[];
  /** Since when the newest of those that were counted waits. */
  readonly newest: number | null;
}

const DAY_MS = 24 * 60 * 60_000;

// Counting further would read further: who has a hundred waiting knows what to do.
const COUNTED = 100;
const SHOWN = 10;

/** What needs attention in what somebody sees, read in one call: a few rows for each thing that waits. */
export async function readOverview(
  { db, clock, responseDueDays }: OverviewDeps,
  staff: Pick<Staff, "role" | "department">,
): Promise<SectionReading[]> {
  const seen = sections.filter((section) => section.seenBy(staff));
  const query = { department: staff.department, limit: COUNTED + 1, overdueSince: clock() - responseDueDays * DAY_MS };
  const [first, ...rest] = seen.map((section) => section.read(db, query));
  if (!first) return [];
  const answers = await db.batch([first, ...rest]);
  return seen.map((section, index) => reading(section, answers[index] ?? []));
}

function reading(section: Section, rows: readonly Waiting[]): SectionReading {
  const counted = rows.slice(0, COUNTED);
  return {
    section,
    count: counted.reduce((sum, { count }) => sum + count, 0),
    more: rows.length > COUNTED,
    oldest: counted[0]?.since ?? null,
    newest: counted.length > 0 ? Math.max(...counted.map(({ since }) => since)) : null,
    items: counted.slice(0, SHOWN),
  };
}

/** When what is owed since a moment is due, and in how many of the municipality's days: 0 today, less when it is over. */
export function dueOf({ clock, timeZone, responseDueDays }: OverviewDeps, since: number): { at: number; days: number } {
  const at = since + responseDueDays * DAY_MS;
  return { at, days: daysBetween(localDay(clock(), timeZone), localDay(at, timeZone)) };
}

/** For how many of the municipality's days something waits: 1 since yesterday. */
export const daysSince = ({ clock, timeZone }: OverviewDeps, since: number): number =>
  daysBetween(localDay(since, timeZone), localDay(clock(), timeZone));
