import type { Database } from "../db/database.ts";
import { localDay } from "../lib/local-time.ts";
import { dueReports, putReports } from "./integrity-report.store.ts";
import { nextReport } from "./integrity-report.ts";

// Petitions of one read and one write; what a run leaves is the next run's.
const PAGE = 200;
const MOST_PAGES = 20;

/**
 * Takes the day's integrity report of each public petition that has none yet. Repeatable: a report of the same day stays as
 * it is, and a missed day is made up for by the next run.
 */
export async function takeIntegrityReports(deps: {
  db: Database;
  clock: () => number;
  timeZone: string;
}): Promise<void> {
  const { db, clock, timeZone } = deps;
  const now = clock();
  const day = localDay(now, timeZone);
  for (let page = 0; page < MOST_PAGES; page++) {
    const [due] = await db.batch([dueReports(db, { day, limit: PAGE })]);
    if (due.length === 0) return;
    const reports = due.map(({ petitionNo, exact, taken, cells }) => {
      const before = taken !== null && cells !== null ? { taken: JSON.parse(taken), cells: JSON.parse(cells) } : null;
      return { petitionNo, ...nextReport(before, JSON.parse(exact)) };
    });
    await db.batch([putReports(db, reports, { day, now })]);
    if (due.length < PAGE) return;
  }
}
