import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { newUuid, publicId } from "../../src/lib/ids.ts";
import { coldIsolate, faultyDatabase, keepingQueue, refusingQueue } from "../support/isolate.ts";
import { freshEmail, mailsTo, nextMail, sign } from "../support/resident.ts";
import { actsOn, asStaff, staffKey } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

const isolate = coldIsolate();

beforeAll(async () => {
  await foundTown();
  await env.DB.prepare(`INSERT OR IGNORE INTO departments VALUES ('parks', '{"en":"Parks"}')`).run();
});
beforeEach(() => env.DB.prepare("DELETE FROM outbox").run());

interface Parked {
  readonly id: string;
  readonly kind: string;
  readonly petition_id: string | null;
  readonly error: string;
}

const hex = (no: number): string => no.toString(16).padStart(8, "0");

async function park(item: string, { kind = "creator_news", at = Date.now() } = {}): Promise<string> {
  const id = newUuid();
  await env.DB.prepare(
    `INSERT INTO outbox (id, kind, state, items, remaining, due_at, created_at, error, attempts)
    VALUES (?, ?, 'parked', json_array(?3), json_array(?3), 1, ?4, 'E_SENDER_DOMAIN_NOT_AVAILABLE', 10)`,
  )
    .bind(id, kind, item, at)
    .run();
  return publicId("job", id);
}

async function list(key = "fm_staff_local", query = "") {
  const answer = await asStaff(isolate, "GET", `/mail/parked${query}`, { key });
  const body = (await answer.json()) as { data: Parked[]; next_cursor: string | null };
  return { status: answer.status, ...body };
}

const retry = (id: string, key = "fm_staff_local", at = isolate) =>
  asStaff(at, "POST", `/mail/parked/${id}/retry`, { key });
const state = (id: string) =>
  env.DB.prepare("SELECT state FROM outbox WHERE id = ?").bind(id.slice(4)).first<string>("state");

describe("the list", () => {
  test("says which mail, about which petition, since when and why, and nothing of whom it is to", async () => {
    const petition = await openPetition({ title: "A lamp at the pier" });
    const email = freshEmail();
    await sign(coldIsolate({ INTAKE: refusingQueue, MAIL: refusingQueue }), petition.id, {
      email,
      name: "Wren Hollow",
    });
    await env.DB.prepare("UPDATE outbox SET state = 'parked', error = 'E_RECIPIENT_NOT_ALLOWED', attempts = 1").run();
    const { data } = await list();
    expect(data).toEqual([
      {
        id: expect.stringMatching(/^job_/),
        kind: "signature_answer",
        petition_id: petition.id,
        title: "A lamp at the pier",
        error: "E_RECIPIENT_NOT_ALLOWED",
        attempts: 1,
        since: expect.any(String),
      },
    ]);
    const [row] = (await env.DB.prepare("SELECT items FROM outbox").all<{ items: string }>()).results;
    const key = (JSON.parse(row?.items ?? "[]") as string[])[0] as string;
    for (const secret of [email, "Wren", key, key.slice(8)]) expect(JSON.stringify(data)).not.toContain(secret);
  });

  test("knows the petition of every number, and mails that are about none", async () => {
    const { id, no } = await openPetition();
    const items: [string, string | null][] = [
      [`${hex(no)}:opened`, id],
      [`${hex(no)}:response:${crypto.randomUUID()}`, id],
      [`${hex(no)}${"0f".repeat(12)}`, id],
      [`${hex(no)}${"0f".repeat(11)}`, null],
      [`${hex((no + 1) % 2 ** 32)}:opened`, null],
      [`2026-11-27:${crypto.randomUUID()}`, null],
      ["", null],
    ];
    for (const [n, [item]] of items.entries()) await park(item, { at: n });
    expect((await list()).data.map(({ petition_id }) => petition_id)).toEqual(
      items.map(([, about]) => about).reverse(),
    );
    for (const edge of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff]) {
      await env.DB.prepare(
        `INSERT OR IGNORE INTO petitions (no, id, state, title, background, locale, created_at)
        VALUES (?1, '01936d9e-8c4b-7f00-9a51-0000' || printf('%08x', ?1), 'draft', 'Edge', 'Edge', 'en', 1)`,
      )
        .bind(edge)
        .run();
      await park(`${hex(edge)}:opened`, { at: 100 + edge });
      expect((await list()).data[0]?.petition_id).toBe(`pet_01936d9e-8c4b-7f00-9a51-0000${hex(edge)}`);
    }
  });

  test("goes page by page, the newest first, also where many were parked at once", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 7; n++) ids.unshift(await park(`ffffffff:${n}`, { at: 1_000 + Math.floor(n / 4) }));
    const seen: string[] = [];
    for (let cursor = ""; ; ) {
      const page = await list("fm_staff_local", `?limit=3${cursor}`);
      seen.push(...page.data.map(({ id }) => id));
      if (page.next_cursor === null) break;
      cursor = `&cursor=${page.next_cursor}`;
    }
    expect(seen).toEqual(ids);
  });

  test("is for moderators, of one department what concerns its petitions", async () => {
    const ids: Record<string, string> = {};
    for (const department of ["works", "parks", null]) {
      const { no } = await openPetition({ department_code: department });
      ids[department ?? "none"] = await park(`${hex(no)}:rejected`);
    }
    const staffMail = await park(`2026-11-27:${crypto.randomUUID()}`, { kind: "staff_reminder" });
    const seen = async (key: string) => (await list(key)).data.map(({ id }) => id).sort();
    expect(await seen(await staffKey("moderator"))).toEqual([...Object.values(ids), staffMail].sort());
    for (const role of ["moderator", "admin"] as const) {
      const key = await staffKey(role, "works");
      expect(await seen(key)).toEqual([ids.works]);
      expect((await retry(ids.works as string, key)).status).toBe(200);
      for (const other of [ids.parks, ids.none, staffMail])
        expect((await retry(other as string, key)).status).toBe(404);
      await env.DB.prepare("UPDATE outbox SET state = 'parked'").run();
    }
    for (const key of [await staffKey("viewer"), await staffKey("viewer", "works")]) {
      expect((await list(key)).status).toBe(404);
      expect((await retry(ids.works as string, key)).status).toBe(404);
    }
    expect(await state(ids.parks as string)).toBe("parked");
  });
});

