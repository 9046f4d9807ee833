import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../scripts/demo/random.ts";
import { FREE_A_DAY, PER_MILLION } from "./prices.ts";
import { judged, rounded, say, type Target } from "./report.ts";
import { databaseBytes, seedReference } from "./seed.ts";
import { openStage } from "./stage.ts";
import { petitionWith } from "./town.ts";
import { Crowd } from "./viral/crowd.ts";
import { openMailbox } from "./viral/mailbox.ts";
import { drawPeople } from "./viral/person.ts";
import { until } from "./viral/replay.ts";
import { StagedWorker } from "./viral/staged-worker.ts";
import { cpuSeconds, workerdPid } from "./workerd.ts";

type Part = keyof typeof PER_MILLION;
type Use = Record<Part, number>;

/** What signatures cost, from operations that were counted while people signed. */
export interface Cost {
  readonly signatures: number;
  /** Operations a verified signature; a request is also each batch that a queue gives to a consumer. */
  readonly each: Use;
  /** Operations of a day without a signature: the jobs of each minute and each hour. */
  readonly quietDay: Use;
  /** Dollars a million verified signatures. */
  readonly dollars: Use;
  readonly withoutMail: number;
  /**
   * Rows of D1 that housekeeping writes until the petition's personal data is erased, its own and all others, a signature.
   * Undefined when it was not waited for.
   */
  readonly rowsAfterwards: number | undefined;
  /** When nobody shares a batch of a queue, nor an object's memory. */
  readonly withoutMailOneByOne: number;
  /** Signatures a day within the free plan: many at once, and one at a time. */
  readonly freeADay: number;
  readonly freeADayOneByOne: number;
  /** What a signature takes of the database, its share of outbox and indexes included. */
  readonly bytesEach: number;
  /** Whole signatures a second, every part of the service and the people in them taking turns on this machine. */
  readonly perSecond: number;
}

const PARTS = Object.keys(PER_MILLION) as Part[];
const ALONE = 10;
// One of every area and channel, so that what is measured finds the rows of tallies there.
const WARMING = 20;
const BATCH = 100;
// Objects store what they have counted within two seconds.
const STORED_WITHIN_MS = 3_000;
// What is billed of an object's memory, whatever it uses.
const OBJECT_GB = 0.128;

/**
 * People read their petition, sign, have each link opened once by a scanner, open it themselves and press the button; every
 * binding's calls are counted. All are verified, so that a signature is what the targets mean by one.
 * @param people a multiple of 100
 * @param lifetime whether days pass until all is erased
 */
export async function measureCost(people: number, { lifetime }: { lifetime: boolean }): Promise<Cost> {
  const mails = { crowd: undefined as Crowd | undefined };
  const mailbox = await openMailbox(
    (mail) => mails.crowd?.gets(mail),
    () => false,
  );
  const vars = { MAILBOX: mailbox.url, SEED: "1" };
  const stage = new StagedWorker(await openStage({ entry: "bench/viral/worker.ts", vars }));
  try {
    await seedReference(stage.db);
    const petition = await petitionWith(stage.db, 0);
    const crowd = new Crowd(() => stage.url, petition.id);
    mails.crowd = crowd;
    const all = drawPeople(people + ALONE + WARMING, new Random(7)).map((person, n) => ({
      ...person,
      ...{ email: `signer.${n}@example.org`, address: `2001:db8:${n.toString(16)}::1` },
      ...{ submissions: 1, scans: 1, presses: 1, verifies: "page" as const, bot: false },
    }));
    const sign = async (some: typeof all) => {
      for (const person of some) {
        await fetch(`${stage.url}/v1/petitions/${petition.id}`);
        crowd.arrives(person);
      }
      await until(async () => {
        const { people: found } = crowd.facts();
        const signed = found.filter(({ toldVerified }) => toldVerified).length;
        return signed === found.length && crowd.busy === 0 && (await stage.state()).waiting === 0;
      });
    };
    // Warms the isolate, and pays what is paid once.
    await sign(all.slice(people + ALONE));
    const bytes = await databaseBytes(stage.db);
    // A busy hour fills the queue's batches, on a slow machine too.
    await stage.post("gather", { size: BATCH });
    const begun = performance.now();
    const together = await usedBy(stage, () => sign(all.slice(0, people)));
    const perSecond = (people / (performance.now() - begun)) * 1000;
    await stage.post("gather", { size: 1 });
    const grown = (await databaseBytes(stage.db)) - bytes;
    const alone = await usedBy(stage, async () => {
      for (const person of all.slice(people, people + ALONE)) await sign([person]);
    });
    const quietDay = await quietDayOf(stage);
    const afterwards = lifetime ? await usedBy(stage, () => pass(stage, DAYS_AFTERWARDS)) : undefined;
    const rowsAfterwards = afterwards && afterwards.d1_rows_written / all.length;
    say(`counted what ${all.length} signatures take`);
    return costOf({
      ...{ people, together, alone, quietDay, perSecond, rowsAfterwards },
      bytesEach: Math.round(grown / people),
    });
  } finally {
    await stage.close();
    await mailbox.close();
  }
}

