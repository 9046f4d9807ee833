import { retakeSnapshot } from "../counts/take-snapshots.ts";
import type { Database, Statement } from "../db/database.ts";
import { newUuid } from "../lib/ids.ts";
import { log } from "../lib/log.ts";
import { isPublicState } from "../petitions/petition.ts";
import { mailModerators } from "./integrity-mails.store.ts";
import {
  beginRecount,
  countSlice,
  currentRecount,
  endRecount,
  insertDifference,
  isAtEnd,
  noteReconciled,
  passAgain,
  repairTallies,
  talliedCells,
  tallyFacts,
} from "./reconciliation.store.ts";
import { agree, correctionOf, type Difference, differenceOf, type RowFact } from "./tallies.ts";

/** The kind of the mails that tell moderators of a difference. */
export const TELL_DIFFERENCE = "tally_difference";

const DAY_MS = 24 * 60 * 60_000;
// Where nobody signs any more, only a hand in the database moves a tally.
const ENDED: readonly string[] = ["closed", "stopped", "rejected", "hidden"];
const ENDED_DAYS = 7;
// Rows of a slice: it holds the database for some 20 ms, which nobody who signs notices.
const SLICE = 2_000;
// Rows of a run: a million are through in 25 minutes, and a run stays within seconds.
const MOST = 40_000;
// What a call is worth of that, whatever it counts: a run makes at most 200, of the 1,000 that the platform allows.
const CALL = 200;
// After so many passes no two of which agree, somebody has to look.
const MOST_PASSES = 4;

export interface ReconcileDeps {
  readonly db: Database;
  readonly clock: () => number;
  /** Rows of a slice and of a run. */
  readonly slice?: number;
  readonly most?: number;
}

type Recount = Awaited<ReturnType<typeof currentRecount>>[number];

/**
 * Recounts petitions from their rows, each once a day, one after the other, in slices. What moves behind a recount is
 * noted by triggers and counted in, so at the end it is compared with the tallies as they are at that moment, also while
 * people sign. A difference is repaired when a second pass over all rows finds the same; the repair, its record and the
 * mails to moderators are one transaction. Runs may be missed, doubled, or die anywhere: each step is one transaction
 * that only the first to take it changes anything by.
 */
export async function reconcileTallies(deps: ReconcileDeps): Promise<void> {
  const { db, clock, slice = SLICE, most = MOST } = deps;
  for (let left = most; left > 0; ) {
    const [, [recount]] = await db.batch([beginRecount(db, clock()), currentRecount(db)]);
    if (!recount) return;
    let { passed } = recount;
    while (!isAtEnd(passed) && left > 0) {
      const [, , , [counted]] = await db.batch(countSlice(db, recount.petitionNo, slice));
      if (!counted) return; // another run has concluded it
      passed = counted.passed;
      left -= Math.max(slice, CALL);
    }
    if (left <= 0) return;
    await conclude(deps, recount);
    left -= CALL;
  }
}

async function conclude(deps: ReconcileDeps, recount: Recount): Promise<void> {
  const { db } = deps;
  const compared = await compare(deps, recount);
  if (!compared) return;
  const { difference, days } = compared;
  const before = recount.difference;
  const equal = Object.keys(difference).length === 0;
  if (!equal) {
    const cells = Object.keys(difference).length;
    log("tally_difference", { petition: petitionOf(recount), pass: recount.pass, cells });
  }
  if (equal) await finish(deps, recount, { outcome: "equal", days });
  else if (before && agree(before, difference)) await finish(deps, recount, { outcome: "repaired", difference, days });
  else if (recount.pass >= MOST_PASSES) await finish(deps, recount, { outcome: "unsettled", difference, days });
  else await db.batch([passAgain(db, recount, difference)]);
}

/**
 * What the tallies differ by from a recount that has passed all rows, read in one transaction, and in how many days to
 * count again; null: another run has concluded the recount.
 */
async function compare(
  { db, slice = SLICE }: ReconcileDeps,
  { petitionNo }: Recount,
): Promise<{ difference: Difference; days: number } | null> {
  const [first, ...rest] = [...countSlice(db, petitionNo, slice), tallyFacts(db, petitionNo)] as const;
  const results: unknown[] = await db.batch([first, ...rest, ...talliedCells(db, petitionNo)]);
  const [, , , [recount], [row], ...tallies] = results as [
    ...[unknown, unknown, unknown],
    { cells: Record<string, number> }[],
    Awaited<ReturnType<typeof tallyFacts>>,
    ...{ cell: string; n: number }[][],
  ];
  if (!recount || !row) return null;
  return {
    difference: differenceOf(tallies.flat(), recount.cells, factsOf(row, recount.cells)),
    days: ENDED.includes(row.state) ? ENDED_DAYS : 1,
  };
}

/** What the row of tallies must say beside counts, by the petition. */
function factsOf(
  row: Awaited<ReturnType<typeof tallyFacts>>[number],
  recounted: Readonly<Record<string, number>>,
): RowFact[] {
  return [
    { cell: "row:petition_id", right: row.tallyId === row.id },
    { cell: "row:public", right: row.public === isPublicState(row.state) },
    { cell: "row:gate", right: row.gate === (row.state === "gathering" ? row.supportersNeeded + 1 : null) },
    { cell: "row:next_threshold", right: row.nextThreshold === row.lowestOpen },
    { cell: "row:department_code", right: row.tallyDepartment === row.department },
    { cell: "row:areas", right: row.areas === row.areaRows },
    { cell: "row:channels", right: row.channels === row.channelRows },
    { cell: "row:hours", right: row.hours === row.hourRows },
    { cell: "row:begun", right: (row.begun ?? -1) >= (recounted["state:verified"] ?? 0) },
  ];
}

async function finish(
  { db, clock }: ReconcileDeps,
  recount: Recount,
  found: { days: number } & ({ outcome: "equal" } | { outcome: "repaired" | "unsettled"; difference: Difference }),
): Promise<void> {
  const now = clock();
  const { outcome } = found;
  const told = "difference" in found ? tell(db, recount, { ...found, now }) : [];
  const repairs =
    found.outcome === "repaired"
      ? [
          ...repairTallies(db, recount, { correction: JSON.stringify(correctionOf(found.difference)), now }),
          retakeSnapshot(db, recount.petitionNo),
        ]
      : [];
  const noted = noteReconciled(db, recount, { now, dueAt: now + found.days * DAY_MS, outcome });
  await db.batch([noted, ...told, ...repairs, ...endRecount(db, recount)]);
}

function tell(
  db: Database,
  recount: Recount,
  { outcome, difference, now }: { outcome: "repaired" | "unsettled"; difference: Difference; now: number },
): Statement[] {
  const id = newUuid();
  log("tally_settled", { petition: petitionOf(recount), outcome, cells: Object.keys(difference).length });
  return [
    insertDifference(db, recount, { id, foundAt: now, outcome, cells: difference }),
    mailModerators(db, { kind: TELL_DIFFERENCE, about: id, source: "tally_differences" }),
  ];
}

const petitionOf = ({ petitionNo }: Recount): string => petitionNo.toString(16).padStart(8, "0");