describe("trying again", () => {
  test("sends the mail, rings at once, and is recorded once however often it is asked for", async () => {
    const petition = await openPetition();
    const email = freshEmail();
    await sign(coldIsolate({ INTAKE: refusingQueue, MAIL: refusingQueue }), petition.id, { email });
    await env.DB.prepare("UPDATE outbox SET state = 'parked', error = 'timeout', attempts = 10").run();
    const [{ id } = { id: "" }] = (await list()).data;
    const bells = keepingQueue<{ job_id: string }>();
    const at = coldIsolate({ MAIL: bells });
    const answers = await Promise.all([retry(id, undefined, at), retry(id, undefined, at)]);
    for (const answer of answers) expect(await answer.json()).toEqual({ id, state: "waiting" });
    expect(new Set(bells.sent.map(({ job_id }) => job_id))).toEqual(new Set([id.slice(4)]));
    expect(await actsOn(petition.id)).toMatchObject([{ act: "mail.retry", actor: "local" }]);
    expect(await at.deliver("mail", bells.sent)).toEqual([]);
    await nextMail(email);
    expect(await (await retry(id)).json()).toEqual({ id, state: "sent" });
    expect(await mailsTo(email)).toHaveLength(1);
    expect(await actsOn(petition.id)).toHaveLength(1);
    expect((await list()).data).toEqual([]);
  });

  test("gives it all its tries again", async () => {
    const id = await park("ffffffff:opened");
    await retry(id, undefined, coldIsolate({ MAIL: refusingQueue }));
    const row = await env.DB.prepare("SELECT state, attempts, error FROM outbox WHERE id = ?")
      .bind(id.slice(4))
      .first();
    expect(row).toEqual({ state: "waiting", attempts: 0, error: null });
  });

  test("waits for the minute's job when nobody can be rung, and does nothing while the database fails", async () => {
    const petition = await openPetition();
    const email = freshEmail();
    await sign(coldIsolate({ INTAKE: refusingQueue, MAIL: refusingQueue }), petition.id, { email });
    await env.DB.prepare("UPDATE outbox SET state = 'parked'").run();
    const [{ id } = { id: "" }] = (await list()).data;
    expect((await retry(id, undefined, coldIsolate({ DB: faultyDatabase((n) => n > 1) }))).status).toBe(503);
    expect([await state(id), await actsOn(petition.id)]).toEqual(["parked", []]);
    expect((await retry(id, undefined, coldIsolate({ MAIL: refusingQueue }))).status).toBe(200);
    await coldIsolate().cron("* * * * *");
    await nextMail(email);
  });

  test("of what does not exist is a 404", async () => {
    for (const id of [
      "job_01936d9e-0000-7000-8000-000000000007",
      "job_x",
      "pet_01936d9e-0000-7000-8000-000000000007",
    ]) {
      expect((await retry(id)).status).toBe(404);
    }
  });
});
