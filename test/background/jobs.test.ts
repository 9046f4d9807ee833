import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { coldIsolate, refusingQueue } from "../support/isolate.ts";
import { expectTalliesToEqualRecount } from "../support/recount.ts";
import { freshEmail, linkIn, type Mail, mailsTo, nextMail, postJson, sign, tokenOf } from "../support/resident.ts";
import { foundTown, openPetition } from "../support/town.ts";

beforeAll(foundTown);

const MINUTE = "* * * * *";
const HOUR = "17 * * * *";
const DAY_MS = 86_400_000;

const isolate = coldIsolate({ INTAKE: refusingQueue });
const petitionRow = (no: number) =>
  env.DB.prepare("SELECT state, ended_at FROM petitions WHERE no = ?").bind(no).first();

test("petitions close at their closing moment; a missed or doubled run changes nothing", async () => {
  const now = Date.now();
  const due = await openPetition({ closes_at: now - 5_000 });
  const later = await openPetition();
  for (let run = 0; run < 2; run++) await isolate.cron(MINUTE);
  expect(await petitionRow(due.no)).toEqual({ state: "closed", ended_at: now - 5_000 });
  expect(await petitionRow(later.no)).toEqual({ state: "open", ended_at: null });
});

test("lists are ordered by a snapshot that the minute's job takes, and that writes only what has changed", async () => {
  const { id, no } = await openPetition();
  const email = freshEmail();
  await sign(isolate, id, { email });
  await postJson(isolate, "/v1/verifications", { token: tokenOf(linkIn(await nextMail(email), "v")) });
  const ranking = () =>
    env.DB.prepare("SELECT popularity, trend FROM petition_rankings WHERE petition_no = ?").bind(no).first();
  await isolate.cron(MINUTE);
  expect(await ranking()).toEqual({ popularity: 1, trend: 1 });
  await env.DB.prepare("UPDATE hour_tallies SET hour = '2020-01-01T00' WHERE petition_no = ?").bind(no).run();
  await isolate.cron(MINUTE);
  expect(await ranking()).toEqual({ popularity: 1, trend: 0 });
});

test("unverified signatures are deleted after 14 days, verified ones stay, and a renewed one gets its time anew", async () => {
  const { id, no } = await openPetition();
  const [left, verified, renewed] = [freshEmail(), freshEmail(), freshEmail()];
  for (const email of [left, verified, renewed]) await sign(isolate, id, { email });
  for (const email of [left, renewed]) await nextMail(email);
  await postJson(isolate, "/v1/verifications", { token: tokenOf(linkIn(await nextMail(verified), "v")) });

  // Fifteen days pass for everything there is.
  const old = Date.now() - 15 * DAY_MS;
  const hex = old.toString(16).padStart(12, "0");
  await env.DB.batch([
    env.DB.prepare("UPDATE signatures SET accepted_at = ? WHERE petition_no = ?").bind(old, no),
    env.DB.prepare("UPDATE outbox SET id = ?1 || substr(id, 14)").bind(`${hex.slice(0, 8)}-${hex.slice(8)}`),
  ]);
  await sign(isolate, id, { email: renewed });
  await nextMail(renewed, 2);

  for (let run = 0; run < 2; run++) await isolate.cron(HOUR);
  const states = await env.DB.prepare("SELECT state FROM signatures WHERE petition_no = ? ORDER BY state")
    .bind(no)
    .all();
  expect(states.results).toEqual([{ state: "pending" }, { state: "verified" }]);
  await expectTalliesToEqualRecount(no);
  const gone = await postJson(isolate, "/v1/verifications", {
    token: tokenOf(linkIn((await mailsTo(left))[0] ?? (await nextMail(left)), "v")),
  });
  expect(await gone.json()).toMatchObject({ status: 410, code: "signature_gone" });
});

test("a threshold is stamped once when it is reached, cleared when the count falls below, and kept once staff acted", async () => {
  const { id, no } = await openPetition();
  await env.DB.prepare("INSERT INTO thresholds (petition_no, name, signatures) VALUES (?, 'response', 2)")
    .bind(no)
    .run();
  const stamp = () =>
    env.DB.prepare("SELECT reached_at FROM thresholds WHERE petition_no = ?").bind(no).first<number>("reached_at");
  const people = [freshEmail(), freshEmail(), freshEmail()];
  const mails: Mail[] = [];
  for (const email of people) {
    await sign(isolate, id, { email });
    mails.push(await nextMail(email));
  }
  const act = (path: string, index: number, kind: "v" | "w") =>
    postJson(isolate, path, { token: tokenOf(linkIn(mails[index] as Mail, kind)) });
  await act("/v1/verifications", 0, "v");
  expect(await stamp()).toBeNull();
  await act("/v1/verifications", 1, "v");
  const first = await stamp();
  expect(first).toBeGreaterThan(Date.now() - 60_000);
  await act("/v1/verifications", 2, "v");
  expect(await stamp()).toBe(first);
  await act("/v1/withdrawals", 2, "w");
  expect(await stamp()).toBe(first);
  await act("/v1/withdrawals", 1, "w");
  expect(await stamp()).toBeNull();
  await sign(isolate, id, { email: people[1] });
  await nextMail(people[1] as string, 3);
  await act("/v1/verifications", 1, "v");
  expect(await stamp()).not.toBeNull();
  await env.DB.prepare("UPDATE thresholds SET acted_at = 1 WHERE petition_no = ?").bind(no).run();
  await act("/v1/withdrawals", 1, "w");
  expect(await stamp()).not.toBeNull();
});

