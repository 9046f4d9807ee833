import { env } from "cloudflare:workers";
import { beforeAll, expect, test, vi } from "vitest";
import { LOCAL_ROOT_KEY } from "../../src/config.ts";
import { fromBase64, toHex } from "../../src/lib/bytes.ts";
import { RootKeys } from "../../src/lib/root-keys.ts";
import { PetitionSecret } from "../../src/petitions/petition-secret.ts";
import { coldIsolate, faultyDatabase, refusingQueue } from "../support/isolate.ts";
import { freshEmail, linkIn, nextMail, postJson, sign, tokenOf } from "../support/resident.ts";
import { foundTown, openPetition, rootKeys } from "../support/town.ts";

beforeAll(foundTown);

const HOUR = "17 * * * *";
const NEW_KEY = btoa("n".repeat(32));
const newKeys = new RootKeys(fromBase64(NEW_KEY) as NonNullable<ReturnType<typeof fromBase64>>);
const before = { INTAKE: refusingQueue };
const rotating = { ...before, ROOT_KEY: NEW_KEY, ROOT_KEY_PREVIOUS: LOCAL_ROOT_KEY };
const after = { ...before, ROOT_KEY: NEW_KEY };

const wrappedSecret = async (no: number) =>
  Uint8Array.from(
    (await env.DB.prepare("SELECT secret FROM petitions WHERE no = ?").bind(no).first<number[]>("secret")) ?? [],
  );
const opens = async (keys: RootKeys, { uuid, no }: { uuid: string; no: number }) =>
  (await PetitionSecret.unwrap(keys, uuid, await wrappedSecret(no))) !== null;

function listen() {
  const spy = vi.spyOn(console, "log");
  return (): { event: string }[] => spy.mock.calls.map(([line]) => JSON.parse(String(line)));
}

test("while the key is rotated every petition's secret comes under the new one, in pages and once", async () => {
  const petitions = [];
  for (let n = 0; n < 5; n++) petitions.push(await openPetition());
  const many = Array.from({ length: 450 }, (_, n) => n);
  const uuids = many.map((n) => `00000000-0000-7000-8000-0000${(0x10000 + n).toString(16).padStart(8, "0")}`);
  const { wrapped } = await PetitionSecret.create(rootKeys, "another context");
  await env.DB.batch(
    uuids.map((uuid, n) =>
      env.DB.prepare(
        "INSERT INTO petitions (no, id, state, title, background, locale, created_at, secret) VALUES (?, ?, 'gathering', 'x', 'x', 'en', 0, ?)",
      ).bind(0x10000 + n, uuid, n === 0 ? null : wrapped),
    ),
  );
  const logged = listen();
  await coldIsolate(before).cron(HOUR);
  expect(logged().map(({ event }) => event)).not.toContain("secrets_rewrapped");
  expect(await opens(rootKeys, petitions[0] as never)).toBe(true);

  await coldIsolate(rotating).cron(HOUR);
  expect(logged().at(-1)).toEqual({ event: "secrets_rewrapped", checked: 454, rewrapped: 5, unreadable: 449 });
  for (const petition of petitions) {
    expect([await opens(newKeys, petition), await opens(rootKeys, petition)]).toEqual([true, false]);
  }
  const secret = toHex(await wrappedSecret(petitions[0]?.no as number));
  await coldIsolate(rotating).cron(HOUR);
  expect(logged().at(-1)).toMatchObject({ event: "secrets_rewrapped", rewrapped: 0 });
  expect(toHex(await wrappedSecret(petitions[0]?.no as number))).toBe(secret);
  vi.restoreAllMocks();
});

test("a run that dies is made up for by the next; who signed before counts as the same person after", async () => {
  const petition = await openPetition();
  const email = freshEmail();
  const old = coldIsolate(before);
  await sign(old, petition.id, { email });
  const oldLink = tokenOf(linkIn(await nextMail(email), "v"));
  await coldIsolate({ ...rotating, DB: faultyDatabase((call) => call === 3) }).cron(HOUR);
  await coldIsolate(rotating).cron(HOUR);
  expect(await opens(newKeys, petition)).toBe(true);

  const verified = await postJson(coldIsolate(rotating), "/v1/verifications", { token: oldLink });
  expect(await verified.json()).toMatchObject({ signature_count: 1 });
  const now = coldIsolate(after);
  await sign(now, petition.id, { email });
  const rows = await env.DB.prepare("SELECT count(*) AS n FROM signatures WHERE petition_no = ?")
    .bind(petition.no)
    .first("n");
  expect(rows).toBe(1);
  const gone = await postJson(now, "/v1/verifications", { token: oldLink });
  expect(await gone.json()).toMatchObject({ status: 422, code: "token_invalid" });
});

test("lists come under the new key too, once, and stay what they were after the old one is gone", async () => {
  const text = "203.0.113.66 # somebody\nspam.example\n";
  const list = (isolate: ReturnType<typeof coldIsolate>, init: RequestInit = {}) =>
    isolate.fetch("/v1/admin/lists/blocked", {
      ...init,
      headers: { Authorization: "Bearer fm_staff_local", "Content-Type": "text/plain", "If-Match": '"0"' },
    });
  const stored = () =>
    env.DB.prepare("SELECT value, updated_at FROM settings WHERE name = 'list:blocked'").first<
      Record<string, unknown>
    >();
  expect((await list(coldIsolate(before), { method: "PUT", body: text })).status).toBe(200);
  const old = await stored();
  await coldIsolate(before).cron(HOUR);
  expect(await stored()).toEqual(old);

  const DB = faultyDatabase(() => true);
  await coldIsolate({ ...rotating, DB }).cron(HOUR);
  expect(await stored()).toEqual(old);
  await coldIsolate(rotating).cron(HOUR);
  const renewed = await stored();
  expect(renewed?.updated_at).toBe(old?.updated_at);
  expect(renewed?.value).not.toBe(old?.value);
  await coldIsolate(rotating).cron(HOUR);
  expect(await stored()).toEqual(renewed);

  expect(await (await list(coldIsolate(after))).text()).toBe(text);
  const { id, no } = await openPetition({}, newKeys);
  await sign(coldIsolate(after), id, {}, "203.0.113.66");
  expect(await env.DB.prepare("SELECT hold FROM signatures WHERE petition_no = ?").bind(no).first("hold")).toBe("list");
});
