import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { settingsProblems } from "./deployment/check-settings.ts";
import {
  JURISDICTIONS,
  type Jurisdiction,
  listed,
  MUNICIPALITY_EXAMPLE,
  MUNICIPALITY_FILE,
  type Municipality,
  type ProductionConfig,
  productionConfig,
  readEarlierConfig,
  readMunicipality,
  WRANGLER_FILE,
} from "./deployment/municipality.ts";
import { type Account, provisionDatabase, provisionQueues, secretNames } from "./deployment/provision.ts";
import { smokeTest } from "./deployment/smoke-test.ts";
import { jsonOf, Stop, succeeded, type Wrangler, wranglerAt } from "./deployment/wrangler.ts";

const USAGE = `npm run deploy -- [options]

  --jurisdiction eu|us|none  where data is kept, if production.toml does not say it; for good
  --smoke-url URL            test this address after the deploy instead of PUBLIC_URL
  --dry-run                  look, and say what would be done; change nothing
  --help

docs/operators.md explains every step.`;

/** What a deploy touches outside itself. */
export interface World {
  /** Folder of the repository: where the municipality's settings and wrangler.toml are. */
  readonly root: string;
  /** Wrangler for one Cloudflare account, or for whichever our sign-in reaches. */
  readonly wranglerFor: (accountId: string | undefined) => Wrangler;
  readonly print: (line: string) => void;
  /** Asks the person; null when there is none. */
  readonly ask: (question: string) => Promise<string | null>;
  readonly fetch: typeof fetch;
  readonly sleep: (ms: number) => Promise<unknown>;
}

// A new address answers only when its certificate is there: minutes, as a rule.
const SMOKE_TRIES = 19;
const SMOKE_PAUSE_MS = 10_000;

/**
 * Puts the service online, or brings it up to date: settings, account, database and queues, secrets, migrations, Worker,
 * smoke test. Every step may be repeated. Gives an exit code.
 */
export async function deploy(args: readonly string[], world: World): Promise<number> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        jurisdiction: { type: "string" },
        "smoke-url": { type: "string" },
        "dry-run": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) world.print(USAGE);
    else await deployOnce(world, { ...values, smokeUrl: values["smoke-url"], dryRun: values["dry-run"] });
    return 0;
  } catch (error) {
    const usage = error instanceof TypeError && Reflect.get(error, "code")?.startsWith("ERR_PARSE_ARGS");
    if (!(error instanceof Stop) && !usage) throw error;
    world.print(`\n${(error as Error).message}`);
    world.print(usage ? `\n${USAGE}` : "\nPut this right and run npm run deploy again: it finds what is done already.");
    return 1;
  }
}

interface Options {
  readonly jurisdiction?: string | undefined;
  readonly smokeUrl?: string | undefined;
  readonly dryRun: boolean;
}

