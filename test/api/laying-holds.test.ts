import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { toBase64, utf8 } from "../../src/lib/bytes.ts";
import type { IntakeMessage } from "../../src/signatures/submission.ts";
import { countingLimiter } from "../support/counting-limiter.ts";
import { coldIsolate, faultyDatabase, keepingQueue } from "../support/isolate.ts";
import { expectTalliesToEqualRecount } from "../support/recount.ts";
import {
  codeIn,
  countOf,
  freshAddress,
  freshEmail,
  linkIn,
  nextMail,
  postJson,
  sign,
  tokenOf,
} from "../support/resident.ts";
import { asStaff } from "../support/staff.ts";
import { foundTown, openPetition, rootKeys } from "../support/town.ts";

const BLOCKED = "203.0.113.66\nspam.example\nbad@club.example\nten-minutes.example disposable\n";
const ALLOWED = "198.51.100.7 limit=3\nschools.example limit=3\n";

/** A mailbox at a domain that no other test has used. */
const mailboxAt = (domain: string) => `r${crypto.randomUUID().slice(0, 13)}@${domain}`;

async function setPolicies(figures: Record<string, { limit: number; window: number }>, fastSeconds: number) {
  const isolate = coldIsolate();
  const read = await asStaff(isolate, "GET", "/policies");
  const { policies } = (await read.json()) as { policies: object };
  const answer = await asStaff(isolate, "PUT", "/policies", {
    body: { policies: { ...policies, ...figures }, fast_seconds: fastSeconds },
    headers: { "If-Match": read.headers.get("ETag") ?? "" },
  });
  expect(answer.status).toBe(200);
}

beforeAll(async () => {
  await foundTown();
  for (const [list, text] of [
    ["blocked", BLOCKED],
    ["allowed", ALLOWED],
  ]) {
    const headers = { Authorization: "Bearer fm_staff_local", "Content-Type": "text/plain", "If-Match": '"0"' };
    const answer = await coldIsolate().fetch(`/v1/admin/lists/${list}`, {
      method: "PUT",
      headers,
      body: text as string,
    });
    expect(answer.status).toBe(200);
  }
  await setPolicies({ burst_network: { limit: 6, window: 3_600 }, burst_domain: { limit: 6, window: 3_600 } }, 0);
});
afterEach(() => void vi.useRealTimers());

// Amid a window, so that none ends while a test counts.
const amidWindow = () =>
  vi.useFakeTimers({ toFake: ["Date"], now: Math.floor(Date.now() / 3_600_000) * 3_600_000 + 1_930_000 });

const holdOf = (no: number) =>
  env.DB.prepare("SELECT state, hold FROM signatures WHERE petition_no = ? ORDER BY accepted_at DESC LIMIT 1")
    .bind(no)
    .first<{ state: string; hold: string | null }>();

interface Case {
  readonly name: string;
  readonly hold: string | null;
  readonly fields?: Record<string, unknown>;
  readonly address?: string;
  /** What has been signed earlier, from where. */
  readonly earlier?: () => [Record<string, unknown>, string][];
}

const times = (count: number, one: (n: number) => [Record<string, unknown>, string]) =>
  Array.from({ length: count }, (_, n) => one(n));

/** Everybody whom something is held against, and those whom nothing is. */
function cases(): Case[] {
  const crowd = freshAddress();
  const network = `2001:db8:${crypto.randomUUID().slice(0, 4)}`;
  const domain = `d${crypto.randomUUID().slice(0, 8)}.example`;
  return [
    { name: "new", hold: null },
    { name: "at an allowed address", hold: null, address: "198.51.100.7" },
    { name: "at an allowed domain", hold: null, fields: { email: mailboxAt("schools.example") } },
    { name: "at a blocked address", hold: "list", address: "203.0.113.66" },
    { name: "at a blocked domain", hold: "list", fields: { email: mailboxAt("spam.example") } },
    { name: "with a blocked e-mail address", hold: "list", fields: { email: "bad+1@club.example" } },
    {
      name: "at a domain that staff call disposable",
      hold: "disposable",
      fields: { email: mailboxAt("ten-minutes.example") },
    },
    { name: "at a domain known as disposable", hold: "disposable", fields: { email: mailboxAt("mailinator.com") } },
    { name: "over the limit of its address", hold: "rate", address: crowd, earlier: () => times(5, () => [{}, crowd]) },
    {
      name: "over the limit of its entry",
      hold: "rate",
      address: "198.51.100.7",
      earlier: () => times(3, () => [{}, "198.51.100.7"]),
    },
    {
      name: "in a burst from its network",
      hold: "burst",
      address: `${network}:9::1`,
      earlier: () => times(6, (n) => [{}, `${network}:${n}::1`]),
    },
    {
      name: "in a burst from its domain",
      hold: "burst",
      fields: { email: mailboxAt(domain) },
      earlier: () => times(6, () => [{ email: mailboxAt(domain) }, freshAddress()]),
    },
  ];
}

