import { Random } from "../../scripts/demo/random.ts";
import { say } from "../report.ts";
import { seedReference } from "../seed.ts";
import { openStage } from "../stage.ts";
import { petitionWith } from "../town.ts";
import type { Arrivals } from "./arrivals.ts";
import { closeBooks } from "./close-books.ts";
import { Crowd, type Met } from "./crowd.ts";
import { NOTHING_BROKEN } from "./faults.ts";
import type { Ledger } from "./ledger.ts";
import { type Mailbox, openMailbox } from "./mailbox.ts";
import { drawPeople, type Person } from "./person.ts";
import { type Counted, StagedWorker } from "./staged-worker.ts";
import { brokenAt, deathsIn, KILLS, killsIn, mailsExcusedAt, senderFailsAt } from "./trouble.ts";

/** What a replay is asked for. */
export interface ReplayOptions {
  readonly arrivals: Arrivals;
  /** Seconds of the curve a second. */
  readonly speed: number;
  readonly seed: number;
}

/** What it has shown. */
export interface Replayed extends Ledger {
  readonly seconds: number;
  /** By how many seconds arrivals were late at most, because the machine could not keep up. */
  readonly lateSeconds: number;
  readonly met: Met;
  readonly counted: Counted;
  readonly kills: number;
  readonly senderRefused: number;
}

/** Parts of the curve: the clock moves on, and the jobs of a minute run, between one and the next. */
const STEPS = 48;
const TOLD_EVERY = 8;
const POLLED_EVERY_MS = 100;

/** Replays arrivals against a stage of its own while things break, and gives the ledger. */
export async function replay(options: ReplayOptions): Promise<Replayed> {
  const random = new Random(options.seed);
  const people = drawPeople(options.arrivals.at.length, random);
  const trouble = { sender: false };
  let deliver: Crowd["gets"] = () => undefined;
  const mailbox = await openMailbox(
    (mail) => deliver(mail),
    () => trouble.sender && random.chance(1 / 3),
  );
  const vars = { MAILBOX: mailbox.url, SEED: String(options.seed) };
  const worker = new StagedWorker(await openStage({ entry: "bench/viral/worker.ts", vars, maxRetries: 100 }));
  try {
    await seedReference(worker.db);
    const petition = await petitionWith(worker.db, 0);
    const crowd = new Crowd(() => worker.url, petition.id);
    deliver = (mail) => crowd.gets(mail);
    const begun = performance.now();
    const lateSeconds = await playCurve({ options, people, worker, crowd, trouble });
    await comeToRest(worker, crowd);
    const seconds = (performance.now() - begun) / 1000;
    return { ...(await closeBooks(worker, crowd, petition)), seconds, lateSeconds, ...totals(crowd, mailbox) };
  } finally {
    await worker.close();
    await mailbox.close();
  }
}

const totals = ({ met }: Crowd, { refused }: Mailbox) => ({ met, kills: KILLS.length, senderRefused: refused() });

/** Lets people come by the curve; gives by how many seconds they were late at most. */
async function playCurve(stage: {
  options: ReplayOptions;
  people: readonly Person[];
  worker: StagedWorker;
  crowd: Crowd;
  trouble: { sender: boolean };
}): Promise<number> {
  const { options, people, worker, crowd, trouble } = stage;
  const { arrivals, speed } = options;
  const begun = performance.now();
  const passed = () => ((performance.now() - begun) / 1000) * speed;
  const readers = setInterval(() => void crowd.polls(), POLLED_EVERY_MS);
  let lateSeconds = 0;
  let next = 0;
  try {
    for (let step = 0; step < STEPS; step++) {
      const part = step / STEPS;
      const span = [part, part + 1 / STEPS] as const;
      await worker.reaches(part * arrivals.lasts * 1000 - (performance.now() - begun));
      trouble.sender = senderFailsAt(part);
      await excuseMails(worker, crowd, mailsExcusedAt(part));
      await worker.post("faults", brokenAt(part));
      for (const queue of deathsIn(span)) await worker.post(`death/${queue}`);
      if (killsIn(span)) {
        await killAtRest(worker, crowd);
        await worker.post("faults", brokenAt(part));
      }
      crowd.triesAgain();
      await worker.post("cron");
      for (; (arrivals.at[next] ?? Number.POSITIVE_INFINITY) < span[1] * arrivals.lasts; next++) {
        const due = arrivals.at[next] as number;
        await pause(((due - passed()) / speed) * 1000);
        lateSeconds = Math.max(lateSeconds, (passed() - due) / speed);
        crowd.arrives(people[next] as Person);
      }
      if (step % TOLD_EVERY === TOLD_EVERY - 1) say(`${Math.round(span[1] * 100)} % of the curve, ${next} have come`);
    }
  } finally {
    clearInterval(readers);
  }
  await worker.post("faults", NOTHING_BROKEN);
  trouble.sender = false;
  return lateSeconds;
}

/** What the database spoiled is over when everything has come to rest, however long the machine takes for it. */
async function excuseMails(worker: StagedWorker, crowd: Crowd, excused: boolean): Promise<void> {
  if (crowd.mailsExcused && !excused) {
    await worker.post("faults", NOTHING_BROKEN);
    await comeToRest(worker, crowd);
  }
  crowd.mailsExcused = excused;
}

/** Waits until the queues are empty, which would lose what is in them, ends workerd at once, and starts it anew. */
async function killAtRest(worker: StagedWorker, crowd: Crowd): Promise<void> {
  crowd.pauses();
  await until(async () => crowd.busy === 0 && (await worker.state()).waiting === 0);
  await worker.kill();
  crowd.goesOn();
}

const MINUTE_MS = 60_000;
// What failed comes again after minutes, then after up to an hour.
const SOON = 3;
const MOST_TURNS = 100;

/** The clock jumps on until nothing is left to be done. */
async function comeToRest(worker: StagedWorker, crowd: Crowd): Promise<void> {
  let quiet = 0;
  for (let turn = 0; quiet < 2; turn++) {
    if (turn > MOST_TURNS) throw new Error("the replay does not come to rest");
    await worker.jumps(turn < SOON ? 2 * MINUTE_MS : 30 * MINUTE_MS);
    crowd.triesAgain();
    await worker.post("cron");
    await until(async () => (await worker.state()).waiting === 0 && crowd.busy === 0);
    const waiting = await worker.db.prepare("SELECT count(*) AS n FROM outbox WHERE state = 'waiting'").first("n");
    quiet = waiting === 0 && crowd.open === 0 ? quiet + 1 : 0;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)));

// A machine that is busy with other things must come to an end too.
const MOST_MS = 300_000;

/** Waits for a condition. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const begun = performance.now();
  while (!(await condition())) {
    if (performance.now() - begun > MOST_MS) throw new Error("the condition does not come about");
    await pause(20);
  }
}
