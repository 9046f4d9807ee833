import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";

const DATABASE_ID = "local"; // `database_id` in wrangler.toml: the file's name is derived from it

/**
 * Opens the D1 database that `wrangler dev --persist-to <stateDir>` uses, and nothing else of the Worker; must not be
 * open there at the same time.
 */
export async function withLocalDatabase<Result>(
  stateDir: string,
  work: (d1: D1Database) => Promise<Result>,
): Promise<Result> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: "export default {};",
      d1Databases: { DB: DATABASE_ID },
      resourcePersistencePath: join(stateDir, "v3"), // wrangler's own subfolder
    }),
  );
  try {
    return await work((await miniflare.getD1Database("DB")) as D1Database);
  } finally {
    await miniflare.dispose();
  }
}