describe("whoever is held sees and gets what everybody does, and counts only when released", () => {
  test.each(cases())("$name: $hold", async ({ hold, fields = {}, address = freshAddress(), earlier }) => {
    amidWindow();
    const petition = await openPetition();
    const queue = keepingQueue<IntakeMessage>();
    const isolate = coldIsolate({ INTAKE: queue });
    for (const [other, from] of earlier?.() ?? []) await sign(isolate, petition.id, other, from);
    queue.sent.length = 0;
    vi.useRealTimers();
    const email = String(fields.email ?? freshEmail());
    amidWindow();
    expect((await sign(isolate, petition.id, { ...fields, email }, address)).status).toBe(202);
    vi.useRealTimers();
    expect(queue.sent.map((message) => message.hold)).toEqual([hold]);
    const recorder = coldIsolate();
    await recorder.deliver("intake", queue.sent);
    expect(await holdOf(petition.no)).toEqual({ state: "pending", hold });

    const mail = await nextMail(email);
    expect(mail.subject).toBe("Please confirm your signature: “Benches for the market square”");
    const page = await recorder.fetch(linkIn(mail, "v"));
    expect(page.status).toBe(200);
    const verified = await postJson(recorder, "/v1/verifications", { token: tokenOf(linkIn(mail, "v")) });
    expect([verified.status, Object.keys((await verified.json()) as object)]).toEqual([
      200,
      ["status", "signature_id", "petition_id", "signature_count"],
    ]);
    expect(await holdOf(petition.no)).toEqual({ state: "verified", hold });
    expect(await countOf(coldIsolate(), petition.id)).toBe(hold === null ? 1 : 0);
    await expectTalliesToEqualRecount(petition.no);

    await env.DB.prepare("UPDATE signatures SET hold = NULL WHERE petition_no = ?").bind(petition.no).run();
    expect(await countOf(coldIsolate(), petition.id)).toBe(1);
    await expectTalliesToEqualRecount(petition.no);
  });

  test("byte for byte: answer, headers and mail are the same but for ids, links and codes, and so are the calls made", async () => {
    amidWindow();
    const found: { answer: string; headers: [string, string][]; calls: number[]; mail: object; page: string }[] = [];
    for (const { fields = {}, address = freshAddress(), earlier } of cases()) {
      const petition = await openPetition();
      const limiter = { calls: 0 };
      const queue = keepingQueue<IntakeMessage>();
      const DB = faultyDatabase(() => false);
      const isolate = coldIsolate({ INTAKE: queue, DB, LIMITER: countingLimiter(limiter) });
      for (const [other, from] of [...(earlier?.() ?? []), [{}, freshAddress()] as [object, string]]) {
        await sign(isolate, petition.id, other as Record<string, unknown>, from);
      }
      queue.sent.length = 0;
      limiter.calls = 0;
      const read = DB.calls;
      // A mailbox on the list is one: what it got in the test before must not be its newest mail.
      const email = String(
        fields.email === "bad+1@club.example" ? "bad+2@club.example" : (fields.email ?? mailboxAt("club.example")),
      );
      const answer = await sign(isolate, petition.id, { ...fields, email }, address);
      // The address's object and one more, asked at once; now and then the same object has both.
      expect([1, 2]).toContain(limiter.calls);
      const calls = [DB.calls - read, queue.sent.length];
      const headers = [...answer.headers];
      const text = (await answer.text()).replace(/[0-9a-f-]{36}/, "ID");
      vi.useRealTimers();
      await coldIsolate().deliver("intake", queue.sent);
      const mail = await nextMail(email);
      const page = neutral(await (await coldIsolate().fetch(linkIn(mail, "v"))).text());
      const letter = {
        subject: mail.subject,
        headers: mail.headers,
        text: neutral(mail.text),
        html: neutral(mail.html),
      };
      found.push({ answer: `${answer.status} ${text}`, headers, calls, mail: letter, page });
      amidWindow();
    }
    expect(found.length).toBe(12);
    for (const one of found) expect(one).toEqual(found[0]);
    expect(found[0]?.calls).toEqual([0, 1]);
  });
});

/** A text without what differs for every signature. */
const neutral = (text: string): string =>
  text
    .replace(/\/(v|w|d)\/[\w-]+/g, "/$1/TOKEN")
    .replace(/pet_[0-9a-f-]{36}/g, "PETITION")
    .replace(/\b\d{6}\b/g, "CODE")
    .replace(/\b\d{3}[ \u00a0]\d{3}\b/g, "CODE");

