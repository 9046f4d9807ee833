import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";

// What a deployment uploads, compressed. README.md says what it is made of; whoever needs more says there what for.
const LIMIT_KB = 275;

const folder = mkdtempSync(join(tmpdir(), "folkmoot-bundle-"));
let bundle: Buffer;
let inputs: Record<string, { bytesInOutput: number }>;

beforeAll(async () => {
  const metafile = join(folder, "meta.json");
  const wrangler = ["deploy", "--dry-run", "--env", "production", "--outdir", folder, "--metafile", metafile];
  await promisify(execFile)(process.execPath, ["node_modules/.bin/wrangler", ...wrangler], {
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true" },
  });
  bundle = readFileSync(join(folder, "index.js"));
  const { outputs } = JSON.parse(readFileSync(metafile, "utf8")) as {
    outputs: Record<string, { inputs: typeof inputs }>;
  };
  inputs = Object.assign({}, ...Object.values(outputs).map((output) => output.inputs));
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test(`the Worker's bundle is at most ${LIMIT_KB} kB compressed`, () => {
  expect(bundle.length).toBeGreaterThan(100_000);
  expect(gzipSync(bundle).length / 1000).toBeLessThanOrEqual(LIMIT_KB);
});

test("the API's description, and what makes it, stay out of the bundle", () => {
  const carried = Object.keys(inputs).filter((path) => (inputs[path]?.bytesInOutput ?? 0) > 0);
  expect(carried.some((path) => path.endsWith("src/app.ts"))).toBe(true);
  const left = /openapi(-document)?\.ts$|@valibot\/to-json-schema|@upstash\/redis/;
  expect(carried.filter((path) => left.test(path))).toEqual([]);
});
