import { existsSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { experimental_readRawConfig, type Unstable_RawConfig } from "wrangler";
import { Stop } from "./wrangler.ts";

export const JURISDICTIONS = ["eu", "us", "none"] as const;
export type Jurisdiction = (typeof JURISDICTIONS)[number];

/** What the municipality fills in, and what is made of it for wrangler. Git ignores both. */
export const MUNICIPALITY_FILE = "production.toml";
export const MUNICIPALITY_EXAMPLE = "production.example.toml";
export const WRANGLER_FILE = "wrangler.production.json";

/** A key that may be left out or left empty. */
const unlessBlank = <Value extends string>(isFine: (text: string) => boolean, problem: string) =>
  v.optional(
    v.pipe(
      v.string(problem),
      v.check((text) => text === "" || isFine(text), problem),
      v.transform((text) => (text === "" ? undefined : (text as Value))),
    ),
  );

const HOST_NAME = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z]$/;

const Municipality = v.strictObject({
  jurisdiction: unlessBlank<Jurisdiction>(
    (text) => (JURISDICTIONS as readonly string[]).includes(text),
    `jurisdiction is none of ${JURISDICTIONS.join(", ")}`,
  ),
  // Queues are named after it with up to 17 characters more (`-mail-events-dead`), and may have 63.
  name: v.pipe(
    v.string("name is missing"),
    v.regex(/^[a-z][a-z0-9-]{1,44}[a-z0-9]$/, "name is not 3 to 46 of a–z, 0–9 and -"),
  ),
  account_id: unlessBlank((text) => /^[0-9a-f]{32}$/.test(text), "account_id is not 32 hexadecimal digits"),
  custom_domain: unlessBlank((text) => HOST_NAME.test(text), "custom_domain is not a host name"),
  vars: v.record(v.string(), v.string("[vars] holds something that is no text in quotes"), "[vars] is missing"),
});

export type Municipality = v.InferOutput<typeof Municipality>;

/** Wrangler's configuration for what is deployed: one environment and no other. */
export interface ProductionConfig {
  readonly name: string;
  readonly account_id?: string;
  readonly vars: Readonly<Record<string, string>>;
  readonly d1_databases: readonly { binding: string; database_name: string; database_id: string }[];
  readonly queues: {
    readonly producers: readonly { binding: string; queue: string }[];
    readonly consumers: readonly { queue: string; dead_letter_queue?: string }[];
  };
  readonly [key: string]: unknown;
}

/** Reads production.toml; a `Stop` names everything that is wrong with it. */
export function readMunicipality(root: string): Municipality {
  const path = join(root, MUNICIPALITY_FILE);
  const parsed = v.safeParse(Municipality, readToml(path));
  if (parsed.success) return parsed.output;
  const problems = parsed.issues.map((issue) => {
    const key = v.getDotPath(issue) ?? "it";
    return issue.message.startsWith("Invalid") ? `${key} is not a setting, or not of the right kind` : issue.message;
  });
  throw new Stop(listed(`${MUNICIPALITY_FILE}:`, problems));
}

/** A title and its lines, as a person reads them. */
export const listed = (title: string, lines: readonly string[]): string =>
  [title, ...lines.map((line) => `  - ${line}`)].join("\n");

/** The configuration that an earlier run wrote, if there was one. */
export function readEarlierConfig(root: string): ProductionConfig | undefined {
  const path = join(root, WRANGLER_FILE);
  return existsSync(path) ? (readToml(path) as ProductionConfig) : undefined;
}

// What an environment of wrangler.toml takes over from the top level, of the keys that a Worker like this one can have.
const INHERITED =
  "main compatibility_date compatibility_flags migrations alias assets build rules limits placement minify keep_names upload_source_maps observability".split(
    " ",
  );

/** The settings of local mode: those at the top of wrangler.toml. */
export const readLocalVars = (root: string): Readonly<Record<string, unknown>> =>
  (readToml(join(root, "wrangler.toml")) as Unstable_RawConfig).vars ?? {};

/**
 * Wrangler's configuration for one municipality: `[env.production]` of the release's wrangler.toml under the
 * municipality's name, with its settings. It holds nothing of local mode, so no command can deploy that by mistake.
 */
export function productionConfig(
  root: string,
  { name, custom_domain, ...municipality }: Municipality,
  chosen: { jurisdiction: Jurisdiction; databaseId?: string | undefined; accountId?: string | undefined },
): ProductionConfig {
  const release = readToml(join(root, "wrangler.toml")) as Unstable_RawConfig;
  const production = release.env?.production;
  if (!production) throw new Stop("wrangler.toml has no [env.production].");
  const own = renamed(structuredClone(production), production.name ?? "folkmoot", name) as ProductionConfig;
  const inherited = Object.entries(release).filter(([key]) => INHERITED.includes(key));
  return {
    ...Object.fromEntries(inherited),
    ...own,
    name,
    ...(chosen.accountId === undefined ? {} : { account_id: chosen.accountId }),
    ...(custom_domain === undefined
      ? {}
      : { routes: [{ pattern: custom_domain, custom_domain: true }], workers_dev: false, preview_urls: false }),
    vars: { ...own.vars, JURISDICTION: chosen.jurisdiction, ...municipality.vars },
    d1_databases: own.d1_databases.map((database) => ({
      ...database,
      database_id: chosen.databaseId ?? database.database_id,
    })),
  };
}

/** Every queue that a configuration speaks of. */
export function queuesOf({ queues }: ProductionConfig): string[] {
  const consumed = queues.consumers.flatMap(({ queue, dead_letter_queue }) => [queue, dead_letter_queue ?? queue]);
  return [...new Set([...queues.producers.map(({ queue }) => queue), ...consumed])];
}

/** The same value with every name that begins with the release's name beginning with the municipality's. */
function renamed(value: unknown, from: string, to: string): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, from, to));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        const names = ["queue", "dead_letter_queue", "database_name"].includes(key);
        if (names && typeof item === "string" && item.startsWith(from)) return [key, to + item.slice(from.length)];
        return [key, renamed(item, from, to)];
      }),
    );
  }
  return value;
}

function readToml(path: string): unknown {
  try {
    return experimental_readRawConfig({ config: path }).rawConfig;
  } catch (error) {
    throw new Stop(`${path} can't be read: ${error instanceof Error ? error.message : "no reason given"}`);
  }
}