async function deployOnce(world: World, options: Options): Promise<void> {
  const { root, print } = world;
  const { dryRun } = options;
  print("1. Settings");
  const municipality = startedMunicipality(world, dryRun);
  const earlier = readEarlierConfig(root);
  const jurisdiction = await chooseJurisdiction(world, [
    ["--jurisdiction", options.jurisdiction],
    [MUNICIPALITY_FILE, municipality.jurisdiction],
    [`the last deploy (${WRANGLER_FILE})`, earlier?.vars.JURISDICTION],
  ]);
  const draft = productionConfig(root, municipality, { jurisdiction });
  refuseSettings(settingsProblems(draft, municipality, ["ROOT_KEY"]));
  print(`   of ${MUNICIPALITY_FILE} are complete; jurisdiction: ${jurisdiction}`);

  print("2. Cloudflare account");
  const accountId = await chooseAccount(world, municipality.account_id ?? earlier?.account_id);
  const wrangler = world.wranglerFor(accountId);
  const change: Wrangler = async (args, how) => {
    if (!dryRun) return wrangler(args, how);
    print(`   would run: wrangler ${args.join(" ")}`);
    return { code: 0, stdout: "", stderr: "" };
  };
  const account: Account = { wrangler, change, print: (line) => print(`   ${line}`) };

  print("3. Database and queues");
  const knownId = earlier?.name === municipality.name ? earlier.d1_databases[0]?.database_id : undefined;
  const databaseId = await provisionDatabase(account, draft, { jurisdiction, knownId });
  if (!databaseId && !dryRun) throw new Stop("The new database is not listed yet. That takes Cloudflare some seconds.");
  await provisionQueues(account, draft, jurisdiction);
  const config = productionConfig(root, municipality, { jurisdiction, databaseId, accountId });
  if (dryRun) print(`   would write ${WRANGLER_FILE}`);
  else writeFileSync(join(root, WRANGLER_FILE), `${JSON.stringify(config, null, 2)}\n`);

  print("4. Secrets");
  const secrets = await secretNames(account, config.name);
  print(`   ${secrets.length > 0 ? secrets.join(", ") : "none are there"}`);
  refuseSecrets(settingsProblems(config, municipality, secrets), dryRun ? print : undefined);

  print("5. Migrations");
  const before = new Date().toISOString();
  const database = config.d1_databases[0]?.database_name as string;
  // Unasked: whoever answered no would get the new Worker on the old schema.
  await mustSucceed(change, ["d1", "migrations", "apply", database, "--remote"], { unasked: true });

  print("6. Worker");
  await mustSucceed(change, ["deploy"]);

  print("7. Smoke test");
  const base = (options.smokeUrl ?? (config.vars.PUBLIC_URL as string)).replace(/\/+$/, "");
  if (dryRun) {
    print(`   would test ${base}`);
    return print("\nThis was a dry run: nothing was changed.");
  }
  await testUntilWell(world, base);
  print(whatNext(config, secrets, before));
}

async function mustSucceed(change: Wrangler, command: readonly string[], how: { unasked?: boolean } = {}) {
  const args = [...command, "--config", WRANGLER_FILE];
  succeeded(args, await change(args, { show: true, ...how }));
}

function startedMunicipality({ root }: World, dryRun: boolean): Municipality {
  if (existsSync(join(root, MUNICIPALITY_FILE))) return readMunicipality(root);
  if (dryRun) throw new Stop(`There is no ${MUNICIPALITY_FILE}: copy ${MUNICIPALITY_EXAMPLE} to it and fill it in.`);
  copyFileSync(join(root, MUNICIPALITY_EXAMPLE), join(root, MUNICIPALITY_FILE));
  throw new Stop(`${MUNICIPALITY_FILE} is new: fill it in, the jurisdiction first. docs/operators.md explains it.`);
}

/** The jurisdiction, when all who name one agree; otherwise the person is asked. */
async function chooseJurisdiction(
  { ask }: World,
  named: readonly (readonly [string, string | undefined])[],
): Promise<Jurisdiction> {
  const given = named.filter(([, value]) => value !== undefined);
  if (new Set(given.map(([, value]) => value)).size > 1) {
    throw new Stop(
      listed(
        "The jurisdiction can't be changed, and there are several:",
        given.map(([source, value]) => `${source} says ${value}`),
      ),
    );
  }
  const [, value] = given[0] ?? [
    "",
    await ask(`   Where is data to be kept? This can never be changed. (${JURISDICTIONS.join(", ")}) `),
  ];
  const found = JURISDICTIONS.find((one) => one === value?.trim());
  if (found) return found;
  throw new Stop(`The jurisdiction must be one of ${JURISDICTIONS.join(", ")}: write it into ${MUNICIPALITY_FILE}.`);
}

async function chooseAccount({ wranglerFor, print }: World, wanted: string | undefined): Promise<string> {
  const args = ["whoami", "--json"];
  const result = await wranglerFor(wanted)(args);
  if (result.code !== 0) throw new Stop("You are not signed in to Cloudflare. Run: npx wrangler login");
  const { accounts } = jsonOf(args, result) as { accounts: { id: string; name: string }[] };
  const account =
    wanted === undefined && accounts.length === 1 ? accounts[0] : accounts.find(({ id }) => id === wanted);
  if (account) {
    print(`   ${account.name} (${account.id})`);
    return account.id;
  }
  const names = accounts.map(({ id, name }) => `account_id = "${id}" is ${name}`);
  throw new Stop(
    wanted === undefined
      ? listed(`You reach several accounts. Write the right one into ${MUNICIPALITY_FILE}:`, names)
      : listed(`Your sign-in does not reach the account ${wanted}, only:`, names),
  );
}

