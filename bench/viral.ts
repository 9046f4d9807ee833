// What `npm run bench:viral` runs.
import { parseArgs } from "node:util";
import { Random } from "../scripts/demo/random.ts";
import { readHourCurve } from "./curve.ts";
import { curveIn, runCommand, UsageError, understood } from "./curve-command.ts";
import { arrivalsOf, viralDay } from "./viral/arrivals.ts";
import { replay } from "./viral/replay.ts";
import { reportReplay } from "./viral/report-replay.ts";

const USAGE = `Usage: npm run bench:viral -- [--people N] [--minutes M] [--seed N] [FILE]

Replays a day on which a petition is on the news, while the database, the mail provider and the Worker itself fail, and
accounts for every submission that was accepted. FILE is CSV in UTF-8 with the first line time,total, for example
2026-11-23T14:05:00Z,1234, in ascending order; without one a day is generated.

  --people N     people who come, in the curve's proportions (2000; with FILE as many as it has)
  --minutes M    how long the replay of the whole curve is to take; it may be less than one (3)
  --seed N       the same seed draws the same people and the same faults (1)
  --help         this text

It ends with 1 when the ledger does not balance, and with 2 when it was not understood.
`;

const number = (text: string, name: string, { least }: { least: number }): number => {
  const value = Number(text);
  if (!Number.isFinite(value) || value < least) throw new UsageError(`--${name} must be a number from ${least}.`);
  return value;
};

function readArguments(args: readonly string[]) {
  const options = {
    people: { type: "string" },
    minutes: { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
    help: { type: "boolean" },
  } as const;
  const { values, positionals } = understood(() => parseArgs({ args: [...args], allowPositionals: true, options }));
  if (values.help) return null;
  if (positionals.length > 1) throw new UsageError("Name one file.");
  const people = values.people ?? (positionals.length === 0 ? "2000" : undefined);
  return {
    file: positionals[0],
    people: people === undefined ? undefined : Math.round(number(people, "people", { least: 1 })),
    minutes: number(values.minutes, "minutes", { least: 0.05 }),
    seed: Math.round(number(values.seed, "seed", { least: 0 })),
  };
}

await runCommand(USAGE, readArguments, async ({ file, people, minutes, seed }) => {
  const curve = file === undefined ? viralDay() : await curveIn(file, readHourCurve);
  if (!curve) return false;
  const arrivals = arrivalsOf(curve, new Random(seed), people);
  const found = await replay({ arrivals, speed: arrivals.lasts / (minutes * 60), seed });
  reportReplay(found);
  return found.wrong.length === 0;
});
