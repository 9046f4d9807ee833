import { jsonHeaders, load, type Measured, type Shot } from "./load.ts";
import { openStage, type Stage } from "./stage.ts";
import { type BenchPetition, pendingTokens, petitionWith } from "./town.ts";

// Takes a tenth of a large petition out, and gives it back, while people go on verifying: no request may fail, and in the
// end every tally must equal a recount.

const quick = process.argv.includes("--quick");
const SIGNATURES = quick ? 20_000 : 1_000_000;
const TOKENS = quick ? 20_000 : 200_000;

const HEADERS = { Authorization: "Bearer fm_staff_local", "Content-Type": "application/json" };

interface Run {
  readonly id: string;
  readonly state: string;
  readonly invalidated: number;
  readonly restored: number;
}

const stage = await openStage();
try {
  const petition = await petitionWith(stage.db, SIGNATURES);
  // A sixteenth at once: one statement over a million rows would outlast the connection.
  for (const from of "0123456789abcdef") {
    await stage.db
      .prepare(
        `UPDATE signatures SET network_hash = x'aa00000000000001' WHERE petition_no = ?
          AND email_hash BETWEEN unhex(?) AND unhex(?) AND person_hash % 10 = 0`,
      )
      .bind(petition.no, `${from}000000000000000`, `${from}fffffffffffffff`)
      .run();
  }
  const tokens = await pendingTokens(stage.db, petition, TOKENS);
  let token = 0;
  const verify: Shot = () => ({
    method: "POST",
    path: "/v1/verifications",
    body: JSON.stringify({ token: tokens[token++ % TOKENS] }),
    headers: jsonHeaders(),
  });
  const alone = await load(stage.url, verify, quick ? 2 : 5);
  const where = { petition: petition.id, network: "digest:aa00000000000001" };
  const dry = await timed(() => staff<{ matches: number }>("POST", "/invalidations", { where, dry_run: true }));
  const taken = await meanwhile(() => staff<Run>("POST", "/invalidations", { where, reason: "bots" }), verify);
  const wrong = await differences(stage, petition);
  const given = await meanwhile(() => staff<Run>("POST", `/invalidations/${taken.run.id}/undo`), verify);
  wrong.push(...(await differences(stage, petition)));
  report({ alone, dry, taken, given, wrong });
} finally {
  await stage.close();
}

async function staff<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(`${stage.url}/v1/admin${path}`, { method, headers: HEADERS, ...init });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
  return (await answer.json()) as Answer;
}

async function timed<Value>(work: () => Promise<Value>): Promise<{ value: Value; seconds: number }> {
  const begun = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - begun) / 1000 };
}

/** Begins an act, and loads the service until it is over; `load` throws when a request fails. */
async function meanwhile(
  begin: () => Promise<Run>,
  shot: Shot,
): Promise<{ run: Run; seconds: number; loads: Measured[] }> {
  const loads: Measured[] = [];
  const { value, seconds } = await timed(async () => {
    let run = await begin();
    while (run.state === "running" || run.state === "undoing") {
      loads.push(await load(stage.url, shot, 1));
      run = await staff<Run>("GET", `/invalidations/${run.id}`);
    }
    return run;
  });
  return { run: value, seconds, loads };
}

/** What a recount finds that the tallies don't say. */
async function differences({ db }: Stage, { no }: BenchPetition): Promise<string[]> {
  const counted = "state = 'verified' AND hold IS NULL";
  const pairs = {
    total: [
      "SELECT pending, verified, invalidated FROM petition_tallies WHERE petition_no = ?",
      `SELECT sum(state = 'pending') AS pending, sum(${counted}) AS verified, sum(state = 'invalidated') AS invalidated FROM signatures WHERE petition_no = ?`,
    ],
    hours: [
      "SELECT hour, verified FROM hour_tallies WHERE petition_no = ? AND verified > 0 ORDER BY 1",
      `SELECT verified_hour AS hour, count(*) AS verified FROM signatures WHERE petition_no = ? AND ${counted} GROUP BY 1 ORDER BY 1`,
    ],
    reasons: [
      "SELECT reason, invalidated FROM invalidation_tallies WHERE petition_no = ? AND invalidated > 0 ORDER BY 1",
      "SELECT invalidated_reason AS reason, count(*) AS invalidated FROM signatures WHERE petition_no = ? AND state = 'invalidated' GROUP BY 1 ORDER BY 1",
    ],
  };
  const wrong: string[] = [];
  for (const [name, statements] of Object.entries(pairs)) {
    const [kept, recounted] = await db.batch(statements.map((sql) => db.prepare(sql).bind(no)));
    if (JSON.stringify(kept?.results) !== JSON.stringify(recounted?.results)) wrong.push(name);
  }
  return wrong;
}

type Phase = Awaited<ReturnType<typeof meanwhile>>;

function report(found: {
  alone: Measured;
  dry: { value: { matches: number }; seconds: number };
  taken: Phase;
  given: Phase;
  wrong: string[];
}): void {
  const { alone, dry, taken, given, wrong } = found;
  const row = (signatures: number, seconds: number, loads: readonly Measured[]) => ({
    signatures,
    seconds: Math.round(seconds * 10) / 10,
    "verified a second meanwhile": Math.round(loads.reduce((sum, { perSecond }) => sum + perSecond, 0) / loads.length),
    "median ms": Math.max(...loads.map(({ median }) => median)),
    "worst p99 ms": Math.max(...loads.map(({ p99 }) => p99)),
  });
  console.log(`A petition of ${SIGNATURES} signatures, one in ten from one network.`);
  console.table({
    "nothing else": row(0, 0, [alone]),
    "dry run": { signatures: dry.value.matches, seconds: Math.round(dry.seconds * 10) / 10 },
    "taking out": row(taken.run.invalidated, taken.seconds, taken.loads),
    "giving back": row(given.run.restored, given.seconds, given.loads),
  });
  console.log(wrong.length === 0 ? "Every tally equals a recount; no request failed." : `WRONG: ${wrong.join(", ")}`);
  if (wrong.length > 0) process.exitCode = 1;
}