async function usedBy(stage: StagedWorker, work: () => Promise<void>): Promise<Use> {
  const before = await useOf(stage);
  await work();
  await sleep(STORED_WITHIN_MS);
  const after = await useOf(stage);
  return mapUse((part) => after[part] - before[part]);
}

async function useOf(stage: StagedWorker): Promise<Use> {
  const { counted } = await stage.state();
  return {
    requests: counted.requests + counted.batches,
    d1_rows_read: counted.d1_rows_read,
    d1_rows_written: counted.d1_rows_written,
    queue_operations: counted.queue_writes + counted.queue_reads + counted.queue_deletes,
    durable_object_requests: counted.durable_object_requests,
    durable_object_gb_seconds: (counted.durable_object_ms / 1000) * OBJECT_GB,
    durable_object_rows_written: counted.durable_object_rows_written,
    cpu_ms: cpuSeconds(workerdPid()) * 1000,
    mails: counted.mails,
  };
}

const mapUse = (of: (part: Part) => number): Use =>
  Object.fromEntries(PARTS.map((part) => [part, of(part)])) as unknown as Use;

const HOURS = 24;
const MINUTES = 60;

/** The jobs of a minute and of an hour, when there is nothing new for them, times those of a day. */
async function quietDayOf(stage: StagedWorker): Promise<Use> {
  const minute = () => stage.post("cron");
  const hour = () => stage.post("cron?schedule=17+*+*+*+*");
  await minute();
  await hour();
  await minute();
  const [ofMinute, ofHour] = [await usedBy(stage, minute), await usedBy(stage, hour)];
  // A schedule is an invocation, too.
  return mapUse(
    (part) => HOURS * (MINUTES * ofMinute[part] + ofHour[part]) + (part === "requests" ? HOURS * (MINUTES + 1) : 0),
  );
}

// A petition of half a year, and what is kept of it for a year more.
const DAYS_AFTERWARDS = 800;
const DAY_MS = 86_400_000;
// A day's work is done when its jobs have nothing left to write, or nearly: some write each time.
const RUNS_AT_MOST = 50;
const IDLE_ROWS = 3;

/** Lets days pass, each with its housekeeping: every day at first, then every tenth. */
async function pass(stage: StagedWorker, days: number): Promise<void> {
  const written = async () => (await stage.state()).counted.d1_rows_written;
  for (let day = 0; day < days; ) {
    const step = day < 60 ? 1 : 10;
    await stage.jumps(step * DAY_MS);
    day += step;
    for (let run = 0, before = -1; run < RUNS_AT_MOST && (await written()) - before > IDLE_ROWS; run++) {
      before = await written();
      await stage.post("cron?schedule=17+*+*+*+*");
      await stage.post("cron");
    }
  }
}

function costOf(facts: {
  people: number;
  together: Use;
  alone: Use;
  quietDay: Use;
  bytesEach: number;
  perSecond: number;
  rowsAfterwards: number | undefined;
}): Cost {
  const each = mapUse((part) => facts.together[part] / facts.people);
  const dollars = mapUse((part) => each[part] * PER_MILLION[part]);
  const oneByOne = mapUse((part) => facts.alone[part] / ALONE);
  const withoutMail = (use: Use) =>
    PARTS.reduce((total, part) => total + (part === "mails" ? 0 : use[part] * PER_MILLION[part]), 0);
  const freeWith = (use: Use) =>
    Math.floor(
      Math.min(
        ...(Object.keys(FREE_A_DAY) as (keyof typeof FREE_A_DAY)[]).map(
          (part) => Math.max(FREE_A_DAY[part] - facts.quietDay[part], 0) / use[part],
        ),
      ),
    );
  return {
    signatures: facts.people,
    each,
    quietDay: facts.quietDay,
    dollars,
    withoutMail: withoutMail(each),
    withoutMailOneByOne: withoutMail(oneByOne),
    freeADay: freeWith(each),
    freeADayOneByOne: freeWith(oneByOne),
    bytesEach: facts.bytesEach,
    rowsAfterwards: facts.rowsAfterwards,
    perSecond: facts.perSecond,
  };
}

/** The printed table. */
export const costRows = ({ each, dollars, quietDay }: Cost) =>
  PARTS.map((part) => ({
    part,
    "a signature": rounded(each[part], 2),
    "USD a million": PER_MILLION[part],
    "USD a million signatures": rounded(dollars[part], 2),
    "a quiet day": Math.round(quietDay[part]),
  }));

/** Targets about cost. */
export const costTargets = (cost: Cost): Target[] => [
  judged("rows written a signature, mail included", "at most", 7.5, cost.each.d1_rows_written),
  judged("USD a million verified, without mail", "at most", 15, cost.withoutMail),
];
