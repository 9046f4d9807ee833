import type { Database } from "../db/database.ts";
import { localDay } from "../lib/local-time.ts";
import { dueForBreakdown, putBreakdown } from "./breakdown.store.ts";
import { BATCH, type Breakdown, type ExactBreakdown, renewBreakdown } from "./breakdown.ts";
import { byArea, byChannel, byHour, labelsFor } from "./counts.store.ts";
import { regroup } from "./counts.ts";
import { readLabels } from "./labels.ts";

export interface TakeBreakdownsDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly timeZone: string;
}

// Petitions of a page of work.
const PAGE = 50;
// As many rows as there are: one that is new since the petition was found due must not take another's place.
const ALL = Number.MAX_SAFE_INTEGER;

/**
 * Takes the public breakdowns that are due: each petition's at most once on each of the municipality's days. A run that was
 * missed is made up for by the next, and a second one on a day changes nothing.
 */
export async function takeBreakdowns(deps: TakeBreakdownsDeps): Promise<void> {
  const { db, clock, timeZone } = deps;
  const now = clock();
  const day = localDay(now, timeZone);
  let after = -1;
  for (;;) {
    const [due] = await db.batch([dueForBreakdown(db, { after, day, batch: BATCH, limit: PAGE })]);
    for (const petition of due) {
      const before: Breakdown | null =
        petition.publishedCells === null
          ? null
          : {
              verified: petition.publishedVerified ?? 0,
              gone: petition.publishedGone ?? 0,
              cells: JSON.parse(petition.publishedCells) as Breakdown["cells"],
            };
      const renewed = renewBreakdown(before, await exactBreakdown(db, petition, day));
      if (renewed) await db.batch([putBreakdown(db, petition.no, { ...renewed, day, takenAt: now })]);
    }
    const last = due.at(-1);
    if (!last || due.length < PAGE) return;
    after = last.no;
  }
}

type Due = Awaited<ReturnType<typeof dueForBreakdown>>[number];

/** A petition's exact counts; of days those that are over. */
async function exactBreakdown(db: Database, due: Due, today: string): Promise<ExactBreakdown> {
  const { no, verified, gone } = due;
  const [[named], areas, channels, hours] = await db.batch([
    labelsFor(db, no, { own: true, wanted: true }),
    byArea(db, no, ALL),
    byChannel(db, no, ALL),
    byHour(db, no, { from: "2000-01-01", to: today, rows: ALL }),
  ]);
  const labels = readLabels(named);
  const days = regroup(hours, ({ key }) => key.slice(0, 10)).filter(({ key }) => key < today);
  return {
    verified,
    gone,
    cells: {
      area: areas.map(({ key, count }) => {
        const { name = key, population } = labels.areas.get(key) ?? {};
        return { key, label: name, count, population };
      }),
      day: days.map(({ key, count }) => ({ key, label: key, count })),
      channel: channels.map(({ key, count }) => ({ key, label: labels.channels.get(key)?.label ?? key, count })),
    },
  };
}
