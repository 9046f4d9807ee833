// What `npm run bench` runs.
import { parseArgs } from "node:util";
import { Random } from "../scripts/demo/random.ts";
import { costRows, costTargets, measureCost } from "./cost.ts";
import { type Drained, measureDrain } from "./drain.ts";
import { openTown, type Town } from "./open-town.ts";
import { PRICES_OF } from "./prices.ts";
import { judged, machine, rounded, say, type Target, table, tellTargets, writeResult } from "./report.ts";
import { checkTallies, databaseBytes, seedSignatures } from "./seed.ts";
import { BESIDE_HEADING, type Beside, besideRows, type Layout, measureBesides, type Wanted } from "./side-by-side.ts";
import { measureStartAndSize, sizeTarget, startRows } from "./start-and-size.ts";
import { besideTargets } from "./targets.ts";
import { arrivalsOf, viralDay } from "./viral/arrivals.ts";
import { replay } from "./viral/replay.ts";
import { reportReplay } from "./viral/report-replay.ts";

const USAGE = `Usage: npm run bench -- [--quick] [--only NAME,…]

Measures Folkmoot against bare routes and statements in the same workerd, what a signature costs, whether a bad day loses
any, and what a deployment weighs; writes bench-results/latest.json. Targets that don't hold are told and change nothing;
a ledger that does not balance ends the run with 1.

  --quick        less of everything, within three minutes
  --only NAMES   of: sign, verify, read one, list, search, count, breakdown, admin counts, drain, cost, viral, start
  --help         this text
`;

const { values } = parseArgs({
  options: { quick: { type: "boolean" }, only: { type: "string" }, help: { type: "boolean" } },
});
if (values.help) {
  console.log(USAGE);
  process.exit();
}
const quick = values.quick === true;
const names = values.only?.split(",").map((name) => name.trim());
const wanted: Wanted = (name) => names === undefined || names.includes(name);

const SIZES = quick ? [1_000, 20_000] : [1_000, 100_000, 1_000_000];
// Many short rounds: the middle one is of a moment in which nobody else was at the machine.
const EFFORT = quick ? { rounds: 3, seconds: 0.2 } : { rounds: 9, seconds: 0.7 };
const DRAIN = quick ? { messages: 1_000, rounds: 1 } : { messages: 10_000, rounds: 3 };
const SEED = 1;
const LAYOUTS: readonly Layout[] = ["one petition", "spread"];

const result: Record<string, unknown> = { at: new Date().toISOString(), quick, machine: machine() };
const targets: Target[] = [];
const OPERATIONS = ["sign", "verify", "read one", "list", "search", "count", "breakdown", "admin counts", "drain"];

if (wanted("start")) await startAndSize();
if (wanted("cost")) await cost();
if (wanted("viral")) await viral();
if (OPERATIONS.some(wanted)) await sideBySide();
if (targets.length > 0) tellTargets(targets);
console.log("\nbench-results/latest.json has it all. Ratios are of this run; absolute figures are this machine's.");

async function sideBySide(): Promise<void> {
  say("bundling, starting one workerd, applying the migrations");
  const town = await openTown();
  try {
    const besides: Beside[] = [];
    const drains: Drained[] = [];
    const seeds: object[] = [];
    for (const [index, signatures] of SIZES.entries()) {
      const before = SIZES[index - 1] ?? 0;
      seeds.push(await grow(town, signatures - before, signatures));
      // What the public reads of breakdowns is published by this job.
      await fetch(`${town.stage.url}/bench/cron?schedule=17+*+*+*+*`, { method: "POST" });
      for (const layout of LAYOUTS) {
        besides.push(...(await measureBesides(town, { layout, signatures, effort: EFFORT, only: wanted })));
        if (wanted("drain")) drains.push(await measureDrain(town, { layout, signatures, ...DRAIN }));
      }
    }
    targets.push(...besideTargets(besides, drains));
    table("Seeded, every tally counted again", seeds);
    table(BESIDE_HEADING, besideRows(besides));
    table("Intake: signatures a second through the queue", drains.map(drainRow));
    keep({ seeds, side_by_side: besides, drains });
  } finally {
    await town.stage.close();
  }
}

async function startAndSize(): Promise<void> {
  const found = await measureStartAndSize(quick ? 2 : 10);
  targets.push(sizeTarget(found));
  table("Start and size", startRows(found));
  keep({ start_and_size: found });
}

async function cost(): Promise<void> {
  const found = await measureCost(quick ? 200 : 1_000, { lifetime: !quick });
  targets.push(...costTargets(found));
  table(`Cost on Workers Paid, counted over ${found.signatures} signatures; prices of ${PRICES_OF}`, costRows(found));
  console.log(
    `A million verified signatures: ${rounded(found.withoutMail, 2)} USD without mail, ${rounded(found.withoutMail + found.dollars.mails, 2)} with it; ${rounded(found.withoutMailOneByOne, 2)} without mail when they come one by one.`,
  );
  if (found.rowsAfterwards !== undefined)
    console.log(
      `Until its data is erased a signature, with its share of what days and petitions cost anyway, has ${rounded(found.rowsAfterwards, 2)} rows more written.`,
    );
  console.log(
    `The free plan takes ${found.freeADay} signatures a day when they come together, ${found.freeADayOneByOne} one by one.`,
  );
  console.log(
    `A signature takes ${found.bytesEach} bytes of the database. This machine took ${Math.round(found.perSecond)} whole ones a second.`,
  );
  keep({ cost: found });
}

async function viral(): Promise<void> {
  const arrivals = arrivalsOf(viralDay(), new Random(SEED), quick ? 250 : 2_000);
  const found = await replay({ arrivals, speed: arrivals.lasts / (quick ? 15 : 180), seed: SEED });
  reportReplay(found);
  targets.push(judged("accepted and lost, viral day", "at most", 0, found.lost));
  if (found.wrong.length > 0) process.exitCode = 1;
  const { met, ...others } = found;
  keep({ viral_day: { seed: SEED, ...others } });
}

function keep(found: Readonly<Record<string, unknown>>): void {
  Object.assign(result, found, { targets });
  writeResult(result);
}

/** Adds signatures to both layouts, and counts again. */
async function grow({ stage, hot, spread }: Town, more: number, signatures: number): Promise<object> {
  const before = await databaseBytes(stage.db);
  let seconds = 0;
  for (const [layout, petitions] of [
    ["one petition", [hot]],
    ["spread", spread],
  ] as const) {
    let told = 0;
    seconds += await seedSignatures(stage.db, petitions, more, (done) => {
      if (done - told < 200_000) return;
      told = done;
      say(`seeding, ${layout}: ${done} of ${more}`);
    });
  }
  await checkTallies(stage.db);
  const bytes = ((await databaseBytes(stage.db)) - before) / (2 * more);
  say(`twice ${signatures} signatures are there, and every tally equals a recount`);
  return {
    "signatures in all": 2 * signatures,
    added: 2 * more,
    seconds: rounded(seconds, 1),
    "seconds a million": rounded((seconds / (2 * more)) * 1e6, 1),
    "bytes a signature": Math.round(bytes),
  };
}

function drainRow({ signatures, layout, ours, bare, ratio }: Drained) {
  return {
    signatures,
    on: layout,
    "a second": Math.round(ours),
    bare: Math.round(bare),
    "÷ bare": rounded(ratio, 2),
  };
}
