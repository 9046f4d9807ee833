import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { jsonHeaders, load, type Shot } from "./load.ts";
import { judged, middle, rounded, say, type Target } from "./report.ts";
import { openStage } from "./stage.ts";
import { petitionWith } from "./town.ts";
import { residentMiB, workerdPid } from "./workerd.ts";

/** What a deployment weighs, and what it takes to start it and to keep it. */
export interface StartAndSize {
  /** Thousands of bytes. */
  readonly bundleKb: number;
  readonly gzippedKb: number;
  /** Milliseconds from nothing to workerd's first answer, and of an empty Worker. */
  readonly firstAnswerMs: number;
  readonly emptyFirstAnswerMs: number;
  /** Milliseconds that V8 takes to load and run the script, in Node. */
  readonly evaluationMs: number;
  /** Resident MiB of workerd, database and queues included; and with an empty Worker. */
  readonly atRestMiB: number;
  readonly underLoadMiB: number;
  readonly emptyMiB: number;
}

const STARTS = 3;
const EMPTY = "export default { fetch: () => new Response('ok') };";

/** Measures them. `seconds`: of load for the memory. */
export async function measureStartAndSize(seconds: number): Promise<StartAndSize> {
  const bundle = deployedBundle();
  const evaluationMs = middle(Array.from({ length: STARTS }, () => evaluation(bundle)));
  const empty = [];
  for (let n = 0; n < STARTS; n++) empty.push(await firstAnswer());
  const stage = await openStage();
  try {
    const ours = [];
    let running = stage;
    for (let n = 0; n < STARTS; n++) {
      await running.stop();
      const begun = performance.now();
      running = await running.restart();
      await (await fetch(`${running.url}/health`)).arrayBuffer();
      ours.push(performance.now() - begun);
    }
    const atRestMiB = residentMiB(workerdPid());
    const petition = await petitionWith(running.db, 0);
    const sign: Shot = () => ({
      method: "POST",
      path: `/v1/petitions/${petition.id}/signatures`,
      body: JSON.stringify({ name: "Mara Quill", email: `${crypto.randomUUID()}@example.org`, eligible: true }),
      headers: jsonHeaders(),
    });
    const memory: number[] = [];
    const watch = setInterval(() => memory.push(residentMiB(workerdPid())), 200);
    await load(running.url, sign, seconds);
    clearInterval(watch);
    say("measured size, start and memory");
    await running.stop();
    return {
      bundleKb: rounded(bundle.length / 1000, 0),
      gzippedKb: rounded(gzipSync(bundle).length / 1000, 1),
      firstAnswerMs: Math.round(middle(ours)),
      emptyFirstAnswerMs: Math.round(middle(empty.map(({ ms }) => ms))),
      evaluationMs: Math.round(evaluationMs),
      atRestMiB: Math.round(atRestMiB),
      underLoadMiB: Math.round(Math.max(...memory)),
      emptyMiB: Math.round(middle(empty.map(({ memory: used }) => used))),
    };
  } finally {
    await stage.close();
  }
}

/** What wrangler would upload for the municipality. */
function deployedBundle(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "folkmoot-size-"));
  try {
    execFileSync("wrangler", ["deploy", "--dry-run", "--env", "production", "--outdir", folder], {
      stdio: "ignore",
      env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
    });
    return readFileSync(join(folder, "index.js"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds in which a fresh Node loads and runs the script; what workerd has beside the standard is stood in for. */
function evaluation(bundle: Buffer): number {
  const folder = mkdtempSync(join(tmpdir(), "folkmoot-start-"));
  try {
    writeFileSync(join(folder, "index.mjs"), bundle);
    writeFileSync(
      join(folder, "workers.mjs"),
      "export class DurableObject {}; export class WorkerEntrypoint {}; export const env = {};",
    );
    writeFileSync(join(folder, "time.mjs"), TIME);
    return Number(execFileSync(process.execPath, [join(folder, "time.mjs")], { encoding: "utf8" }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const TIME = `import { registerHooks } from "node:module";
const workers = new URL("workers.mjs", import.meta.url).href;
registerHooks({
  resolve: (name, context, next) => name.startsWith("cloudflare:") ? { url: workers, shortCircuit: true } : next(name, context),
});
const begun = performance.now();
await import("./index.mjs");
console.log(performance.now() - begun);
process.exit();
`;

/** An empty Worker's first answer, and its memory. */
async function firstAnswer(): Promise<{ ms: number; memory: number }> {
  const begun = performance.now();
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({ host: "127.0.0.1", port: 0, modules: true, script: EMPTY }),
  );
  try {
    const { origin } = await miniflare.ready;
    await (await fetch(origin)).arrayBuffer();
    return { ms: performance.now() - begun, memory: residentMiB(workerdPid()) };
  } finally {
    await miniflare.dispose();
  }
}

/** The printed table. */
export const startRows = (found: StartAndSize) => [
  { what: "bundle, kB", ours: found.bundleKb, "an empty Worker": "" },
  { what: "bundle gzipped, kB", ours: found.gzippedKb, "an empty Worker": "" },
  { what: "script evaluation in V8, ms", ours: found.evaluationMs, "an empty Worker": "" },
  { what: "nothing to first answer, ms", ours: found.firstAnswerMs, "an empty Worker": found.emptyFirstAnswerMs },
  { what: "memory at rest, MiB", ours: found.atRestMiB, "an empty Worker": found.emptyMiB },
  { what: "memory under load, MiB", ours: found.underLoadMiB, "an empty Worker": "" },
];

/** The target about size. */
export const sizeTarget = ({ gzippedKb }: StartAndSize): Target =>
  judged("bundle, gzipped, kB", "at most", 150, gzippedKb);
