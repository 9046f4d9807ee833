// What `npm start` runs. It must work on any Node from 20 on, before anything is installed.
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./child.mjs";

process.chdir(join(fileURLToPath(import.meta.url), "../.."));

const NODE = "node_modules/.bin/node"; // the Node that the toolchain needs, whatever the machine has
const PARENT_POLL_MS = 500;

if (process.env.npm_lifecycle_event) endWithParent(process.ppid);

if (installIsDue()) {
  console.log("Installing what is missing. This is needed once and takes about a minute.");
  const failed = await run("npm", ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (failed) process.exit(failed);
}
process.exit(await run(NODE, ["scripts/serve.ts", ...process.argv.slice(2)]));

function installIsDue() {
  const installed = "node_modules/.package-lock.json"; // npm writes it last
  if (!existsSync(NODE) || !existsSync("node_modules/.bin/wrangler") || !existsSync(installed)) return true;
  return statSync("package-lock.json").mtimeMs > statSync(installed).mtimeMs;
}

/**
 * npm passes a signal on to the shell that it starts us in, and that shell dies of it without a word to us.
 *
 * @param {number} parent
 */
function endWithParent(parent) {
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, PARENT_POLL_MS);
}
