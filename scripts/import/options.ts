import { parseArgs } from "node:util";
import { parseThresholds } from "../../src/petitions/opening.ts";
import { isDay } from "./fields.ts";

export const USAGE = `Usage: npm run import -- [options] FILE…

Imports petitions (JSON), areas and postcodes (CSV) and signatures by area (JSON) into the local database, or with
--remote into the deployed one. Each file is imported whole or not at all. docs/import.md has the formats.

  --persist-to DIR     the state folder of the local database, as given to npm start
  --remote             the deployed database; new petitions need its ROOT_KEY in the environment
  --source NAME        where petitions and counts come from (petition.parliament.uk)
  --source-url URL     the address of a petition there, with {id} for its number
  --as-of YYYY-MM-DD   the day of their figures
  --thresholds LIST    response=100,hearing=1000 or none, for new petitions
  --months N           how long new petitions stay open
  --locale TAG         the language that new petitions are written in
  --time-zone ZONE     in which days end, if not the municipality's
  --help               this text
`;

const DEFAULT_SOURCE = "petition.parliament.uk";
const DEFAULT_SOURCE_URL = "https://petition.parliament.uk/petitions/{id}";

/** The command line, read. */
export interface ImportOptions {
  readonly files: readonly string[];
  readonly persistTo: string;
  readonly remote: boolean;
  readonly source: string;
  readonly sourceUrl: string | null;
  readonly asOf: string | null;
  /** What the command line sets of the petition policy, under the names of the settings. */
  readonly policy: Readonly<Record<string, string>>;
}

/** The command line can't be understood. The message says why. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Reads the command line's arguments; null when only help is asked for. `today`: `YYYY-MM-DD`. Throws a `UsageError`. */
export function readOptions(args: readonly string[], today: string): ImportOptions | null {
  const { values, positionals } = parse(args);
  if (values.help) return null;
  if (positionals.length === 0) throw new UsageError("Name at least one file.");
  if (values.remote && values["persist-to"] !== undefined)
    throw new UsageError("--persist-to is for the local database.");
  const asOf = values["as-of"] ?? null;
  if (asOf !== null && !(isDay(asOf) && asOf <= today))
    throw new UsageError("--as-of must be a day such as 2026-11-23, and not lie in the future.");
  const { thresholds, months, locale } = values;
  if (thresholds !== undefined && !parseThresholds(thresholds)) {
    throw new UsageError("--thresholds must be of the form response=100,hearing=1000, or none.");
  }
  const policy = { THRESHOLDS: thresholds, DURATION_MONTHS: months, LOCALES: locale, TIME_ZONE: values["time-zone"] };
  return {
    files: positionals,
    persistTo: values["persist-to"] ?? ".wrangler/state", // wrangler's own default
    remote: values.remote ?? false,
    ...sourceOf(values.source, values["source-url"]),
    asOf,
    policy: Object.fromEntries(
      Object.entries(policy).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        "persist-to": text,
        remote: { type: "boolean" },
        source: text,
        "source-url": text,
        "as-of": text,
        thresholds: text,
        months: text,
        locale: text,
        "time-zone": text,
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "The arguments can't be read.");
  }
}

/** The format is that of the UK Parliament's petitions, so that is the source unless another one is named. */
function sourceOf(given: string | undefined, url: string | undefined): { source: string; sourceUrl: string | null } {
  const source = given?.normalize("NFC").trim() ?? DEFAULT_SOURCE;
  if (!/^[^\p{Cc}]{1,100}$/u.test(source)) throw new UsageError("--source must be a name of up to 100 characters.");
  if (url !== undefined && !(URL.canParse(url) && /^https?:/i.test(url) && url.includes("{id}"))) {
    throw new UsageError("--source-url must be a web address with {id} in it.");
  }
  return { source, sourceUrl: url ?? (source === DEFAULT_SOURCE ? DEFAULT_SOURCE_URL : null) };
}
