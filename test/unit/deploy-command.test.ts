import { execFile } from "node:child_process";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rehearsal, startService } from "./rehearsal/rehearsal.ts";
import type { StandInAccount } from "./rehearsal/wrangler-stand-in.ts";

const REPOSITORY = join(import.meta.dirname, "../..");
const STAND_IN = join(REPOSITORY, "test/unit/rehearsal/wrangler-stand-in.ts");
const WRANGLER = join(REPOSITORY, "node_modules/.bin/wrangler");

const run = promisify(execFile);

let service: Awaited<ReturnType<typeof startService>>;
const one = rehearsal({ secrets: ["ROOT_KEY", "STAFF_BOOTSTRAP_KEY"] });

beforeAll(async () => {
  service = await startService();
  one.fillIn();
});

afterAll(() => {
  service.server.close();
  one.end();
});

const accountFile = join(one.root, "account.json");
const account = (): StandInAccount => JSON.parse(readFileSync(accountFile, "utf8"));
const deploy = async () => {
  const script = [join(REPOSITORY, "scripts/deploy.ts"), "--smoke-url", service.url];
  const env = { ...process.env, FOLKMOOT_WRANGLER: STAND_IN, STAND_IN_ACCOUNT: accountFile };
  return run(process.execPath, script, { cwd: one.root, env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
};

test("the script runs whatever wrangler it is given, fails where that fails, and goes on from there", async () => {
  writeFileSync(accountFile, JSON.stringify({ ...one.account, fails: "queues create folkmoot-mail" }));
  const failed = await deploy();
  expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining("Cloudflare API failed") });
  expect(account()).toMatchObject({ databases: { length: 1 }, queues: { length: 1 } });

  expect(await deploy()).toMatchObject({ code: 0, stdout: expect.stringContaining("Done. What next:") });
  expect(account()).toMatchObject({
    databases: { length: 1 },
    queues: { length: 10 },
    migrated: "wrangler.production.json",
    deployed: "wrangler.production.json",
  });
  const [migrate, deployed] = account().calls.slice(-2);
  expect([migrate?.ci, deployed?.ci]).toEqual([true, false]);
  expect(deployed?.account).toBe(one.config().account_id);

  writeFileSync(accountFile, JSON.stringify({ ...account(), fails: "deploy" }));
  expect(await deploy()).toMatchObject({ code: 1, stderr: expect.stringContaining("Cloudflare API failed") });
}, 120_000);

/** The bindings that the real wrangler would deploy, as `name resource`. */
async function deployable(...args: string[]): Promise<string[]> {
  const outdir = join(one.root, `dist${args.length}`);
  const { stdout } = await run(process.execPath, [WRANGLER, "deploy", "--dry-run", "--outdir", outdir, ...args], {
    cwd: REPOSITORY,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true" },
  });
  return [...stdout.matchAll(/^env\.(\w+)(?: \((.*)\))? {2,}(.*?) *$/gm)].map(([, name, detail = "", kind]) =>
    kind === "Environment Variable" ? `${name} variable` : `${name} ${detail} ${kind}`,
  );
}

test("the real wrangler takes the release's configuration, and the municipality's binds the same and its settings", async () => {
  // Paths of the file that deploy.ts wrote are relative to its folder, as they are in the repository.
  for (const entry of ["src", "scripts", "dist", "migrations", "node_modules", "package.json", "tsconfig.json"]) {
    symlinkSync(join(REPOSITORY, entry), join(one.root, entry));
  }
  writeFileSync(join(one.root, "wrangler.rehearsal.json"), JSON.stringify(one.config()));
  const [release, municipality] = await Promise.all([
    deployable("--env", "production"),
    deployable("--config", join(one.root, "wrangler.rehearsal.json")),
  ]);
  const isVariable = (line: string) => line.endsWith(" variable");
  expect(release.filter((line) => !isVariable(line))).toHaveLength(10);
  expect(municipality.filter((line) => !isVariable(line))).toEqual(release.filter((line) => !isVariable(line)));
  expect(municipality.filter(isVariable)).toHaveLength(Object.keys(one.config().vars).length);
}, 120_000);
