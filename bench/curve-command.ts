import { resolve } from "node:path";
import { FileFlaw, Flaws } from "../scripts/import/flaws.ts";
import { readSourceFile } from "../scripts/import/source-file.ts";

/** The command line was not understood. */
export class UsageError extends Error {}

/** What `read` gives; its errors become a `UsageError`. */
export function understood<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "The arguments can't be read.");
  }
}

/** A curve in a file, by `read`; null when it was refused, and then what is wrong has been printed. */
export async function curveIn<Curve>(
  file: string,
  read: (text: string, flaws: Flaws) => Curve | null,
): Promise<Curve | null> {
  const flaws = new Flaws();
  try {
    const curve = read(await readSourceFile(resolve(process.env.INIT_CWD ?? ".", file)), flaws);
    if (curve) return curve;
  } catch (error) {
    if (!(error instanceof FileFlaw)) throw error;
    flaws.add(error.flaw);
  }
  for (const line of flaws.lines(file)) console.error(line);
  return null;
}

/**
 * Runs a command about a curve. Exit codes: 0 it is done; 1 the file was refused; 2 the command was not understood.
 * @param asked reads the arguments; null when only help is asked for
 */
export async function runCommand<Asked>(
  usage: string,
  asked: (args: readonly string[]) => Asked | null,
  run: (asked: Asked) => Promise<boolean>,
): Promise<void> {
  try {
    const wanted = asked(process.argv.slice(2));
    if (wanted === null) console.log(usage);
    else if (!(await run(wanted))) process.exitCode = 1;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    process.exitCode = 2;
  }
}
