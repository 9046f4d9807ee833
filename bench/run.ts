import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { load, type Measured, middle, type Shot } from "./load.ts";
import { openStage, type Stage } from "./stage.ts";
import { type BenchPetition, pendingTokens, petitionWith, sealedSubmissions } from "./town.ts";

const quick = process.argv.includes("--quick");
const ROUNDS = quick ? 3 : 5;
const SECONDS = quick ? 2 : 5;
const SIGNATURES = quick ? 1_000 : 100_000;
const DRAIN = quick ? 3_000 : 10_000;

/** An address of its own for each request, so that no limit is met. */
function anyAddress(): string {
  const group = () => Math.floor(Math.random() * 0x10000).toString(16);
  return `2001:db8:${group()}:${group()}::1`;
}

/** What is compared with what, and how much of it must be left. */
interface Target {
  readonly name: string;
  readonly limit: number;
  readonly measured: number;
  readonly holds: boolean;
}

const stage = await openStage();
const targets: Target[] = [];
const rows: Record<string, Measured> = {};
try {
  say(`one workerd, ${cpus().length} cores, 16 connections, ${SIGNATURES} signatures on the petition`);
  const petition = await petitionWith(stage.db, SIGNATURES);
  await reads(petition);
  await signing(petition);
  await verifying(petition);
  await draining(petition);
  await report(stage);
} finally {
  await stage.close();
}

async function reads({ id }: BenchPetition): Promise<void> {
  const get =
    (path: string): Shot =>
    () => ({ method: "GET", path });
  for (const [name, path] of [
    ["count", `/v1/petitions/${id}/count`],
    ["read one", `/v1/petitions/${id}`],
    ["list", "/v1/petitions"],
  ] as const) {
    await compare(`${name} ÷ bare GET`, 0.9, get(path), get("/bare"));
  }
}

async function signing({ id }: BenchPetition): Promise<void> {
  const shot =
    (path: string): Shot =>
    () => ({
      method: "POST",
      path,
      body: JSON.stringify({
        name: "Mara Quill",
        email: `${crypto.randomUUID()}@example.org`,
        postcode: "BW1 1AA",
        eligible: true,
      }),
      headers: { "Content-Type": "application/json", "CF-Connecting-IP": anyAddress() },
    });
  const sign = shot(`/v1/petitions/${id}/signatures`);
  await compare("sign ÷ bare route with the same two calls", 0.8, sign, shot("/bare/calls"));
  await compare("sign ÷ bare route that inserts into D1", 1.2, sign, shot("/bare/insert"));
}

async function verifying(petition: BenchPetition): Promise<void> {
  const many = Math.ceil(ROUNDS * SECONDS * 700);
  const tokens = await pendingTokens(stage.db, petition, many);
  const ids = Array.from({ length: many }, () => crypto.randomUUID());
  for (let at = 0; at < many; at += 500) {
    await stage.db
      .prepare("INSERT INTO bare_rows (id, body) SELECT value, 'x' FROM json_each(?)")
      .bind(JSON.stringify(ids.slice(at, at + 500)))
      .run();
  }
  let token = 0;
  let row = 0;
  const post = (path: string, body: object) => ({
    method: "POST" as const,
    path,
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "CF-Connecting-IP": anyAddress() },
  });
  await compare(
    "verify ÷ bare two-statement batch",
    0.7,
    () => post("/v1/verifications", { token: tokens[token++ % many] }),
    () => post("/bare/verify", { id: ids[row++ % many] }),
  );
}

async function draining(petition: BenchPetition): Promise<void> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < Math.min(ROUNDS, 3); round++) {
    const messages = await sealedSubmissions(petition, DRAIN);
    theirs.push(await drain("bare", messages, "SELECT count(*) AS n FROM bare_rows"));
    ours.push(
      await drain("intake", messages, `SELECT pending AS n FROM petition_tallies WHERE petition_no = ${petition.no}`),
    );
    say(`drain, round ${round + 1}: ${Math.round(ours.at(-1) ?? 0)}/s, bare ${Math.round(theirs.at(-1) ?? 0)}/s`);
  }
  judge(
    "intake drain ÷ bare multi-row insert, through the queue",
    0.6,
    middle(ours.map((rate, n) => rate / (theirs[n] ?? 1))),
  );
}

/** Signatures a second from the first message sent to the last row written. */
async function drain(queue: "bare" | "intake", messages: readonly unknown[], count: string): Promise<number> {
  const read = async () => (await stage.db.prepare(count).first<number>("n")) ?? 0;
  const before = await read();
  const begun = performance.now();
  for (let at = 0; at < messages.length; at += 100) {
    const body = JSON.stringify(messages.slice(at, at + 100));
    await fetch(`${stage.url}/bench/enqueue/${queue}`, { method: "POST", body });
  }
  const deadline = begun + 120_000;
  while ((await read()) < before + messages.length) {
    if (performance.now() > deadline) throw new Error(`the ${queue} queue did not drain within 120 s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return (messages.length / (performance.now() - begun)) * 1000;
}

/** Loads ours and the bare one in turn, so that a machine that slows down slows both. */
async function compare(name: string, limit: number, ours: Shot, bare: Shot): Promise<void> {
  const ratios: number[] = [];
  await load(stage.url, ours, 1);
  await load(stage.url, bare, 1);
  for (let round = 0; round < ROUNDS; round++) {
    const theirs = await load(stage.url, bare, SECONDS);
    const measured = await load(stage.url, ours, SECONDS);
    ratios.push(measured.perSecond / theirs.perSecond);
    rows[name] = measured;
    say(`${name}, round ${round + 1}: ${Math.round(measured.perSecond)}/s, bare ${Math.round(theirs.perSecond)}/s`);
  }
  judge(name, limit, middle(ratios));
}

function judge(name: string, limit: number, measured: number): void {
  targets.push({ name, limit, measured: Math.round(measured * 1000) / 1000, holds: measured >= limit });
}

async function report({ db }: Stage): Promise<void> {
  const database = await db.prepare("SELECT count(*) AS n FROM signatures").first<number>("n");
  mkdirSync("bench-results", { recursive: true });
  const machine = { cores: cpus().length, model: cpus()[0]?.model, node: process.version };
  const result = { at: new Date().toISOString(), quick, machine, signatures: database, targets, loads: rows };
  writeFileSync("bench-results/latest.json", `${JSON.stringify(result, null, 2)}\n`);
  console.table(
    targets.map(({ name, limit, measured, holds }) => ({ target: name, "at least": limit, measured, holds })),
  );
  console.table(
    Object.entries(rows).map(([name, { perSecond, median, p99 }]) => ({
      load: name,
      "a second": Math.round(perSecond),
      "median ms": median,
      "p99 ms": p99,
    })),
  );
  console.log("bench-results/latest.json has it all. Ratios are of this run; absolute figures are this machine's.");
}

function say(line: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
}
