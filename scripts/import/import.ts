// What `npm run import` runs. Exit codes: 0 all files are imported; 1 some were refused; 2 the command was not understood.
import { join, resolve } from "node:path";
import { wranglerAt } from "../deployment/wrangler.ts";
import { withLocalTarget } from "./local-target.ts";
import { readOpening } from "./opening.ts";
import { readOptions, USAGE, UsageError } from "./options.ts";
import { checkFiles, type Report, writeFiles } from "./run-import.ts";
import { type Target, TargetFailure } from "./target.ts";

const ROOT = process.cwd(); // npm runs us in the project's folder, wherever the operator stands

const report: Report = { say: (line) => console.log(line), complain: (line) => console.error(line) };

async function main(args: readonly string[]): Promise<number> {
  const now = Date.now();
  const options = readOptions(args, new Date(now).toISOString().slice(0, 10));
  if (!options) {
    console.log(USAGE);
    return 0;
  }
  let opening: ReturnType<typeof readOpening> | undefined;
  const settings = {
    ...options,
    now,
    opening: () => {
      opening ??= readOpening(options, { root: ROOT, env: process.env, now });
      return opening;
    },
  };
  const files = options.files.map((name) => ({ name, path: resolve(process.env.INIT_CWD ?? ROOT, name) }));
  const ready = await checkFiles(files, settings, report);
  const work = (target: Target) => writeFiles(ready, { target, settings, report });
  if (ready.length === 0) return 1;
  const written = options.remote ? await work(await openRemote()) : await withLocalTarget(options.persistTo, work);
  return written === files.length ? 0 : 1;
}

/** It brings wrangler, which takes over a second to load. */
async function openRemote(): Promise<Target> {
  const { remoteTarget } = await import("./remote-target.ts");
  return remoteTarget(ROOT, wranglerAt(join(ROOT, "node_modules/.bin/wrangler"), { cwd: ROOT }));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exitCode = 2;
  } else if (error instanceof TargetFailure) {
    console.error(error.message);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