function refuseSettings(problems: readonly string[]): void {
  if (problems.length > 0) throw new Stop(listed(`${MUNICIPALITY_FILE} is not ready:`, problems));
}

function refuseSecrets(problems: readonly string[], printOnly: ((line: string) => void) | undefined): void {
  if (problems.length === 0) return;
  const missing = problems.flatMap((problem) => /^([A-Z_]+) is missing/.exec(problem)?.[1] ?? []);
  const text = [
    listed("Not ready to serve:", problems),
    "docs/operators.md says what each secret is, and how to make a ROOT_KEY.",
    "Keep it in your password store, then hand it over (wrangler asks for it, and may ask whether to create the Worker: yes):",
    ...missing.map((name) => `  npx wrangler secret put ${name} --config ${WRANGLER_FILE}`),
  ].join("\n");
  if (!printOnly) throw new Stop(text);
  printOnly(text.replace(/^/gm, "   "));
}

async function testUntilWell({ print, fetch: fetcher, sleep }: World, base: string): Promise<void> {
  for (let left = SMOKE_TRIES - 1; ; left--) {
    const problems = await smokeTest(base, fetcher);
    if (problems.length === 0) return print(`   ${base} answers as it should`);
    if (left === 0) throw new Stop(listed(`The Worker is deployed, but ${base} is not well:`, problems));
    print(listed(`   not yet well, ${left} more tries:`, problems).replace(/^ {2}-/gm, "     -"));
    await sleep(SMOKE_PAUSE_MS);
  }
}

function whatNext(config: ProductionConfig, secrets: readonly string[], before: string): string {
  const database = config.d1_databases[0]?.database_name;
  const steps = [
    ...(secrets.includes("STAFF_BOOTSTRAP_KEY")
      ? []
      : [`if no admin has a key yet: npx wrangler secret put STAFF_BOOTSTRAP_KEY --config ${WRANGLER_FILE}`]),
    ...(secrets.includes("ROOT_KEY_PREVIOUS")
      ? ["ROOT_KEY_PREVIOUS is set: docs/operators.md says when it may go"]
      : []),
    ...(config.vars.ACCESS_AUDIENCE
      ? [
          `single sign-on: open ${config.vars.PUBLIC_URL?.replace(/\/+$/, "")}/v1/admin/me in a browser, and see your own entry`,
        ]
      : []),
    ...mailSteps(config, secrets),
    "sign a petition yourself, and see the mail arrive",
    `keep copies of ${MUNICIPALITY_FILE} and of ROOT_KEY`,
    `to take this deploy back: npx wrangler rollback --config ${WRANGLER_FILE}`,
    `the database as it was before: npx wrangler d1 time-travel restore ${database} --timestamp=${before} --config ${WRANGLER_FILE}`,
  ];
  return `\n${listed("Done. What next:", steps)}`;
}

function mailSteps({ vars, queues }: ProductionConfig, secrets: readonly string[]): string[] {
  if (secrets.includes("RESEND_API_KEY")) {
    return [
      `mail: is the domain of ${vars.MAIL_FROM} verified at Resend?`,
      `bounces: does Resend's webhook go to ${vars.PUBLIC_URL?.replace(/\/+$/, "")}/hooks/resend? docs/operators.md names its events`,
    ];
  }
  const events = queues.producers.find(({ binding }) => binding === "MAIL_EVENTS")?.queue;
  return [
    `mail: has the domain of ${vars.MAIL_FROM} been onboarded? npx wrangler email sending list`,
    `bounces: is the queue subscribed to them? npx wrangler queues subscription list ${events}; docs/operators.md says how`,
  ];
}

async function askOnTerminal(question: string): Promise<string | null> {
  if (!process.stdin.isTTY) return null;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

if (import.meta.main) {
  const root = process.cwd();
  const program = process.env.FOLKMOOT_WRANGLER ?? join(root, "node_modules/.bin/wrangler");
  process.exitCode = await deploy(process.argv.slice(2), {
    root,
    wranglerFor: (accountId) =>
      wranglerAt(program, { cwd: root, env: accountId === undefined ? {} : { CLOUDFLARE_ACCOUNT_ID: accountId } }),
    print: (line) => console.log(line),
    ask: askOnTerminal,
    fetch,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
}
