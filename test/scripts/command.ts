import { spawn } from "node:child_process";

/** What a program that was run to its end has printed, and its exit code. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program with this Node to its end. */
export function runNode(args: readonly string[], env: Record<string, string | undefined> = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], {
      env: { ...process.env, WRANGLER_SEND_METRICS: "false", NO_COLOR: "1", INIT_CWD: undefined, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const printed = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        printed[name] += text;
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...printed }));
  });
}

/** `npm run import -- …args`. */
export const runImportCommand = (args: readonly string[], env: Record<string, string | undefined> = {}): Promise<Ran> =>
  runNode(["scripts/import/import.ts", ...args], env);
