import { availableParallelism } from "node:os";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { writeApiDescription } from "./scripts/describe-api.ts";

// Wrangler does it before it runs or deploys.
writeApiDescription(".");

const migrations = await readD1Migrations("./migrations");

const QUEUES = ["intake", "mail", "mail-events", "review", "webhooks"];

const deadLetterQueue = (queue: string) =>
  queue.endsWith("-dead") ? {} : { deadLetterQueue: `folkmoot-${queue}-dead` };

export default defineConfig({
  test: {
    // On two cores Vitest would take one, and each file waits for queues and disks half of its time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], environment: "node", testTimeout: 30_000 } },
      // They start programs one after another and open databases on disk, on a machine that has other work.
      { test: { name: "scripts", include: ["test/scripts/**/*.test.ts"], environment: "node", testTimeout: 180_000 } },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                MIGRATIONS: migrations,
                FUZZ_RUNS: process.env.FUZZ_RUNS ?? "1500",
                FUZZ_SEED: process.env.FUZZ_SEED ?? "20261127",
              },
              // Tests wait for queues: a batch need not wait a second for company.
              queueConsumers: Object.fromEntries(
                QUEUES.flatMap((queue) => [queue, `${queue}-dead`]).map((queue) => [
                  `folkmoot-${queue}`,
                  { maxBatchSize: 100, maxBatchTimeout: 0.05, maxRetries: 3, ...deadLetterQueue(queue) },
                ]),
              ),
            },
          }),
        ],
        test: {
          name: "workerd",
          // Bytes take another way in workerd than in Node.
          include: ["test/{api,background,contract,fuzz,stories}/**/*.test.ts", "test/unit/bytes.test.ts"],
          setupFiles: ["./test/support/apply-migrations.ts"],
          testTimeout: 30_000,
        },
      },
    ],
  },
});