describe("of 500 submissions from one address, a hundred at once", () => {
  async function submit500() {
    amidWindow();
    const queue = keepingQueue<IntakeMessage>();
    const isolate = coldIsolate({ INTAKE: queue });
    const { id } = await openPetition();
    const address = freshAddress();
    const statuses: number[] = [];
    for (let wave = 0; wave < 5; wave++) {
      const answers = await Promise.all(Array.from({ length: 100 }, () => sign(isolate, id, {}, address)));
      statuses.push(...answers.map(({ status }) => status));
    }
    const count = (status: number) => statuses.filter((one) => one === status).length;
    const held = queue.sent.filter(({ hold }) => hold === "rate").length;
    const free = queue.sent.filter(({ hold }) => hold === null).length;
    return { accepted: count(202), refused: count(429), held, free };
  }

  test("exactly five count, 55 are held and 440 refused; without the hard limit 495 are held", async () => {
    await setPolicies({ burst_network: { limit: 200, window: 3_600 } }, 0);
    expect(await submit500()).toEqual({ accepted: 60, refused: 440, held: 55, free: 5 });
    await setPolicies({ writes: { limit: 1_000, window: 60 } }, 0);
    expect(await submit500()).toEqual({ accepted: 500, refused: 0, held: 495, free: 5 });
    await setPolicies({ burst_network: { limit: 6, window: 3_600 } }, 0);
  });
});

describe("a burst", () => {
  test("is not made of what is held: whoever floods shuts out nobody with the same address, network or domain", async () => {
    amidWindow();
    const queue = keepingQueue<IntakeMessage>();
    const isolate = coldIsolate({ INTAKE: queue });
    const { id } = await openPetition();
    const domain = `d${crypto.randomUUID().slice(0, 8)}.example`;
    for (let n = 0; n < 30; n++) await sign(isolate, id, { email: mailboxAt(domain) }, "203.0.113.66");
    for (let n = 0; n < 30; n++) await sign(isolate, id, { email: mailboxAt("spam.example") }, "203.0.113.68");
    await sign(isolate, id, { email: mailboxAt(domain) });
    await sign(isolate, id, {}, "203.0.113.67");
    await sign(isolate, id, {}, "203.0.113.68");
    expect(queue.sent.map(({ hold }) => hold)).toEqual([...Array(60).fill("list"), null, null, null]);
  });

  test("of one petition or one network is none of another, and a big provider's domain has none", async () => {
    amidWindow();
    const queue = keepingQueue<IntakeMessage>();
    const isolate = coldIsolate({ INTAKE: queue });
    const [one, other] = [await openPetition(), await openPetition()];
    const domain = `d${crypto.randomUUID().slice(0, 8)}.example`;
    for (let n = 0; n < 7; n++) await sign(isolate, one.id, { email: mailboxAt(domain) });
    await sign(isolate, other.id, { email: mailboxAt(domain) });
    for (let n = 0; n < 8; n++) await sign(isolate, one.id, { email: mailboxAt("gmail.com") });
    const seven = [...Array(6).fill(null), "burst"];
    expect(queue.sent.map(({ hold }) => hold)).toEqual([...seven, null, ...Array(8).fill(null)]);
  });
});

