import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { unstable_splitSqlQuery as statementsIn } from "wrangler";

/**
 * What of Cloudflare's API `wrangler d1 execute --remote` talks to: queries, and the import of an uploaded file, which
 * takes the database back to where it was when a statement fails. The database is a SQLite of its own, migrated.
 */
export async function startCloudflareApi() {
  const database = new DatabaseSync(":memory:");
  for (const name of readdirSync("migrations").sort()) database.exec(readFileSync(`migrations/${name}`, "utf8"));
  const uploads = new Map<string, string>();
  const imports: string[] = [];

  const answer = (method: string, path: string, body: string): unknown => {
    if (method === "PUT") return void uploads.set(path, body);
    const input = JSON.parse(body || "{}") as { sql?: string; action?: string; etag?: string; filename?: string };
    if (path.endsWith("/query")) {
      return statementsIn(input.sql ?? "").map((sql) => ({
        success: true,
        results: database.prepare(sql).all(),
        meta: { duration: 0 },
      }));
    }
    if (input.action === "init") return { upload_url: `${origin}/upload/${input.etag}`, filename: input.etag };
    const sql = uploads.get(`/upload/${input.filename}`) ?? "";
    imports.push(sql);
    database.exec("BEGIN");
    try {
      database.exec(sql);
      database.exec("COMMIT");
    } catch (error) {
      database.exec("ROLLBACK");
      return { success: false, error: String(error) };
    }
    const meta = { duration: 1, rows_read: 0, rows_written: 0, size_after: 0 };
    return { success: true, status: "complete", messages: [], result: { num_queries: 1, final_bookmark: "x", meta } };
  };

  const server = createServer(async (request, response) => {
    const body = await textOf(request);
    const result = answer(request.method ?? "", request.url ?? "", body);
    if (request.method === "PUT") {
      return response.setHeader("ETag", `"${createHash("md5").update(body).digest("hex")}"`).end();
    }
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ success: true, errors: [], messages: [], result }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    /** The environment in which wrangler talks to this and to nobody else. */
    env: { CLOUDFLARE_API_BASE_URL: origin, CLOUDFLARE_ACCOUNT_ID: "a".repeat(32), CLOUDFLARE_API_TOKEN: "local-test" },
    /** The texts of all files that were imported. */
    imports,
    rows: (sql: string) =>
      database
        .prepare(sql)
        .all()
        .map((row) => ({ ...row })),
    run: (sql: string) => database.exec(sql),
    close: () => void server.close(),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
