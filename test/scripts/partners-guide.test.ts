import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ServedTown, serveTown } from "./served-town.ts";

// docs/partners.md as its readers follow it: every block of it is run against the served town, in order, by a project that
// has the packed client and nothing else of this one.

const ROOT = join(import.meta.dirname, "../..");
const project = mkdtempSync(join(tmpdir(), "folkmoot-partner-"));
const GUIDE = readFileSync(join(ROOT, "docs/partners.md"), "utf8");
const blocks = [...GUIDE.matchAll(/^```(sh|js)\n([\s\S]+?)^```$/gm)].map(([, language = "", code = ""]) => ({
  language,
  code,
  title: code.split("\n").find((line) => !line.startsWith("import ") && line.trim() !== "") ?? "",
}));
/** What one block leaves for the next. */
const KEPT = [
  "API",
  "PARTNER",
  "KEY",
  "PETITION",
  "WEBHOOK",
  "LINK",
  "AS_STAFF",
  "JSON",
  "BATCH",
  "SUBMISSION",
  "WEBHOOK_SECRET",
];

let town: ServedTown | undefined;
let known: Record<string, string> = {};

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

const run = (command: string, args: readonly string[], cwd = project): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { cwd, env: { ...process.env, ...known } });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text) => {
        output += String(text);
      });
    }
    child.once("error", reject).once("close", (code) => resolve({ code, output }));
  });

/** A shell that stops at the first failure; `curl` fails for whatever is not 2xx. */
async function runShell(code: string): Promise<Ran> {
  const file = join(project, "kept");
  const script = `set -eu
curl() { command curl --fail-with-body "$@"; }
${code}
for NAME in ${KEPT.join(" ")}; do if [ -n "\${!NAME:-}" ]; then printf '%s=%s\\0' "$NAME" "\${!NAME}" >>'${file}'; fi; done`;
  rmSync(file, { force: true });
  const ran = await run("bash", ["-c", script]);
  const kept = existsSync(file) ? readFileSync(file, "utf8").split("\0").filter(Boolean) : [];
  known = { ...known, ...Object.fromEntries(kept.map((line) => [line.split("=")[0], line.replace(/^\w+=/, "")])) };
  return ran;
}

beforeAll(async () => {
  const built = join(project, "built");
  const [served, compiled] = await Promise.all([
    serveTown(),
    run("node_modules/.bin/tsc", ["-p", "src/client", "--outDir", join(built, "client")], ROOT),
  ]);
  town = served;
  expect(compiled).toEqual({ code: 0, output: "" });
  known = { API: served.url };
  cpSync(join(ROOT, "src/client/package.json"), join(built, "package.json"));
  writeFileSync(join(project, "package.json"), '{"type":"module"}');
  const packed = await run("npm", ["pack", "--silent", "./built"]);
  expect(packed.code, packed.output).toBe(0);
  const installed = await run("npm", ["install", "--offline", "--no-audit", "--no-fund", packed.output.trim()]);
  expect(installed.code, installed.output).toBe(0);
}, 180_000);

afterAll(async () => {
  await town?.close();
  rmSync(project, { recursive: true, force: true });
});

test("the guide has blocks to run", () => expect(blocks.length).toBeGreaterThan(9));

// The receiver of webhooks serves for ever: webhook-receiver.test.ts runs it.
test.each(blocks.filter(({ code }) => !code.includes("createServer")))(
  "$language: $title",
  async ({ language, code }) => {
    if (language === "sh") {
      const { code: exit, output } = await runShell(code);
      expect(exit, output).toBe(0);
      return;
    }
    const file = join(project, "example.mjs");
    writeFileSync(file, code);
    const { code: exit, output } = await run(process.execPath, [file]);
    expect(exit, output).toBe(0);
    // Where the guide says what is printed, it is.
    for (const [, said = ""] of code.matchAll(/console\.log\(.*\); \/\/ (.+)$/gm)) {
      expect(output).toContain(said.replace("…", "").trim());
    }
  },
);

test("following the guide has led to one verified signature, through the partner", async () => {
  const { code, output } = await runShell(
    `curl -s "$API/v1/admin/petitions/$PETITION/counts?by=channel" -H "Authorization: Bearer fm_staff_local"`,
  );
  expect(code, output).toBe(0);
  const { by } = JSON.parse(output) as { by: { channel: { key: string; count: number }[] } };
  expect(by.channel.find(({ key }) => key === "tenants-union")).toMatchObject({ count: 1 });
});

test("the package has the client and its types, and brings nothing else along", () => {
  const names = readdirSync(join(project, "node_modules/folkmoot"), { recursive: true }).map(String);
  expect(names).toContain("client/client.d.ts");
  expect(names.filter((name) => !/^client(\/\w+\.(d\.ts|js))?$|^package\.json$/.test(name))).toEqual([]);
  expect(readdirSync(join(project, "node_modules")).filter((name) => !name.startsWith("."))).toEqual(["folkmoot"]);
});

const CONSUMER = `import { createClient, FolkmootProblem, type ProblemCode } from "folkmoot/client";
const folkmoot = createClient({ url: "http://localhost:1", key: "fm_partner_x" });
const sent = await folkmoot.submitSignature({ id: "pet_x", body: { name: "A", email: "a@example.org", eligible: true } });
const pending: "pending" = sent.status;
for await (const petition of folkmoot.all("listPetitions", { state: "open" })) petition.signature_count.toFixed();
function advise(error: unknown): ProblemCode | undefined {
  return error instanceof FolkmootProblem ? error.code : undefined;
}
await folkmoot.listAreas();
// @ts-expect-error no such field
await folkmoot.submitSignature({ id: "pet_x", body: { name: "A", email: "a@example.org", eligible: true, agreed: true } });
// @ts-expect-error the petition is missing
await folkmoot.readPetition({});
// @ts-expect-error no such code
const code: ProblemCode = "made_up";
console.log(pending, advise, code);
`;

test.each([
  ["a browser's page", ["--lib", "es2022,dom,dom.iterable", "--moduleResolution", "bundler", "--module", "esnext"]],
  ["a program for Node.js", ["--lib", "es2022,dom,dom.iterable", "--module", "nodenext"]],
])("the emitted types compile in %s, and refuse what is wrong", async (_, options) => {
  writeFileSync(join(project, "consumer.ts"), CONSUMER);
  const strict = ["--noEmit", "--strict", "--target", "es2022", "--types", "", ...options, "consumer.ts"];
  expect(await run(join(ROOT, "node_modules/.bin/tsc"), strict)).toEqual({ code: 0, output: "" });
});
