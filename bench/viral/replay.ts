import { Random } from "../../scripts/demo/random.ts";
import { say } from "../report.ts";
import { checkTallies, seedReference } from "../seed.ts";
import { openStage, type Stage } from "../stage.ts";
import { petitionWith } from "../town.ts";
import { workerdPid } from "../workerd.ts";
import type { Arrivals } from "./arrivals.ts";
import type { counted } from "./counted-bindings.ts";
import { Crowd, type Met } from "./crowd.ts";
import { type Broken, NOTHING_BROKEN } from "./faults.ts";
import { balance, type Ledger, type LedgerRow } from "./ledger.ts";
import { openMailbox } from "./mailbox.ts";
import { drawPeople } from "./person.ts";

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

type Counted = Record<keyof typeof counted, number>;

/** Parts of the curve: the clock moves on, and the jobs of a minute run, between one and the next. */
const STEPS = 48;

/** What is broken during which part of the curve. */
const SENDER_FAILS = [0.2, 0.45] as const;
const DATABASE_DOWN = [0.5, 0.57] as const;
const DATABASE_FLAKY = [0.57, 0.67] as const;
const REPEATS = [0.05, 0.95] as const;
const REPEATED = 0.1;
const DEATHS: readonly (readonly [at: number, queue: "intake" | "mail"])[] = [
  [0.15, "intake"],
  [0.3, "mail"],
  [0.7, "intake"],
  [0.75, "mail"],
];
const KILLS: readonly number[] = [0.48, 0.85];

const within = (part: number, [from, to]: readonly [number, number]): boolean => part >= from && part < to;

/** Replays arrivals against a stage of its own while things break, and gives the ledger. */
export async function replay(options: ReplayOptions): Promise<Replayed> {
  const random = new Random(options.seed);
  const people = drawPeople(options.arrivals.at.length, random);
  const state = { sender: false, crowd: undefined as Crowd | undefined };
  const mailbox = await openMailbox(
    (mail) => state.crowd?.gets(mail),
    () => state.sender && random.chance(1 / 3),
  );
  const vars = { MAILBOX: mailbox.url, SEED: String(options.seed) };
  let stage = await openStage({ entry: "bench/viral/worker.ts", vars, maxRetries: 100 });
  const lives: Counted[] = [];
  let skew = 0;
  const clock = () => post(stage, "clock", { skew });
  try {
    await seedReference(stage.db);
    const petition = await petitionWith(stage.db, 0);
    const crowd = new Crowd(() => stage.url, petition.id);
    state.crowd = crowd;
    const begun = performance.now();
    const passed = () => ((performance.now() - begun) / 1000) * options.speed;
    let lateSeconds = 0;
    let next = 0;
    const reader = setInterval(() => void crowd.polls(), 100);
    for (let step = 0; step < STEPS; step++) {
      const part = step / STEPS;
      const begins = part * options.arrivals.lasts;
      const ends = begins + options.arrivals.lasts / STEPS;
      skew = Math.max(skew, Math.round(begins * 1000 - (performance.now() - begun)));
      await clock();
      state.sender = within(part, SENDER_FAILS);
      await post(stage, "faults", brokenAt(part));
      for (const [at, queue] of DEATHS) if (within(at, [part, part + 1 / STEPS])) await post(stage, `death/${queue}`);
      if (KILLS.some((at) => within(at, [part, part + 1 / STEPS]))) {
        await killed();
        await clock();
      }
      crowd.triesAgain();
      await post(stage, "cron");
      for (; (options.arrivals.at[next] ?? Number.POSITIVE_INFINITY) < ends; next++) {
        const due = options.arrivals.at[next] as number;
        await pause(((due - passed()) / options.speed) * 1000);
        lateSeconds = Math.max(lateSeconds, (passed() - due) / options.speed);
        const person = people[next];
        if (person) crowd.arrives(person);
      }
      if (step % 8 === 7) say(`${Math.round((part + 1 / STEPS) * 100)} % of the curve, ${next} have come`);
    }
    await post(stage, "faults", NOTHING_BROKEN);
    state.sender = false;
    await settle(crowd);
    clearInterval(reader);
    await crowd.polls();
    const seconds = (performance.now() - begun) / 1000;
    lives.push((await stateOf(stage)).counted);
    const total = sumOf(lives);
    const deaths = total.deaths + total.mail_turns_lost + KILLS.length;
    const ledger = balance({ ...crowd.facts(), rows: await rowsOf(stage.db, petition.no), deaths });
    const wrong = [...ledger.wrong, ...(await wrongCounts(stage, petition, crowd.met))];
    const others = { seconds, lateSeconds, met: crowd.met, counted: total, kills: KILLS.length };
    return { ...ledger, ...others, senderRefused: mailbox.refused(), wrong };

    /** Waits until the queues are empty, which would lose what is in them, ends workerd at once, and starts it anew. */
    async function killed(): Promise<void> {
      crowd.pauses();
      clearInterval(reader);
      await until(async () => crowd.busy === 0 && (await stateOf(stage)).waiting === 0);
      lives.push((await stateOf(stage)).counted);
      process.kill(workerdPid(), "SIGKILL");
      await stage.stop();
      stage = await stage.restart();
      await post(stage, "faults", brokenAt(KILLED_PART));
      crowd.goesOn();
    }

    /** The clock jumps on until nothing is left to be done. */
    async function settle(everybody: Crowd): Promise<void> {
      let quiet = 0;
      for (let turn = 0; quiet < 2; turn++) {
        if (turn > MOST_TURNS) throw new Error("the replay does not come to rest");
        skew += turn < 3 ? 2 * MINUTE_MS : 30 * MINUTE_MS;
        await clock();
        everybody.triesAgain();
        await post(stage, "cron");
        await until(async () => (await stateOf(stage)).waiting === 0 && everybody.busy === 0);
        const waiting = await stage.db.prepare("SELECT count(*) AS n FROM outbox WHERE state = 'waiting'").first("n");
        quiet = waiting === 0 && everybody.open === 0 ? quiet + 1 : 0;
      }
    }
  } finally {
    await stage.close();
    await mailbox.close();
  }
}

