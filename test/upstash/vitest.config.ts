import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { writeApiDescription } from "../../scripts/describe-api.ts";

// Wrangler does it before it runs or deploys.
writeApiDescription(".");

const migrations = await readD1Migrations("./migrations");

// A run of its own: `npm test` needs no Redis.
export default defineConfig({
  plugins: [
    cloudflareTest(({ inject }) => {
      const { url, token } = inject("upstash");
      return {
        wrangler: { configPath: "./wrangler.toml" },
        miniflare: {
          bindings: { MIGRATIONS: migrations, UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token },
        },
      };
    }),
  ],
  test: {
    name: "upstash",
    include: ["test/upstash/**/*.test.ts"],
    globalSetup: ["./test/upstash/server/global-setup.ts"],
    setupFiles: ["./test/support/apply-migrations.ts"],
    testTimeout: 30_000,
  },
});
