import type { Database, Statement } from "../db/database.ts";
import { dayAfter, localDay } from "../lib/local-time.ts";
import {
  distrustSnapshot,
  dropCountSnapshots,
  petitionSnapshotsAfter,
  putCountSnapshots,
  refreshPetitionSnapshots,
  type Slice,
} from "./snapshots.store.ts";

/** Days that snapshots know, today included: two years of spans with the spans before them. */
export const KNOWN_DAYS = 750;
// Petitions read, and sums written, at once: some hundred kilobytes.
const PAGE = 100;

interface Sums extends Slice {
  petitions: { no: number; verified: number }[];
  verified: number;
  days: Map<string, number>;
  areas: Map<string, number>;
}

/**
 * Takes the snapshots from which counts across petitions are read: first of each petition that has changed, then the sums
 * of all of them by department, area and topic. Taken anew from the tallies each time, so a missed or doubled run changes
 * nothing.
 */
export async function takeSnapshots(deps: { db: Database; clock: () => number; timeZone: string }): Promise<void> {
  const { db } = deps;
  const now = deps.clock();
  await db.batch([refreshPetitionSnapshots(db, dayAfter(localDay(now, deps.timeZone), 1 - KNOWN_DAYS))]);
  const sums = await sumUp(db);
  const slices = [...sums.values()].map(({ petitions, days, areas, ...rest }) => ({
    ...rest,
    petitions: petitions.sort((a, b) => b.verified - a.verified || a.no - b.no).map(({ no }) => no),
    days: inOrder(days),
    areas: inOrder(areas),
  }));
  for (let at = 0; at < slices.length; at += PAGE) {
    await db.batch([putCountSnapshots(db, slices.slice(at, at + PAGE), now)]);
  }
  await db.batch([dropCountSnapshots(db, slices)]);
}

/** To join a repair of a petition's tallies, which no signature's move tells of: its snapshot is taken anew by the next run. */
export const retakeSnapshot = (db: Database, petitionNo: number): Statement => distrustSnapshot(db, petitionNo);

/** The sums of every slice that has a petition, and of everything. */
async function sumUp(db: Database): Promise<Map<string, Sums>> {
  const sums = new Map<string, Sums>();
  const sumsOf = (department: string, area: string, topic: string): Sums => {
    const key = JSON.stringify([department, area, topic]);
    const known = sums.get(key);
    if (known) return known;
    const fresh = { department, area, topic, petitions: [], verified: 0, days: new Map(), areas: new Map() };
    sums.set(key, fresh);
    return fresh;
  };
  sumsOf("", "", "");
  for (let after = -1; ; ) {
    const [rows] = await db.batch([petitionSnapshotsAfter(db, { after, limit: PAGE })]);
    for (const row of rows) {
      for (const department of withAll(row.departmentCode)) {
        for (const area of withAll(row.areaCode)) {
          for (const topic of ["", ...row.topics]) {
            const to = sumsOf(department, area, topic);
            to.petitions.push({ no: row.petitionNo, verified: row.verified });
            to.verified += row.verified;
            add(to.days, row.days);
            add(to.areas, row.areas);
          }
        }
      }
    }
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return sums;
    after = last.petitionNo;
  }
}

const withAll = (code: string | null): string[] => (code === null ? [""] : ["", code]);

function add(sums: Map<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [key, count] of Object.entries(counts)) sums.set(key, (sums.get(key) ?? 0) + count);
}

const inOrder = (counts: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