const MINUTE_MS = 60_000;
const MOST_TURNS = 100;
const KILLED_PART = 0;

const brokenAt = (part: number): Broken => ({
  repeats: within(part, REPEATS) ? REPEATED : 0,
  reorders: within(part, REPEATS),
  database: within(part, DATABASE_DOWN) ? "down" : within(part, DATABASE_FLAKY) ? "flaky" : "up",
});

async function wrongCounts({ db, url }: Stage, petition: { id: string; no: number }, met: Met): Promise<string[]> {
  const wrong: string[] = [];
  await checkTallies(db).catch(() => wrong.push("a tally differs from a recount"));
  const letters = await db.prepare("SELECT count(*) AS n FROM dead_letters").first<number>("n");
  if (letters !== 0) wrong.push(`${letters} messages ended as dead letters`);
  if (met.refused > 0) wrong.push(`${met.refused} submissions were not accepted`);
  if (met.falls > 0) wrong.push(`readers saw the count fall ${met.falls} times`);
  const answer = await fetch(`${url}/v1/petitions/${petition.id}/count`);
  const { verified } = (await answer.json()) as { verified: number };
  const tally = await db
    .prepare("SELECT verified FROM petition_tallies WHERE petition_no = ?")
    .bind(petition.no)
    .first<number>("verified");
  if (verified !== tally) wrong.push(`the public count says ${verified}, the tally ${tally}`);
  return wrong;
}

async function rowsOf(db: D1Database, no: number): Promise<LedgerRow[]> {
  const { results } = await db
    .prepare(
      `SELECT lower(hex(submission)) AS submission, state, hold, verified_at IS NOT NULL AS verified
       FROM signatures WHERE petition_no = ?`,
    )
    .bind(no)
    .all<LedgerRow>();
  return results;
}

/** Sets something of the Worker under replay. */
export async function post({ url }: Stage, path: string, body: unknown = {}): Promise<void> {
  const answer = await fetch(`${url}/bench/${path}`, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
}

/** What the Worker under replay says of itself. */
export async function stateOf({ url }: Stage): Promise<{ waiting: number; counted: Counted }> {
  return (await (await fetch(`${url}/bench/state`)).json()) as { waiting: number; counted: Counted };
}

const sumOf = (lives: readonly Counted[]): Counted =>
  lives.reduce((sum, life) => {
    for (const name of Object.keys(life) as (keyof Counted)[]) sum[name] = (sum[name] ?? 0) + life[name];
    return sum;
  }, {} as Counted);

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
