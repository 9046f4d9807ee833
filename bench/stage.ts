import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";

// As in wrangler.toml's local mode; drains are measured with batches as full as they come.
const VARS = {
  ENVIRONMENT: "local",
  PUBLIC_URL: "http://localhost",
  MUNICIPALITY: "Bench",
  TIME_ZONE: "Europe/London",
  LOCALES: "en",
  MAILINGS_PER_MINUTE: "60000",
  MAIL_FROM: "bench@example.org",
  CONTACT: "bench@example.org",
  PRIVACY_NOTICE_URL: "https://example.org/privacy",
  ROOT_KEY: "bG9jYWwtZGV2ZWxvcG1lbnQta2V5LW5vdC1zZWNyZXQ=",
};

/** One workerd with Folkmoot and the bare routes in it, an empty database with the schema, and nothing else. */
export interface Stage {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly db: D1Database;
  /** Puts messages into the queue of a binding. */
  readonly ring: (binding: string, bodies: readonly unknown[]) => Promise<void>;
  /** Stops workerd and removes its data. */
  readonly close: () => Promise<void>;
}

/** Bundles the bench's Worker as a deployment would, starts it, and applies the migrations. */
export async function openStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "folkmoot-bench-"));
  execFileSync("wrangler", ["deploy", "bench/worker.ts", "--dry-run", "--outdir", folder], { stdio: "ignore" });
  const queues = ["folkmoot-intake", "folkmoot-mail", "folkmoot-review", "folkmoot-webhooks", "sink", "bare"];
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      modules: true,
      scriptPath: join(folder, "worker.js"),
      modulesRoot: folder,
      compatibilityDate: "2026-11-01",
      bindings: VARS,
      d1Databases: { DB: "bench" },
      queueProducers: {
        INTAKE: "folkmoot-intake",
        MAIL: "folkmoot-mail",
        MAIL_EVENTS: "sink",
        REVIEW: "folkmoot-review",
        WEBHOOKS: "folkmoot-webhooks",
        SINK: "sink",
        BARE: "bare",
      },
      queueConsumers: Object.fromEntries(
        queues.map((queue) => [queue, { maxBatchSize: 100, maxBatchTimeout: 0.05, maxRetries: 3 }]),
      ),
      durableObjects: {
        LIMITER: { className: "LimiterShard", useSQLite: true },
        IDEMPOTENCY: { className: "IdempotencyShard", useSQLite: true },
        MAIL_CAPTURE: { className: "MailCapture", useSQLite: true },
      },
      resourcePersistencePath: join(folder, "state"),
    } as Parameters<typeof convertV4MiniflareOptions>[0]),
  );
  const url = (await miniflare.ready).origin;
  const db = (await miniflare.getD1Database("DB")) as unknown as D1Database;
  for (const file of readdirSync("migrations").sort()) {
    for (const statement of statementsOf(readFileSync(join("migrations", file), "utf8")))
      await db.prepare(statement).run();
  }
  await db
    .prepare(
      "CREATE TABLE bare_rows (id TEXT PRIMARY KEY, body TEXT, state INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID",
    )
    .run();
  await db.prepare("CREATE TABLE bare_tallies (no INTEGER PRIMARY KEY, verified INTEGER NOT NULL) STRICT").run();
  await db.prepare("INSERT INTO bare_tallies VALUES (1, 0)").run();
  const close = async () => {
    await miniflare.dispose();
    rmSync(folder, { recursive: true, force: true });
  };
  const ring = async (binding: string, bodies: readonly unknown[]) => {
    const queue = await miniflare.getQueueProducer(binding);
    await queue.sendBatch(bodies.map((body) => ({ body })));
  };
  return { url, db, ring, close };
}

/** The statements of a migration: a trigger's body holds semicolons too, and ends with END. */
function statementsOf(sql: string): string[] {
  const statements: string[] = [];
  let open = "";
  // D1 takes a comment behind a statement for a second one that is empty.
  for (const line of sql.replace(/(^|;)\s*--.*$/gm, "$1").split("\n")) {
    open += `${line}\n`;
    const inTrigger = /CREATE TRIGGER/.test(open);
    if (inTrigger ? /^END;/m.test(open) : /;\s*(--.*)?$/.test(line)) {
      statements.push(open);
      open = "";
    }
  }
  return statements.filter((statement) => statement.trim() !== "");
}
