import { spawn } from "node:child_process";

/** What a command did. Output that was shown is not also kept. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs wrangler to its end. `show`: on our terminal, where it may also ask, unless `unasked`; otherwise it asks nothing.
 */
export type Wrangler = (
  args: readonly string[],
  options?: { show?: boolean; unasked?: boolean },
) => Promise<CommandResult>;

/** A reason to end that a person can act on. Everything done so far stays done, and a second run finds it. */
export class Stop extends Error {}

const QUIET = { WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true" };

/**
 * The one way in which the scripts run another program. `program`: wrangler's own file, or one that stands in for it.
 * `env` is added to our own environment.
 */
export function wranglerAt(program: string, { cwd, env = {} }: { cwd: string; env?: NodeJS.ProcessEnv }): Wrangler {
  return (args, { show = false, unasked = false } = {}) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [program, ...args], {
        cwd,
        env: { ...process.env, ...QUIET, ...(unasked ? { CI: "1" } : {}), ...env },
        stdio: show ? "inherit" : ["ignore", "pipe", "pipe"],
      });
      let stdout = "";
      let stderr = "";
      child.stdout?.setEncoding("utf8").on("data", (text) => {
        stdout += text;
      });
      child.stderr?.setEncoding("utf8").on("data", (text) => {
        stderr += text;
      });
      child.once("error", reject);
      child.once("close", (code) => resolve({ code: code ?? 1, stdout, stderr }));
    });
}

/** The result of a command that must succeed; otherwise a `Stop` with what wrangler said. */
export function succeeded(args: readonly string[], result: CommandResult): CommandResult {
  if (result.code === 0) return result;
  const said = [result.stderr, result.stdout].map((text) => text.trim()).filter(Boolean);
  throw new Stop([`wrangler ${args.join(" ")} failed.`, ...said].join("\n"));
}

/** The JSON document that a command printed; wrangler may print warnings before it. */
export function jsonOf(args: readonly string[], { stdout }: CommandResult): unknown {
  const start = stdout.search(/^[[{]/m);
  try {
    return JSON.parse(stdout.slice(start === -1 ? 0 : start));
  } catch {
    throw new Stop(`wrangler ${args.join(" ")} did not answer as expected:\n${stdout.trim()}`);
  }
}
