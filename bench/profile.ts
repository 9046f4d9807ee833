// What `npm run bench:profile` runs: where the CPU's time goes while people sign, while submissions are recorded, and while
// people verify. The code is the deployed one but for its names, which are left as they are written.
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { connectInspector, type Profile } from "./inspector.ts";
import { jsonHeaders, load, type Shot } from "./load.ts";
import { rounded, say, table } from "./report.ts";
import { openStage } from "./stage.ts";
import { pendingTokens, petitionWith, sealedSubmissions } from "./town.ts";

const quick = process.argv.includes("--quick");
const SECONDS = quick ? 2 : 10;
const SHOWN = 20;
const PERSON = { name: "Mara Quill", postcode: "BW1 1AA", eligible: true };

const inspectorPort = await freePort();
say("bundling with names, starting one workerd with its inspector");
const stage = await openStage({ readable: true, inspectorPort });
try {
  const petition = await petitionWith(stage.db, 1_000);
  const inspector = await connectInspector(inspectorPort);
  const fileOf = filesIn(readFileSync(stage.script, "utf8"));
  const sign: Shot = () => ({
    method: "POST",
    path: `/v1/petitions/${petition.id}/signatures`,
    body: JSON.stringify({ ...PERSON, email: `${crypto.randomUUID()}@example.org` }),
    headers: jsonHeaders(),
  });
  const tokens = await pendingTokens(stage.db, petition, SECONDS * 900);
  let used = 0;
  const verify: Shot = () => ({
    method: "POST",
    path: "/v1/verifications",
    body: JSON.stringify({ token: tokens[used++ % tokens.length] }),
    headers: jsonHeaders(),
  });
  const count: Shot = () => ({ method: "GET", path: `/v1/petitions/${petition.id}/count` });
  const loads: Readonly<Record<string, () => Promise<number>>> = {
    sign: async () => (await load(stage.url, sign, SECONDS)).perSecond * SECONDS,
    intake: () => record(SECONDS * 300),
    verify: async () => (await load(stage.url, verify, SECONDS)).perSecond * SECONDS,
    count: async () => (await load(stage.url, count, SECONDS)).perSecond * SECONDS,
  };
  for (const [name, work] of Object.entries(loads)) {
    await inspector.start();
    const times = await work();
    tell(name, times, await inspector.stop(), fileOf);
  }
  inspector.close();

  /** Lets the INTAKE queue record so many submissions. */
  async function record(many: number): Promise<number> {
    const messages = await sealedSubmissions(petition, many);
    const pending = async () =>
      (await stage.db.prepare("SELECT sum(pending) AS n FROM petition_tallies").first<number>("n")) ?? 0;
    const before = await pending();
    for (let at = 0; at < many; at += 100) {
      const body = JSON.stringify(messages.slice(at, at + 100));
      await fetch(`${stage.url}/bench/enqueue/intake`, { method: "POST", body });
    }
    while ((await pending()) < before + many) await new Promise((resolve) => setTimeout(resolve, 20));
    return many;
  }
} finally {
  await stage.close();
}

/** Prints the functions in which most time was spent, and the files. */
function tell(name: string, times: number, { nodes, samples, timeDeltas }: Profile, fileOf: (line: number) => string) {
  const at = new Map(nodes.map((node) => [node.id, node]));
  const functions = new Map<string, number>();
  const files = new Map<string, number>();
  let busy = 0;
  for (const [index, id] of samples.entries()) {
    const frame = at.get(id)?.callFrame;
    const micros = timeDeltas[index] ?? 0;
    if (!frame || frame.functionName === "(idle)" || frame.functionName === "(root)") continue;
    busy += micros;
    // What has no script is the runtime's own: V8's built-ins, and calls that leave the isolate.
    const file = frame.url.endsWith("worker.js") ? fileOf(frame.lineNumber) : frame.url || "(runtime)";
    const label = `${frame.functionName || "(anonymous)"}  ${file}`;
    functions.set(label, (functions.get(label) ?? 0) + micros);
    files.set(file, (files.get(file) ?? 0) + micros);
  }
  const top = (of: ReadonlyMap<string, number>) =>
    [...of]
      .sort(([, a], [, b]) => b - a)
      .slice(0, SHOWN)
      .map(([what, micros]) => ({
        "in itself, %": rounded((micros / busy) * 100, 1),
        "µs each": rounded(micros / times, 1),
        what,
      }));
  table(
    `${name}: ${rounded(busy / times, 0)} µs of the isolate's thread each, of ${Math.round(times)}; by function`,
    top(functions),
  );
  table(`${name}: by file`, top(files).slice(0, 12));
}

/** Which source file a line of the bundle is from: esbuild writes its path before each. */
function filesIn(bundle: string): (line: number) => string {
  const begins: [line: number, file: string][] = [];
  for (const [line, text] of bundle.split("\n").entries()) {
    const file = /^\s*\/\/ (\S+\.[jt]sx?)$/.exec(text)?.[1];
    if (file) begins.push([line, file.replace(/^.*node_modules\/((?:@[^/]+\/)?[^/]+)\/.*$/, "$1")]);
  }
  return (line) => begins.findLast(([begin]) => begin <= line)?.[1] ?? "(bundle)";
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