test("a petition whose creator does not verify goes with the creator's data; one that is held for review stays", async () => {
  const submit = async () => {
    const creator = { name: "Ilse Brand", email: freshEmail() };
    const answer = await postJson(isolate, "/v1/petitions", { title: "Left", background: "Behind.", creator });
    await nextMail(creator.email);
    return ((await answer.json()) as { id: string }).id;
  };
  const [left, held] = [await submit(), await submit()];
  const no = (id: string) => Number.parseInt(id.slice(-8), 16);
  const old = Date.now() - 15 * DAY_MS;
  const hex = old.toString(16).padStart(12, "0");
  await env.DB.batch([
    env.DB.prepare("UPDATE signatures SET accepted_at = ?1 WHERE petition_no IN (?2, ?3)").bind(
      old,
      no(left),
      no(held),
    ),
    env.DB.prepare(
      "UPDATE signatures SET state = 'verified', hold = 'rate', verified_at = 1, verified_hour = '2026-11-23T15' WHERE petition_no = ?",
    ).bind(no(held)),
    env.DB.prepare("UPDATE petitions SET created_at = ?1 WHERE no IN (?2, ?3)").bind(old, no(left), no(held)),
    env.DB.prepare("UPDATE outbox SET id = ?1 || substr(id, 14) WHERE state = 'sent'").bind(
      `${hex.slice(0, 8)}-${hex.slice(8)}`,
    ),
  ]);
  for (let run = 0; run < 2; run++) await isolate.cron(HOUR);
  const rows = await env.DB.prepare("SELECT no FROM petitions WHERE no IN (?, ?)").bind(no(left), no(held)).all();
  expect(rows.results).toEqual([{ no: no(held) }]);
  expect(
    await env.DB.prepare("SELECT count(*) AS n FROM signatures WHERE petition_no = ?").bind(no(left)).first("n"),
  ).toBe(0);
});

test("jobs of mail about anything go when they have served as long; what waits or is parked stays", async () => {
  const old = (Date.now() - 20 * DAY_MS).toString(16).padStart(12, "0");
  const id = (n: number) => `${old.slice(0, 8)}-${old.slice(8)}-7000-9000-${n.toString(16).padStart(12, "0")}`;
  const kinds = ["creator_news", "threshold_reached", "staff_reminder", "signature_withdrawn"];
  const states = ["sent", "waiting", "parked"];
  await env.DB.batch(
    kinds.flatMap((kind, nth) =>
      states.map((state, at) =>
        env.DB.prepare(
          `INSERT INTO outbox (id, kind, state, items, remaining, due_at, created_at) VALUES (?, ?, ?, '["0000000a:x"]', '[]', ?, 0)`,
        ).bind(id(10 * nth + at), kind, state, Date.now() + DAY_MS),
      ),
    ),
  );
  for (let run = 0; run < 2; run++) await isolate.cron(HOUR);
  const { results } = await env.DB.prepare("SELECT DISTINCT state FROM outbox WHERE id BETWEEN ? AND ? ORDER BY state")
    .bind(id(0), id(99))
    .all();
  expect(results).toEqual([{ state: "parked" }, { state: "waiting" }]);
});

test("one run of expiry clears as many jobs as there are", async () => {
  const old = (Date.now() - 20 * DAY_MS).toString(16).padStart(12, "0");
  const id = (n: number) => `${old.slice(0, 8)}-${old.slice(8)}-7000-8000-${n.toString(16).padStart(12, "0")}`;
  await env.DB.batch(
    Array.from({ length: 130 }, (_, n) =>
      env.DB.prepare(
        "INSERT INTO outbox (id, kind, state, items, remaining, due_at, created_at) VALUES (?, 'signature_answer', 'sent', '[]', '[]', 0, 0)",
      ).bind(id(n)),
    ),
  );
  await isolate.cron(HOUR);
  const left = env.DB.prepare("SELECT count(*) AS n FROM outbox WHERE id BETWEEN ? AND ?").bind(id(0), id(999));
  expect(await left.first("n")).toBe(0);
});
