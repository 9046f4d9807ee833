import { type Jurisdiction, type ProductionConfig, queuesOf } from "./municipality.ts";
import { jsonOf, Stop, succeeded, type Wrangler } from "./wrangler.ts";

/** What provisioning needs from the outside. `change` runs a command that changes the account, or only shows it. */
export interface Account {
  readonly wrangler: Wrangler;
  readonly change: Wrangler;
  readonly print: (line: string) => void;
}

const inJurisdiction = (jurisdiction: Jurisdiction): string[] =>
  jurisdiction === "none" ? [] : ["--jurisdiction", jurisdiction];

const FOR_GOOD = "Where data is kept is decided when a database or queue is created, and never later.";

/**
 * Finds the database of a configuration by its name, or creates it. Gives its id; undefined when a dry run found none.
 * Stops when the one that is there keeps its data elsewhere, or is not the one that an earlier run used.
 */
export async function provisionDatabase(
  account: Account,
  config: ProductionConfig,
  wanted: { jurisdiction: Jurisdiction; knownId: string | undefined },
): Promise<string | undefined> {
  const name = config.d1_databases[0]?.database_name as string;
  const found = await findDatabase(account, name);
  if (wanted.knownId !== undefined && found !== wanted.knownId) {
    throw new Stop(
      `The database of the last deploy (${wanted.knownId}) is not the "${name}" of this account${found ? ` (${found})` : ", which has none"}.\n` +
        "Are you signed in to the right account? If you do mean to begin with another database, delete wrangler.production.json.",
    );
  }
  if (found !== undefined) {
    account.print(`database "${name}" is there`);
    const actual = await databaseJurisdiction(account, name);
    if (actual === undefined)
      account.print(`  Cloudflare does not say where it keeps its data: look at D1 in the dashboard`);
    else refuseElsewhere(`Database "${name}"`, actual, wanted.jurisdiction);
    return found;
  }
  const args = ["d1", "create", name, ...inJurisdiction(wanted.jurisdiction)];
  account.print(`database "${name}" is created`);
  succeeded(args, await account.change(args));
  return findDatabase(account, name);
}

/** Finds every queue of a configuration by its name, or creates it. Stops as `provisionDatabase` does. */
export async function provisionQueues(
  account: Account,
  config: ProductionConfig,
  jurisdiction: Jurisdiction,
): Promise<void> {
  for (const name of queuesOf(config)) {
    const info = ["queues", "info", name];
    const result = await account.wrangler(info);
    if (result.code === 0) {
      const actual = /^Jurisdiction: *(\w+)/m.exec(result.stdout)?.[1] ?? "none";
      refuseElsewhere(`Queue "${name}"`, actual === "null" ? "none" : actual, jurisdiction);
      account.print(`queue "${name}" is there`);
      continue;
    }
    if (!/does not exist/.test(result.stderr + result.stdout)) succeeded(info, result);
    account.print(`queue "${name}" is created`);
    const create = ["queues", "create", name, ...inJurisdiction(jurisdiction)];
    succeeded(create, await account.change(create));
  }
}

/** Names of the Worker's secrets; none when there is no Worker yet. Their values can't be read by anybody. */
export async function secretNames(account: Account, worker: string): Promise<string[]> {
  const args = ["secret", "list", "--name", worker];
  const result = await account.wrangler(args);
  if (result.code !== 0 && /not found/.test(result.stderr + result.stdout)) return [];
  const secrets = jsonOf(args, succeeded(args, result)) as { name: string }[];
  return secrets.map(({ name }) => name);
}

async function findDatabase(account: Account, name: string): Promise<string | undefined> {
  const args = ["d1", "list", "--json"];
  const databases = jsonOf(args, succeeded(args, await account.wrangler(args))) as { name: string; uuid: string }[];
  return databases.find((database) => database.name === name)?.uuid;
}

async function databaseJurisdiction(account: Account, name: string): Promise<string | undefined> {
  const args = ["d1", "info", name, "--json"];
  const result = await account.wrangler(args);
  // It also asks for statistics, for which a narrow API token may lack the permission.
  if (result.code !== 0) return undefined;
  const { jurisdiction } = jsonOf(args, result) as { jurisdiction?: string | null };
  return jurisdiction === null ? "none" : jurisdiction;
}

function refuseElsewhere(what: string, actual: string, wanted: Jurisdiction): void {
  if (actual === wanted) return;
  throw new Stop(
    `${what} is there, with the jurisdiction ${actual} instead of ${wanted}. ${FOR_GOOD}\n` +
      "Choose another `name` in production.toml; or, if nothing of worth is in it, delete it in the dashboard and deploy again.",
  );
}
