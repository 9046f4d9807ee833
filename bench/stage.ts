import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
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

const QUEUES = ["folkmoot-intake", "folkmoot-mail", "folkmoot-review", "folkmoot-webhooks", "sink", "bare"];

/** What a stage is opened with. */
export interface StageOptions {
  /** The Worker's file; `bench/worker.ts`, Folkmoot beside the bare routes. */
  readonly entry?: string;
  /** Names of functions stay, for a profile. */
  readonly readable?: boolean;
  /** Settings beside the usual ones. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Deliveries of a message before it is given up. */
  readonly maxRetries?: number;
  /** Where V8's inspector listens. */
  readonly inspectorPort?: number;
}

/** One workerd with Folkmoot and the bare routes in it, an empty database with the schema, and nothing else. */
export interface Stage {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly db: D1Database;
  /** The bundle that runs. */
  readonly script: string;
  /** Stops workerd as it is; what is on disk stays. */
  readonly stop: () => Promise<void>;
  /** Starts workerd anew on what is on disk, after `stop`, or after its process has died. */
  readonly restart: () => Promise<Stage>;
  /** Puts messages into the queue of a binding. */
  readonly ring: (binding: string, bodies: readonly unknown[]) => Promise<void>;
  /** Stops workerd and removes its data. */
  readonly close: () => Promise<void>;
}

/** Bundles a Worker as a deployment would; gives the script's path, in a folder of its own. */
function bundleWorker(entry: string, { readable = false } = {}): { folder: string; script: string } {
  const folder = mkdtempSync(join(tmpdir(), "folkmoot-bench-"));
  const wrangler = ["deploy", entry, "--dry-run", "--outdir", folder, ...(readable ? ["--minify=false"] : [])];
  execFileSync("wrangler", wrangler, { stdio: "ignore", env: { ...process.env, WRANGLER_SEND_METRICS: "false" } });
  return { folder, script: join(folder, basename(entry).replace(/\.ts$/, ".js")) };
}

/** Bundles the bench's Worker as a deployment would, starts it, and applies the migrations. */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const stage = await startStage(bundleWorker(options.entry ?? "bench/worker.ts", options), options);
  const { db } = stage;
  for (const file of readdirSync("migrations").sort()) {
    await db.batch(statementsOf(readFileSync(join("migrations", file), "utf8")).map((sql) => db.prepare(sql)));
  }
  await db
    .prepare(
      "CREATE TABLE bare_rows (id TEXT PRIMARY KEY, body TEXT, state INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID",
    )
    .run();
  await db.prepare("CREATE TABLE bare_tallies (no INTEGER PRIMARY KEY, verified INTEGER NOT NULL) STRICT").run();
  await db.prepare("INSERT INTO bare_tallies VALUES (1, 0)").run();
  return stage;
}

async function startStage(bundle: { folder: string; script: string }, options: StageOptions): Promise<Stage> {
  const { folder, script } = bundle;
  const { vars = {}, maxRetries = 3, inspectorPort } = options;
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      ...(inspectorPort === undefined ? {} : { inspectorPort }),
      modules: true,
      scriptPath: script,
      modulesRoot: folder,
      compatibilityDate: "2026-11-01",
      bindings: { ...VARS, ...vars },
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
        QUEUES.map((queue) => [queue, { maxBatchSize: 100, maxBatchTimeout: 0.05, maxRetries }]),
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
  const stop = () => miniflare.dispose();
  const close = async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const ring = async (binding: string, bodies: readonly unknown[]) => {
    const queue = await miniflare.getQueueProducer(binding);
    await queue.sendBatch(bodies.map((body) => ({ body })));
  };
  return { url, db, script, ring, stop, restart: () => startStage(bundle, options), close };
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
