import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

// The fuzzer of test/fuzz at its nightly size: `npm run bench:fuzz -- --requests 20000 --seed 7`.
const { values } = parseArgs({ options: { requests: { type: "string", default: "20000" }, seed: { type: "string" } } });
const { status } = spawnSync("vitest", ["run", "test/fuzz"], {
  stdio: "inherit",
  env: {
    ...process.env,
    FUZZ_RUNS: values.requests,
    FUZZ_SEED: values.seed ?? String(Math.floor(Math.random() * 1e9)),
  },
});
process.exitCode = status ?? 1;
