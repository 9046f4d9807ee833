import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { withLocalDatabase } from "../../scripts/local-database.ts";
import { runImportCommand } from "./command.ts";
import { petition, workbench } from "./workbench.ts";

// The municipality's way: import, start the service on that database, and use it over HTTP.

const DATA = "../shared/data";
const { file, folder } = workbench();
const stateDir = join(folder, "state");

const invented = () => [
  file("areas.csv", 'code,name\nHAR,"Harbour, new"\n').path,
  file("postcodes.csv", "postcode,area\nBW1 1AL,HAR\n").path,
  file("petitions.json", [
    petition(7, {
      title: " A lamp for the \u202flong pier ",
      response: { summary: "Not this year.", details: "No money.", responded_on: "2025-06-01" },
    }),
  ]).path,
  file("7.json", [
    { area: "Pier", code: "P1", signature_count: 12 },
    { area: "Quay", code: "P2", signature_count: 4 },
  ]).path,
];

const shared = () => [
  join(DATA, "petitions.json"),
  join(DATA, "areas_2010.csv"),
  join(DATA, "areas.csv"),
  ...readdirSync(join(DATA, "signatures_by_area")).map((name) => join(DATA, "signatures_by_area", name)),
];

let origin: string;
let server: ChildProcess | undefined;

beforeAll(async () => {
  const own = await runImportCommand([
    "--persist-to",
    stateDir,
    "--source",
    "oldtown.example",
    "--thresholds",
    "response=1,hearing=2",
    ...invented(),
  ]);
  expect(own.code, own.stderr).toBe(0);
  if (existsSync(DATA)) {
    for (let run = 1; run <= 2; run++) {
      const all = await runImportCommand(["--persist-to", stateDir, ...shared()]);
      expect(all.code, all.stderr).toBe(0);
      if (run === 2) expect(all.stdout).not.toMatch(/\d (new|changed|with)/);
    }
  }
  origin = await serve();
}, 120_000);

afterAll(async () => {
  const ended = server && new Promise((resolve) => server?.once("close", resolve));
  server?.kill("SIGTERM");
  await ended;
});

