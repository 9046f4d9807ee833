import { once } from "node:events";
import { createServer } from "node:net";
import { LOCAL_STAFF_KEY } from "../src/config.ts";
import { run } from "./child.mjs";
import { seedDemo } from "./demo/seed.ts";
import { runCrons } from "./local-crons.ts";
import { withLocalDatabase } from "./local-database.ts";

const WRANGLER = "node_modules/.bin/wrangler";
const HOST = "127.0.0.1";
const READY_POLL_MS = 100;

// Nothing leaves the machine, nothing asks, nothing looks for updates.
const QUIET_TOOLS = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};

/** Prepares the local database and runs `wrangler dev` until it ends; answers with an exit code. */
async function serve(args: readonly string[]): Promise<number> {
  const port = Number(optionOf(args, "--port") ?? 8787);
  const stateDir = optionOf(args, "--persist-to") ?? ".wrangler/state"; // wrangler's own default
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return refuse("--port must be from 1 to 65535.");
  if (!(await isFree(port))) {
    return refuse(
      `Port ${port} is in use. Choose another one: npm start -- --port ${port === 65_535 ? 8788 : port + 1}`,
    );
  }
  const migrate = ["d1", "migrations", "apply", "folkmoot", "--local", "--persist-to", stateDir];
  const failed = await run(process.execPath, [WRANGLER, ...migrate], { env: { ...QUIET_TOOLS, CI: "1" }, quiet: true });
  if (failed) return failed;
  await withLocalDatabase(stateDir, (d1) => seedDemo(d1, Date.now()));

  const publicUrl = `http://localhost:${port}`;
  const ended = new AbortController();
  const server = run(
    process.execPath,
    // Later arguments are the user's: where they repeat ours they must win, so ours are left out.
    [
      WRANGLER,
      "dev",
      ...unlessGiven(args, "--ip", HOST),
      ...unlessGiven(args, "--port", String(port)),
      ...unlessGiven(args, "--show-interactive-dev-session", "false"),
      ...["--var", `PUBLIC_URL:${publicUrl}`],
      ...args,
    ],
    { env: QUIET_TOOLS },
  );
  void server.finally(() => ended.abort());
  void welcome({ port, publicUrl, ended: ended.signal });
  return server;
}

async function welcome({ port, publicUrl, ended }: { port: number; publicUrl: string; ended: AbortSignal }) {
  const origin = `http://${HOST}:${port}`;
  const health = await firstAnswer(`${origin}/health`, ended);
  if (!health?.ok) {
    if (health) console.error(`\n  Folkmoot is not ready: ${await health.text()}\n`);
    return;
  }
  console.log(`
  Folkmoot is ready, with the demo petitions of the Town of Brackwater.

    Petitions      ${publicUrl}/v1/petitions
    Captured mail  ${publicUrl}/dev/mail
    Staff key      ${LOCAL_STAFF_KEY}

  README.md has a walk-through. Ctrl+C ends it.
`);
  runCrons(origin, ended);
}

/** What a server says as soon as it is there; undefined when it has ended before. */
async function firstAnswer(url: string, ended: AbortSignal): Promise<Response | undefined> {
  while (!ended.aborted) {
    const answer = await fetch(url, { signal: ended }).catch(() => undefined);
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
  return undefined;
}

/** The value of `--name value` or `--name=value`, the last one given. */
function optionOf(args: readonly string[], name: string): string | undefined {
  return args
    .flatMap((arg, index) => {
      if (arg === name) return args[index + 1] ?? [];
      return arg.startsWith(`${name}=`) ? arg.slice(name.length + 1) : [];
    })
    .at(-1);
}

const unlessGiven = (args: readonly string[], name: string, value: string): string[] =>
  optionOf(args, name) === undefined ? [`${name}=${value}`] : [];

/** Whether we could listen there: otherwise `wrangler dev` fails only after everything else is done. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, HOST);
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

function refuse(reason: string): number {
  console.error(reason);
  return 1;
}

process.exit(await serve(process.argv.slice(2)));
