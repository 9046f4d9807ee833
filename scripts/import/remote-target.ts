import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WRANGLER_FILE } from "../deployment/municipality.ts";
import { jsonOf, Stop, type Wrangler } from "../deployment/wrangler.ts";
import { type Row, type Target, TargetFailure } from "./target.ts";

/**
 * The database of the deployed Worker whose configuration is in `root`, through `wrangler d1 execute`. A file of
 * statements is imported whole or not at all: Cloudflare takes the database back to where it was when one of them fails.
 * It answers no queries meanwhile; signing goes on. Throws a `TargetFailure` when nothing is deployed from here.
 */
export function remoteTarget(root: string, wrangler: Wrangler): Target {
  const config = join(root, WRANGLER_FILE);
  if (!existsSync(config)) throw new TargetFailure(`${WRANGLER_FILE} is not there: deploy first, by npm run deploy`);
  const command = ["d1", "execute", "DB", "--remote", "--config", config];

  async function execute(args: readonly string[]) {
    const result = await wrangler([...command, ...args]);
    if (result.code === 0) return result;
    throw new TargetFailure(`wrangler says:\n${`${result.stdout}${result.stderr}`.trim()}`);
  }

  return {
    async read(queries) {
      const args = ["--json", "--command", queries.join(";\n")];
      try {
        return (jsonOf(args, await execute(args)) as { results: Row[] }[]).map(({ results }) => results);
      } catch (error) {
        throw error instanceof Stop ? new TargetFailure(error.message) : error;
      }
    },
    async write(statements) {
      const folder = await mkdtemp(join(tmpdir(), "folkmoot-import-"));
      try {
        const path = join(folder, "import.sql");
        await writeFile(path, sqlFile(statements), { mode: 0o600 }); // it has petitions' wrapped secrets
        await execute(["--yes", "--file", path]);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  };
}

/** Statements as the text of a file for `wrangler d1 execute --file`. */
export const sqlFile = (statements: readonly string[]): string => statements.map((sql) => `${sql};\n`).join("");
