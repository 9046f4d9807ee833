import { readdirSync } from "node:fs";
import { run } from "../child.mjs";
import { withLocalDatabase } from "../local-database.ts";
import { type Row, type Target, TargetFailure } from "./target.ts";

const WRANGLER = "node_modules/.bin/wrangler";

/** Opens the database below a state folder for `work`, migrated to date. `npm start` may be running on it meanwhile. */
export async function withLocalTarget<Result>(
  stateDir: string,
  work: (target: Target) => Promise<Result>,
): Promise<Result> {
  if (!(await withLocalDatabase(stateDir, isMigrated))) await migrate(stateDir);
  return withLocalDatabase(stateDir, (d1) => work(localTarget(d1)));
}

/** The database behind a D1 binding. */
export function localTarget(d1: D1Database): Target {
  const batch = (statements: readonly string[]) =>
    d1.batch<Row>(statements.map((sql) => d1.prepare(sql))).catch((error: unknown) => {
      throw new TargetFailure(error instanceof Error ? error.message : "the database gave no reason");
    });
  return {
    read: async (queries) => (await batch(queries)).map(({ results }) => results),
    write: async (statements) => void (await batch(statements)),
  };
}

async function isMigrated(d1: D1Database): Promise<boolean> {
  if (!(await d1.prepare("SELECT 1 FROM sqlite_master WHERE name = 'd1_migrations'").first())) return false;
  const { results } = await d1.prepare("SELECT name FROM d1_migrations").all<{ name: string }>();
  const applied = new Set(results.map(({ name }) => name));
  return readdirSync("migrations").every((name) => applied.has(name));
}

async function migrate(stateDir: string): Promise<void> {
  const command = ["d1", "migrations", "apply", "DB", "--local", "--persist-to", stateDir];
  const env = { CI: "1", WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true" };
  const failed = await run(process.execPath, [WRANGLER, ...command], { env, quiet: true });
  if (failed) throw new TargetFailure("the local database can't be brought to the newest schema");
}
