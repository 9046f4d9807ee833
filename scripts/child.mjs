import { spawn } from "node:child_process";
import { constants } from "node:os";

/** @type {NodeJS.Signals[]} */
const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs a program to its end, with our own environment and terminal. Signals that would end us end it instead.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, quiet?: boolean }} [options] `quiet`: what it prints is shown only if it fails
 * @returns {Promise<number>} its exit code, or 128 and the signal's number as shells have it
 */
export function run(command, args, { env = {}, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit",
    });
    /** @type {Uint8Array[]} */
    const printed = [];
    child.stdout?.on("data", (chunk) => printed.push(chunk));
    child.stderr?.on("data", (chunk) => printed.push(chunk));
    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => child.kill(signal);
    for (const signal of FORWARDED) process.on(signal, forward);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      for (const name of FORWARDED) process.off(name, forward);
      const exitCode = code ?? 128 + constants.signals[/** @type {NodeJS.Signals} */ (signal)];
      if (exitCode !== 0) process.stderr.write(Buffer.concat(printed));
      resolve(exitCode);
    });
  });
}