async function serve(): Promise<string> {
  const port = await freePort();
  const command = [
    "node_modules/.bin/wrangler",
    "dev",
    "--ip",
    "127.0.0.1",
    "--port",
    String(port),
    "--persist-to",
    stateDir,
  ];
  server = spawn(process.execPath, [...command, "--show-interactive-dev-session", "false"], {
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" },
    stdio: "ignore",
  });
  const url = `http://127.0.0.1:${port}`;
  await vi.waitFor(async () => expect((await fetch(`${url}/health`)).ok).toBe(true), {
    timeout: 60_000,
    interval: 200,
  });
  return url;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

interface Listed {
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly signature_count: number;
}

interface Shown extends Listed {
  readonly thresholds: { name: string; signatures: number; reached_at: string | null }[];
  readonly response: unknown;
  readonly elsewhere:
    | { source: string; signatures: number; areas: { counts: { signatures: number }[] } | null }[]
    | null;
}

const get = async <Body>(path: string): Promise<Body> => (await (await fetch(`${origin}${path}`)).json()) as Body;
const search = async (words: string): Promise<Listed[]> =>
  (await get<{ data: Listed[] }>(`/v1/petitions?q=${encodeURIComponent(words)}`)).data;
const show = (id: string): Promise<Shown> => get(`/v1/petitions/${id}`);

const post = (path: string, body: unknown): Promise<Response> =>
  fetch(`${origin}${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

/** Signs a petition and verifies it by the mail's link; gives the count that the answer tells. */
async function signAndVerify(id: string, email: string): Promise<number> {
  const submission = { name: "Mara Quill", email, postcode: "BW1 1AL", eligible: true };
  expect((await post(`/v1/petitions/${id}/signatures`, submission)).status).toBe(202);
  const token = await vi.waitFor(
    async () => {
      const { data } = await get<{ data: { text: string }[] }>(`/dev/mail.json?to=${email}`);
      const found = /\/v\/([^\s?]+)/.exec(data[0]?.text ?? "")?.[1];
      expect(found).toBeDefined();
      return found;
    },
    { timeout: 20_000, interval: 100 },
  );
  const answer = await post("/v1/verifications", { token });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { signature_count: number }).signature_count;
}

describe("an imported petition", () => {
  test("is found, signed and counted here, and what is said of it elsewhere stays as it was and moves nothing", async () => {
    const [found] = await search("lamp long pier");
    expect(found).toMatchObject({ title: "A lamp for the \u202flong pier", state: "open", signature_count: 0 });
    const { id } = found as Listed;
    const before = await show(id);
    expect(before.elsewhere).toEqual([
      {
        source: "oldtown.example",
        url: null,
        as_of: "2025-06-01",
        as_of_basis: "latest_event",
        opened_at: "2025-03-09T10:00:00.000Z",
        signatures: 1_207,
        thresholds: [{ name: "response", reached_at: "2025-04-02T08:30:00.000Z" }],
        response: { summary: "Not this year.", details: "No money.", responded_on: "2025-06-01" },
        areas: { as_of: "2025-06-01", counts: [{ code: "P1", name: "Pier", signatures: 10 }] },
      },
    ]);
    // 1,207 elsewhere reach neither the threshold of one nor that of two here.
    expect(before.thresholds.map(({ reached_at }) => reached_at)).toEqual([null, null]);
    expect(before.response).toBeNull();

    expect(await signAndVerify(id, "mara@example.org")).toBe(1);
    const after = await vi.waitFor(
      async () => {
        const shown = await show(id);
        expect(shown.signature_count).toBe(1);
        return shown;
      },
      { timeout: 15_000, interval: 200 },
    );
    expect(after.elsewhere).toEqual(before.elsewhere);
    expect(after.thresholds).toEqual([
      { name: "response", signatures: 1, reached_at: expect.any(String) },
      { name: "hearing", signatures: 2, reached_at: null },
    ]);
  });

  test("can be imported again while the service runs, which loses no signature", async () => {
    const more = file("more.json", [petition(8, { title: "A second lamp" })]).path;
    const again = await runImportCommand([
      "--persist-to",
      stateDir,
      "--source",
      "oldtown.example",
      ...invented(),
      more,
    ]);
    expect(again.code, again.stderr).toBe(0);
    expect(await search("second lamp")).toMatchObject([{ title: "A second lamp", state: "open" }]);
    const [found] = await search("lamp long pier");
    expect(await get(`/v1/petitions/${found?.id}/count`)).toMatchObject({ verified: 1 });
    const tallies = await withLocalDatabase(stateDir, (d1) =>
      d1.prepare("SELECT sum(verified) AS n FROM petition_tallies").first("n"),
    );
    expect(tallies).toBe(1);
  });
});

const there = existsSync(DATA);
if (!there) console.log(`The shared data set is not at ${DATA}: the story about it is skipped.`);

describe.skipIf(!there)("all of the shared data", () => {
  test("is listed: every petition open, none with a signature of its own, each with its facts", async () => {
    const { data } = await get<{ data: Listed[] }>("/v1/petitions?limit=50");
    expect(data).toHaveLength(23 + 2); // with the invented ones
    expect(new Set(data.map(({ state }) => state))).toEqual(new Set(["open"]));
    const shown = await Promise.all(data.map(({ id }) => show(id)));
    for (const one of shown) expect(one.elsewhere).toHaveLength(1);
    const totals = shown.map(({ elsewhere }) => elsewhere?.[0]?.signatures ?? 0);
    expect(Math.max(...totals)).toBe(5_965_065);
    expect(shown.filter(({ elsewhere }) => elsewhere?.[0]?.areas)).toHaveLength(3); // with an invented one
    expect(shown.every(({ response }) => response === null)).toBe(true);
  });

  test("has areas of both lists", async () => {
    const { data } = await get<{ data: { code: string; population: number | null }[] }>("/v1/areas");
    expect(data).toHaveLength(650 + 650 - 5 + 1);
    expect(data.filter(({ population }) => population !== null)).toHaveLength(650);
  });

  test("is searched, signed and verified: one signature counts, the fact stays", async () => {
    const [found] = await search("fireworks general sale");
    const { id } = found as Listed;
    const { elsewhere } = await show(id);
    expect(elsewhere?.[0]).toMatchObject({
      source: "petition.parliament.uk",
      url: "https://petition.parliament.uk/petitions/276425",
      signatures: 184_853,
    });
    expect(elsewhere?.[0]?.areas?.counts.every(({ signatures }) => signatures % 5 === 0)).toBe(true);
    expect(await signAndVerify(id, "nila@example.org")).toBe(1);
    const after = await vi.waitFor(
      async () => {
        const shown = await show(id);
        expect(shown.signature_count).toBe(1);
        return shown;
      },
      { timeout: 15_000, interval: 200 },
    );
    expect(after.elsewhere).toEqual(elsewhere);
    expect(after.thresholds.map(({ reached_at }) => reached_at)).toEqual([null, null]);
  });
});