describe("verified too fast for a person", () => {
  /** A signature of which the mail was written at one moment, and verified some milliseconds later. */
  async function verifiedAfter(ms: number, by: "link" | "code", email = freshEmail(), takenOut = false) {
    const petition = await openPetition();
    const queue = keepingQueue<IntakeMessage>();
    const isolate = coldIsolate({ INTAKE: queue });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    await sign(isolate, petition.id, { email });
    // The queue took its time; the mail is what counts for a link.
    if (by === "link") vi.setSystemTime(Date.now() + 60_000);
    const written = Date.now();
    const mails = keepingQueue<unknown>();
    const recorder = coldIsolate({ MAIL: mails });
    await recorder.deliver("intake", queue.sent);
    await recorder.deliver("mail", mails.sent);
    const mail = await nextMail(email);
    const body = { where: { petition: petition.id, email }, reason: "test" };
    const run =
      takenOut && ((await (await asStaff(isolate, "POST", "/invalidations", { body })).json()) as { id: string });
    vi.setSystemTime(written + ms);
    const proof =
      by === "link" ? { token: tokenOf(linkIn(mail, "v")) } : { petition_id: petition.id, email, code: codeIn(mail) };
    const answer = await postJson(coldIsolate(), "/v1/verifications", proof);
    const read = (await answer.json()) as Record<string, unknown>;
    const again = await postJson(coldIsolate(), "/v1/verifications", proof);
    expect(await again.json()).toEqual(read);
    if (run) await asStaff(isolate, "POST", `/invalidations/${run.id}/undo`);
    vi.useRealTimers();
    await expectTalliesToEqualRecount(petition.no);
    return { status: answer.status, said: read.status, ...(await holdOf(petition.no)), count: read.signature_count };
  }

  const usual = { status: 200, said: "verified", state: "verified" };

  test.each([
    [0, "link", "fast"],
    [1_999, "link", "fast"],
    [2_000, "link", null],
    [1_999, "code", "fast"],
    [2_000, "code", null],
  ] as const)("%i ms after its mail, by %s: %s", async (ms, by, hold) => {
    await setPolicies({}, 2);
    expect(await verifiedAfter(ms, by)).toEqual({ ...usual, hold, count: hold ? 0 : 1 });
  });

  test("is held also when it was taken out then, once it is given back", async () => {
    await setPolicies({}, 2);
    expect(await verifiedAfter(1_999, "link", freshEmail(), true)).toEqual({ ...usual, hold: "fast", count: 0 });
    expect(await verifiedAfter(2_000, "link", freshEmail(), true)).toEqual({ ...usual, hold: null, count: 0 });
  });

  test("is not looked for when staff have switched it off, and never takes the place of an earlier reason", async () => {
    await setPolicies({}, 2);
    expect(await verifiedAfter(0, "link", mailboxAt("spam.example"))).toMatchObject({ hold: "list" });
    await setPolicies({}, 0);
    expect(await verifiedAfter(0, "link")).toMatchObject({ hold: null, count: 1 });
  });

  test("costs nobody else a row, read or written", async () => {
    const cost = async (fastSeconds: number) => {
      await setPolicies({}, fastSeconds);
      const { no, id } = await openPetition();
      const email = freshEmail();
      await sign(coldIsolate(), id, { email });
      const mail = await nextMail(email);
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
      const log = vi.spyOn(console, "log");
      await postJson(coldIsolate(), "/v1/verifications", { token: tokenOf(linkIn(mail, "v")) });
      const lines = log.mock.calls.map(([line]) => JSON.parse(String(line)) as Record<string, unknown>);
      log.mockRestore();
      vi.useRealTimers();
      const { d1_rows_read: read, d1_rows_written: written } = lines.find(({ event }) => event === "request") ?? {};
      expect(Number(written)).toBeGreaterThan(0);
      return { read, written, hold: (await holdOf(no))?.hold };
    };
    expect(await cost(60)).toEqual(await cost(0));
  });

  test("a link that was mailed before links told when works as before", async () => {
    const { id, no } = await openPetition();
    const email = freshEmail();
    await sign(coldIsolate(), id, { email });
    const token = tokenOf(linkIn(await nextMail(email), "v"));
    const payload = (await rootKeys.readToken("verify", token))?.slice(0, 32) as Uint8Array<ArrayBuffer>;
    const old = await rootKeys.issueToken("verify", payload);
    expect((await postJson(coldIsolate(), "/v1/verifications", { token: old })).status).toBe(200);
    expect(await holdOf(no)).toMatchObject({ state: "verified" });
  });
});

test("a creator on a list is answered like anybody, and the petition does not leave its draft", async () => {
  await setPolicies({}, 0);
  const isolate = coldIsolate();
  const create = async (email: string, address = freshAddress()) => {
    const body = { title: "Lamps", background: "It is dark.", creator: { name: "Cay Dunn", email } };
    const answer = await postJson(isolate, "/v1/petitions", body, address);
    expect(answer.status).toBe(202);
    const { id } = (await answer.json()) as { id: string };
    const mail = await nextMail(email);
    expect((await postJson(isolate, "/v1/verifications", { token: tokenOf(linkIn(mail, "v")) })).status).toBe(200);
    return env.DB.prepare(
      "SELECT p.state, s.hold FROM petitions p JOIN signatures s ON s.petition_no = p.no WHERE p.id = ?",
    )
      .bind(id.slice(4))
      .first();
  };
  expect(await create(mailboxAt("spam.example"))).toEqual({ state: "draft", hold: "list" });
  expect(await create(mailboxAt("mailinator.com"))).toEqual({ state: "draft", hold: "disposable" });
  expect(await create(freshEmail(), "203.0.113.66")).toEqual({ state: "draft", hold: "list" });
  expect(await create(freshEmail())).toMatchObject({ hold: null });
});

test("a message from before there were other reasons is still read", async () => {
  const { no, uuid } = await openPetition();
  const clear = {
    submission_id: crypto.randomUUID().replace(/^(.{14})./, "$17"),
    petition_id: uuid,
    accepted_at: Date.now(),
  };
  const data = { name: "Mara Quill", email: freshEmail(), updates: false, locale: "en" };
  const context = [clear.submission_id, uuid, clear.accepted_at, "rate"].join("|");
  const sealed = toBase64(await rootKeys.seal("intake", utf8(JSON.stringify(data)), context));
  const old = { v: 1, ...clear, hold: "rate", sealed };
  expect(await coldIsolate().deliver("intake", [old])).toEqual([]);
  expect(await holdOf(no)).toEqual({ state: "pending", hold: "rate" });
});
