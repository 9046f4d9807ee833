import { readFileSync } from "node:fs";

const MINUTE_MS = 60_000;

/** Runs the Worker's crons as Cloudflare would: `wrangler dev` leaves that to its user. Until `ended`. */
export function runCrons(origin: string, ended: AbortSignal): void {
  const crons = readCrons(readFileSync("wrangler.toml", "utf8"));
  const timer = setInterval(() => {
    const minute = new Date().getUTCMinutes();
    for (const cron of crons.filter((each) => isDue(each, minute))) {
      const url = `${origin}/cdn-cgi/local/scheduled?${new URLSearchParams({ cron })}`;
      // A missed run is made up for by the next one.
      void fetch(url, { signal: ended }).catch(() => undefined);
    }
  }, MINUTE_MS);
  ended.addEventListener("abort", () => clearInterval(timer));
}

/** The schedules of the top level of wrangler.toml. */
function readCrons(toml: string): string[] {
  const list = /^crons = \[([^\]]*)\]/m.exec(toml)?.[1] ?? "";
  return [...list.matchAll(/"([^"]+)"/g)].map(([, cron]) => cron as string);
}

/** Ours are of two forms: each minute, or one minute of each hour. */
function isDue(cron: string, minute: number): boolean {
  const [at] = cron.split(" ");
  return at === "*" || Number(at) === minute;
}
