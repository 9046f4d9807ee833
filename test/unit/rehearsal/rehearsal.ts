import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deploy } from "../../../scripts/deploy.ts";
import type { Wrangler } from "../../../scripts/deployment/wrangler.ts";
import { answer, type StandInAccount } from "./wrangler-stand-in.ts";

const ACCOUNT_ID = "0123456789abcdef0123456789abcdef";
const REPOSITORY = join(import.meta.dirname, "../../..");

const FILLED_IN = {
  PUBLIC_URL: "https://petitions.example.org",
  MUNICIPALITY: "Town of Brackwater",
  TIME_ZONE: "Europe/Berlin",
  LOCALES: "de,en",
  MAIL_FROM: "petitions@mail.example.org",
  CONTACT: "petitions@example.org",
  PRIVACY_NOTICE_URL: "https://example.org/privacy",
};

/** A municipality's folder, its Cloudflare account, and a service that answers as the Worker does. */
export function rehearsal(before: Partial<StandInAccount> = {}) {
  const root = mkdtempSync(join(tmpdir(), "folkmoot-rehearsal-"));
  for (const file of ["wrangler.toml", "production.example.toml"]) cpSync(join(REPOSITORY, file), join(root, file));
  const account: StandInAccount = {
    signedIn: true,
    accounts: [{ id: ACCOUNT_ID, name: "Town of Brackwater" }],
    databases: [],
    queues: [],
    secrets: null,
    calls: [],
    ...before,
  };
  const printed: string[] = [];
  const world = {
    root,
    wranglerFor:
      (accountId: string | undefined): Wrangler =>
      async (args, { unasked = false } = {}) => ({
        ...answer(account, args, { CLOUDFLARE_ACCOUNT_ID: accountId, CI: unasked ? "1" : undefined }),
      }),
    print: (line: string) => void printed.push(line),
    ask: async () => null as string | null,
    fetch: serviceFetch(),
    sleep: async () => undefined,
  };
  return {
    root,
    world,
    account,
    /** Everything printed, as one text. */
    printed: () => printed.join("\n"),
    /** Writes production.toml: the top-level keys, then the settings over those that are filled in. */
    fillIn: (keys: Record<string, string> = {}, vars: Record<string, string | undefined> = {}) => {
      const line = ([key, value]: [string, string | undefined]) => (value === undefined ? [] : [`${key} = "${value}"`]);
      const top = Object.entries({ jurisdiction: "eu", name: "folkmoot", ...keys }).flatMap(line);
      const settings = Object.entries({ ...FILLED_IN, ...vars }).flatMap(line);
      writeFileSync(join(root, "production.toml"), [...top, "[vars]", ...settings, ""].join("\n"));
    },
    /** Runs the script; gives its exit code and the commands that it ran this time, in order. */
    run: async (...args: string[]) => {
      const known = account.calls.length;
      printed.length = 0;
      const code = await deploy(args, world);
      return { code, calls: account.calls.slice(known) };
    },
    config: () => JSON.parse(readFileSync(join(root, "wrangler.production.json"), "utf8")),
    end: () => rmSync(root, { recursive: true }),
  };
}

const problem = (status: number, code: string) => ({ status, body: { code, status } });

/** What a healthy Worker says to the smoke test; a test in workerd holds the smoke test against the real one. */
function serviceAnswer(method: string, path: string) {
  if (path === "/health") return { status: 200, body: { status: "ok" } };
  if (path === "/v1/petitions") {
    return method === "POST" ? problem(400, "invalid_request") : { status: 200, body: { data: [], next_cursor: null } };
  }
  return problem(404, "not_found");
}

function serviceFetch(): typeof fetch {
  return async (input, init) => {
    const { status, body } = serviceAnswer(init?.method ?? "GET", new URL(String(input)).pathname);
    return Response.json(body, { status });
  };
}

/** The same service over HTTP, for a script that runs as a process of its own. */
export async function startService(): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const { status, body } = serviceAnswer(request.method ?? "GET", request.url ?? "/");
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
