// Stands in for wrangler in a rehearsal: answers as wrangler 4.156 does, from an account that it is given, and records
// how it was called. As a program it keeps the account in the file that STAND_IN_ACCOUNT names.
import { readFileSync, writeFileSync } from "node:fs";
import type { CommandResult } from "../../../scripts/deployment/wrangler.ts";

/**
 * A Cloudflare account, as far as a deploy sees it. `secrets` are the Worker's, null while there is no Worker; the call
 * that begins with `fails` fails, once.
 */
export interface StandInAccount {
  signedIn: boolean;
  accounts: { id: string; name: string }[];
  databases: { uuid: string; name: string; jurisdiction?: string | null }[];
  queues: { name: string; jurisdiction?: string | undefined }[];
  secrets: string[] | null;
  fails?: string | undefined;
  migrated?: string | undefined;
  deployed?: string | undefined;
  calls: { called: string; ci: boolean; account: string | undefined }[];
}

/** What wrangler would answer; changes the account as it would. */
export function answer(account: StandInAccount, args: readonly string[], env: NodeJS.ProcessEnv): CommandResult {
  const called = args.join(" ");
  account.calls.push({ called, ci: env.CI === "1", account: env.CLOUDFLARE_ACCOUNT_ID });
  if (account.fails && called.startsWith(account.fails)) {
    account.fails = undefined;
    return refusal("A request to the Cloudflare API failed. [code: 10000]");
  }
  const command = Object.entries(commands).find(([name]) => called.startsWith(name))?.[1];
  return command ? command(account, args) : refusal(`Unknown arguments: ${called}`);
}

const success = (stdout: string): CommandResult => ({ code: 0, stdout, stderr: "" });

const refusal = (text: string): CommandResult => ({ code: 1, stdout: "", stderr: `✘ [ERROR] ${text}\n` });

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const option = (args: readonly string[], name: string): string | undefined =>
  args.includes(name) ? args[args.indexOf(name) + 1] : undefined;

const commands: Record<string, (account: StandInAccount, args: readonly string[]) => CommandResult> = {
  whoami: ({ signedIn, accounts }) =>
    signedIn ? success(json({ loggedIn: true, accounts })) : { ...success(json({ loggedIn: false })), code: 1 },
  "d1 list": ({ databases }) =>
    success(
      `▲ [WARNING] Processing wrangler.toml configuration:\n\n${json(databases.map(({ uuid, name }) => ({ uuid, name })))}`,
    ),
  "d1 info": ({ databases }, [, , wanted]) => success(json(databases.find(({ name }) => name === wanted))),
  "d1 create": ({ databases }, args) => {
    databases.push({
      uuid: `00000000-0000-4000-8000-00000000000${databases.length + 1}`,
      name: args[2] ?? "",
      jurisdiction: option(args, "--jurisdiction") ?? null,
    });
    return success(`✅ Successfully created DB '${args[2]}'\n`);
  },
  "queues info": ({ queues }, [, , wanted]) => {
    const queue = queues.find(({ name }) => name === wanted);
    if (!queue) return refusal(`Queue "${wanted}" does not exist. To create it, run: wrangler queues create ${wanted}`);
    const jurisdiction = queue.jurisdiction ? `Jurisdiction: ${queue.jurisdiction}\n` : "";
    return success(`Queue Name: ${wanted}\nQueue ID: 1\n${jurisdiction}Created On: 2026-11-23T10:00:00Z\n`);
  },
  "queues create": ({ queues }, args) => {
    queues.push({ name: args[2] ?? "", jurisdiction: option(args, "--jurisdiction") });
    return success(`✅ Created queue '${args[2]}'\n`);
  },
  "secret list": ({ secrets }, args) =>
    secrets
      ? success(json(secrets.map((name) => ({ name, type: "secret_text" }))))
      : refusal(
          `Worker "${option(args, "--name")}" not found.\n\nIf this is a new Worker, run \`wrangler deploy\` first.`,
        ),
  "d1 migrations apply": (account, args) => {
    account.migrated = option(args, "--config");
    return success("");
  },
  deploy: (account, args) => {
    account.deployed = option(args, "--config");
    return success("");
  },
};

if (import.meta.main) {
  const file = process.env.STAND_IN_ACCOUNT ?? "";
  const account = JSON.parse(readFileSync(file, "utf8"));
  const { code, stdout, stderr } = answer(account, process.argv.slice(2), process.env);
  writeFileSync(file, JSON.stringify(account));
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = code;
}
