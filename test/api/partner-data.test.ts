import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { MailMessage } from "../../src/bindings.ts";
import { uuidAt, uuidHex } from "../../src/lib/ids.ts";
import type { IntakeMessage } from "../../src/signatures/submission.ts";
import { coldIsolate, keepingQueue } from "../support/isolate.ts";
import { meteredDatabase } from "../support/metered-database.ts";
import { asPartner, newKey, newPartner, type PartnerView, signVia } from "../support/partners.ts";
import { freshEmail, linkIn, nextMail, postJson, sign, tokenOf } from "../support/resident.ts";
import { foundTown, openPetition } from "../support/town.ts";

const isolate = coldIsolate();
const DAY = 86_400_000;

beforeAll(foundTown);
afterEach(() => void vi.useRealTimers());

interface Sent {
  readonly submission_id: string;
  readonly petition_id: string;
  readonly reference: string | null;
  readonly status: string;
  readonly verified_at: string | null;
  readonly signer: { name: string; email: string; postcode: string | null } | null;
}

interface Page {
  readonly data: Sent[];
  readonly next_cursor: string | null;
}

const read = async <Body = Page>(key: string, path: string, at = coldIsolate()): Promise<Body> => {
  const answer = await asPartner(at, key, "GET", path);
  expect(answer.status, path).toBe(200);
  return (await answer.json()) as Body;
};

const list = async (key: string, query = "") => (await read(key, `/v1/partner/submissions${query}`)).data;

const verify = async (email: string, count = 1) =>
  postJson(isolate, "/v1/verifications", { token: tokenOf(linkIn(await nextMail(email, count), "v")) });

/** A partner with a key that may do everything. */
async function withKey(terms = {}): Promise<PartnerView & { key: string }> {
  const partner = await newPartner();
  return { ...partner, key: (await newKey(partner, terms)).key };
}

/** Waits until a partner's submission is recorded. */
const recorded = (key: string, n: number) =>
  vi.waitFor(async () => expect((await list(key)).length).toBe(n), { timeout: 15_000, interval: 50 });

describe("a partner reads of its own submissions", () => {
  test("what became of each, and never another partner's, nor what residents sent themselves", async () => {
    const [one, other] = [await withKey(), await withKey()];
    const { id } = await openPetition();
    const [mine, theirs] = [freshEmail(), freshEmail()];
    const answer = await signVia(isolate, one.key, id, { email: mine, reference: "my 1" });
    const { submission_id } = (await answer.json()) as Sent;
    await signVia(isolate, other.key, id, { email: theirs, reference: "their 1", consent: true });
    await sign(isolate, id, { email: freshEmail() });
    await verify(mine);
    await verify(theirs);
    const own = await list(one.key);
    expect(own).toEqual([
      {
        ...{ submission_id, petition_id: id, reference: "my 1", status: "verified", signer: null },
        submitted_at: expect.any(String),
        verified_at: expect.any(String),
      },
    ]);
    const others = await list(other.key);
    expect(others.map(({ reference }) => reference)).toEqual(["their 1"]);
    expect(await list((await withKey()).key)).toEqual([]);
    const day = `?petition=${id}`;
    for (const { key } of [one, other]) {
      const { data } = await read<{ data: object[] }>(key, `/v1/partner/counts${day}`);
      expect(data).toEqual([{ petition_id: id, day: expect.any(String), submitted: 1, verified: 1 }]);
    }
  });

  test("a repeat and a held one like any that waits, before and after the person has verified", async () => {
    const { key, code } = await withKey();
    const { id, no } = await openPetition();
    const [signed, held, waiting] = [freshEmail(), freshEmail(), freshEmail()];
    await sign(isolate, id, { email: signed });
    await verify(signed);
    await signVia(isolate, key, id, { email: signed, reference: "repeat" });
    await nextMail(signed, 2);
    await signVia(isolate, key, id, { email: held, reference: "held" });
    await nextMail(held);
    await signVia(isolate, key, id, { email: waiting, reference: "waits" });
    await nextMail(waiting);
    await env.DB.prepare(
      "UPDATE signatures SET hold = 'list' WHERE (petition_no, submission) IN (SELECT petition_no, submission FROM partner_submissions WHERE partner = ?) AND petition_no = ? AND state = 'pending' AND accepted_at < (SELECT max(accepted_at) FROM signatures WHERE petition_no = ?)",
    )
      .bind(code, no, no)
      .run();
    await verify(held);
    const different = ({ reference, submission_id: _, submitted_at: __, ...rest }: Sent & { submitted_at?: string }) =>
      rest;
    const seen = await list(key);
    expect(seen.map(({ reference }) => reference)).toEqual(["waits", "held", "repeat"]);
    expect(new Set(seen.map((sent) => JSON.stringify(different(sent)))).size).toBe(1);
    expect(seen[0]?.status).toBe("pending");
    // And in the end they end alike.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 14 * DAY + 60_000 });
    const later = await list(key);
    expect(later.map(({ status }) => status)).toEqual(["expired", "expired", "expired"]);
    expect(new Set(later.map((sent) => JSON.stringify(different(sent)))).size).toBe(1);
  });

  test("until when somebody could verify: 14 days, and a day after the petition has ended", async () => {
    const { key } = await withKey();
    const start = Date.now();
    const closes = start + 2 * DAY;
    const { id } = await openPetition({ closes_at: closes });
    await signVia(isolate, key, id, { email: freshEmail() });
    await recorded(key, 1);
    const statusAt = async (at: number) => {
      vi.useFakeTimers({ toFake: ["Date"], now: at });
      const [sent] = await list(key);
      vi.useRealTimers();
      return sent?.status;
    };
    expect(await statusAt(closes + DAY - 1)).toBe("pending");
    expect(await statusAt(closes + DAY)).toBe("expired");
  });

  test("name and address with the signer's consent only, once verified, and as long as they are not erased", async () => {
    const { key } = await withKey();
    const { id, no } = await openPetition();
    const [agreed, not] = [freshEmail(), freshEmail()];
    await signVia(isolate, key, id, { name: "Ada Agreed", email: agreed, postcode: "BW1 1AA", consent: true });
    await signVia(isolate, key, id, { name: "Nora Not", email: not });
    const mail = await nextMail(agreed);
    await nextMail(not);
    const names = async () => (await list(key)).map(({ signer }) => signer?.name ?? null);
    expect(await names()).toEqual([null, null]);
    await verify(agreed);
    await verify(not);
    expect(await names()).toEqual([null, "Ada Agreed"]);
    expect((await list(key))[1]?.signer).toEqual({ name: "Ada Agreed", email: agreed, postcode: "BW1 1AA" });
    // Taking a signature out must not show.
    const before = await list(key);
    await env.DB.prepare("UPDATE signatures SET state = 'invalidated', ended_at = 1 WHERE petition_no = ?")
      .bind(no)
      .run();
    expect(await list(key)).toEqual(before);
    await env.DB.prepare("UPDATE signatures SET state = 'verified', ended_at = NULL WHERE petition_no = ?")
      .bind(no)
      .run();
    await postJson(isolate, "/v1/withdrawals", { token: tokenOf(linkIn(mail, "w")) });
    expect(await names()).toEqual([null, null]);
    expect((await list(key)).map(({ status }) => status)).toEqual(["verified", "verified"]);
    // Whoever signs again without the partner has agreed to nothing.
    await sign(isolate, id, { name: "Ada Agreed", email: agreed, postcode: "BW1 1AA" });
    await nextMail(agreed, 3);
    await verify(agreed, 3);
    expect(await names()).toEqual([null, null]);
  });

  test("no name of somebody who agreed, when another partner's submission is the one that was verified", async () => {
    const [one, other] = [await withKey(), await withKey()];
    const { id } = await openPetition();
    const email = freshEmail();
    await signVia(isolate, one.key, id, { email, consent: true });
    await nextMail(email);
    await signVia(isolate, other.key, id, { email });
    await verify(email, 2);
    const [mine] = await list(one.key);
    const [theirs] = await list(other.key);
    expect([mine?.status, mine?.signer, theirs?.status, theirs?.signer]).toEqual(["pending", null, "verified", null]);
  });

  test("only those of the petitions that the key is for", async () => {
    const partner = await newPartner();
    const [a, b] = [await openPetition(), await openPetition()];
    const { key: all } = await newKey(partner);
    const { key: some } = await newKey(partner, { petitions: [a.id] });
    await signVia(isolate, all, a.id, { reference: "a" });
    await signVia(isolate, all, b.id, { reference: "b" });
    await recorded(all, 2);
    expect((await list(some)).map(({ reference }) => reference)).toEqual(["a"]);
    expect((await list(all, `?petition=${b.id}`)).map(({ reference }) => reference)).toEqual(["b"]);
    for (const path of ["submissions", "counts"]) {
      const of = async (key: string, id: string) =>
        (await asPartner(isolate, key, "GET", `/v1/partner/${path}?petition=${id}`)).status;
      expect([await of(some, b.id), await of(some, a.id), await of(all, b.id)]).toEqual([404, 200, 200]);
    }
    const { data } = await read<{ data: { petition_id: string }[] }>(some, "/v1/partner/counts");
    expect(data.map(({ petition_id }) => petition_id)).toEqual([a.id]);
    expect((await signVia(isolate, some, b.id)).status).toBe(404);
  });

  test("nothing personal any more once the petition's secret is destroyed", async () => {
    const { key } = await withKey();
    const { id, no } = await openPetition();
    const email = freshEmail();
    await signVia(isolate, key, id, { email, reference: "gone", consent: true });
    await nextMail(email);
    await verify(email);
    expect((await list(key))[0]?.reference).toBe("gone");
    await env.DB.prepare("UPDATE petitions SET secret = NULL WHERE no = ?").bind(no).run();
    expect((await list(key))[0]).toMatchObject({ reference: null, signer: null, status: "verified" });
  });

  test("page by page, the newest first, also when few of many are asked for", async () => {
    const { key, code } = await withKey();
    const { no } = await openPetition();
    const begin = Date.now() - 2_000_000;
    const total = 1_300;
    const ids = Array.from({ length: total }, (_, n) => uuidHex(uuidAt(begin + n * 1_000)));
    await env.DB.prepare(
      `INSERT INTO partner_submissions (partner, submission, petition_no, accepted_at, verified_at)
       SELECT ?1, unhex(value), ?2, ?3, iif(key % 400 = 7, ?3, NULL) FROM json_each(?4)`,
    )
      .bind(code, no, begin, JSON.stringify(ids))
      .run();
    const { DB, measure } = meteredDatabase();
    const at = coldIsolate({ DB });
    const follow = async (query: string) => {
      const found: Sent[] = [];
      let pages = 0;
      for (let cursor: string | null = ""; cursor !== null; pages++) {
        const page: Page = await read(key, `/v1/partner/submissions?${query}${cursor && `&cursor=${cursor}`}`, at);
        found.push(...page.data);
        cursor = page.next_cursor;
      }
      return { found: found.map(({ submission_id }) => submission_id.slice(4).replaceAll("-", "")), pages };
    };
    const newest = [...ids].reverse();
    expect(await follow("limit=100")).toEqual({ found: newest, pages: 13 });
    const verified = ids.filter((_, n) => n % 400 === 7).reverse();
    expect(await follow("status=verified&limit=2")).toEqual({ found: verified, pages: expect.any(Number) });
    expect((await follow("status=verified&limit=2")).pages).toBeLessThan(6);
    const cost = await measure(() => asPartner(at, key, "GET", "/v1/partner/submissions?status=expired"));
    expect(cost.read).toBeLessThan(2_100);
    const first = await read(key, "/v1/partner/submissions?limit=1");
    const other = await withKey();
    for (const [whose, query] of [
      [key, "status=verified"],
      [other.key, ""],
    ] as const) {
      const path = `/v1/partner/submissions?limit=1&${query}&cursor=${first.next_cursor}`;
      expect(((await (await asPartner(at, whose, "GET", path)).json()) as { code: string }).code).toBe(
        "invalid_cursor",
      );
    }
  });
});

describe("counts", () => {
  test("are by the municipality's day on which a signature was sent, and what was verified since stays", async () => {
    const { key, code } = await withKey();
    const { id, no } = await openPetition();
    // 23:30 and 00:30 in Brackwater, which in November is UTC.
    const at = ["2026-11-20T23:30:00Z", "2026-11-21T00:30:00Z", "2026-11-21T23:59:59Z"].map(Date.parse);
    for (const [n, moment] of at.entries()) {
      await env.DB.prepare(
        "INSERT INTO partner_submissions (partner, submission, petition_no, accepted_at, verified_at) VALUES (?, unhex(?), ?, ?, ?)",
      )
        .bind(code, uuidHex(uuidAt(moment)), no, moment, n === 1 ? moment + 9 * DAY : null)
        .run();
    }
    const counts = async (query: string) =>
      (await read<{ data: { day: string; submitted: number; verified: number }[] }>(key, `/v1/partner/counts?${query}`))
        .data;
    expect(await counts("from=2026-11-01&to=2026-11-30")).toEqual([
      { petition_id: id, day: "2026-11-20", submitted: 1, verified: 0 },
      { petition_id: id, day: "2026-11-21", submitted: 2, verified: 1 },
    ]);
    expect(await counts("from=2026-11-21&to=2026-11-21")).toMatchObject([{ day: "2026-11-21", submitted: 2 }]);
    expect(await counts("from=2026-11-22&to=2026-11-22")).toEqual([]);
    for (const query of ["from=2026-10-01&to=2026-11-01", "from=2026-11-02&to=2026-11-01", "from=x"]) {
      expect((await asPartner(isolate, key, "GET", `/v1/partner/counts?${query}`)).status).toBe(400);
    }
  });

  test("are asked for ten times a minute at most", async () => {
    const { key } = await withKey();
    const answers = [];
    for (let n = 0; n < 11; n++) answers.push(await asPartner(isolate, key, "GET", "/v1/partner/counts"));
    expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
    expect(answers[0]?.headers.get("RateLimit")).toMatch(
      /^"partner_requests";r=599;t=\d+, "partner_counts";r=9;t=\d+$/,
    );
  });

  test("read two rows for each submission in the span", async () => {
    const { key, code } = await withKey();
    const { no } = await openPetition();
    const now = Date.now();
    const ids = Array.from({ length: 700 }, (_, n) => uuidHex(uuidAt(now - n * 10)));
    await env.DB.prepare(
      "INSERT INTO partner_submissions (partner, submission, petition_no, accepted_at) SELECT ?1, unhex(value), ?2, ?3 FROM json_each(?4)",
    )
      .bind(code, no, now, JSON.stringify(ids))
      .run();
    const { DB, measure } = meteredDatabase();
    const at = coldIsolate({ DB });
    await asPartner(at, key, "GET", "/v1/partner/usage");
    const { read: rows, calls } = await measure(() => asPartner(at, key, "GET", "/v1/partner/counts"));
    expect(calls).toBe(1);
    expect(rows).toBeLessThan(1_500);
  });
});

describe("what was never verified", () => {
  /** Moves a partner's submissions, and the signatures that they wrote, into the past. */
  async function age(code: string, ms: number): Promise<void> {
    // As if nobody had looked at them yet: they come from before the last look.
    await env.DB.prepare("UPDATE partners SET forgotten_before = 0 WHERE code = ?").bind(code).run();
    const { results } = await env.DB.prepare(
      "SELECT lower(hex(submission)) AS id FROM partner_submissions WHERE partner = ?",
    )
      .bind(code)
      .all<{ id: string }>();
    for (const { id } of results) {
      const older = uuidHex(uuidAt(Number.parseInt(id.slice(0, 12), 16) - ms)).slice(0, 12) + id.slice(12);
      await env.DB.batch(
        ["signatures", "partner_submissions"].map((table) =>
          env.DB.prepare(`UPDATE ${table} SET submission = unhex(?) WHERE partner = ? AND submission = unhex(?)`).bind(
            ...[older, code, id],
          ),
        ),
      );
    }
  }

  test("loses what is personal after 30 days, and what was verified keeps it; counts stay", async () => {
    const { key, code } = await withKey();
    const { id } = await openPetition();
    const INTAKE = keepingQueue<IntakeMessage>();
    const at = coldIsolate({ INTAKE });
    const emails = Array.from({ length: 4 }, () => freshEmail());
    for (const [n, email] of emails.entries()) await signVia(at, key, id, { email, reference: `r${n}` });
    await at.deliver("intake", INTAKE.sent);
    const hashed = () =>
      env.DB.prepare("SELECT count(email_hash) AS n FROM partner_submissions WHERE partner = ?").bind(code).first("n");
    // Whose it is stands with the signature alone, which goes when nobody verifies it.
    expect(await hashed()).toBe(0);
    expect((await verify(String(emails[0]))).status).toBe(200);
    expect(await hashed()).toBe(1);
    const references = async () =>
      (
        await env.DB.prepare("SELECT count(reference) AS n FROM partner_submissions WHERE partner = ?")
          .bind(code)
          .first<{ n: number }>()
      )?.n;
    await age(code, 29 * DAY);
    await isolate.cron("17 * * * *");
    expect(await references()).toBe(4);
    await age(code, 2 * DAY);
    await isolate.cron("17 * * * *");
    expect(await references()).toBe(1);
    await isolate.cron("17 * * * *");
    const rows = await env.DB.prepare("SELECT email_hash, verified_at FROM partner_submissions WHERE partner = ?")
      .bind(code)
      .all();
    expect(rows.results.length).toBe(4);
    for (const { email_hash, verified_at } of rows.results) expect(email_hash === null).toBe(verified_at === null);
    expect(await references()).toBe(1);
  });

  test("keeps its reference as long as it may be verified, and 16 days to read that it was not", async () => {
    const { key, code } = await withKey();
    const { id } = await openPetition();
    const INTAKE = keepingQueue<IntakeMessage>();
    const at = coldIsolate({ INTAKE, MAIL: keepingQueue<MailMessage>(), UNVERIFIED_DAYS: "60" });
    await signVia(at, key, id, { reference: "member-4711" });
    await at.deliver("intake", INTAKE.sent);
    const references = async (of = at) => {
      await of.cron("17 * * * *");
      return env.DB.prepare("SELECT count(reference) AS n FROM partner_submissions WHERE partner = ?")
        .bind(code)
        .first("n");
    };
    await age(code, 75 * DAY);
    expect(await references()).toBe(1);
    await age(code, 2 * DAY);
    expect(await references()).toBe(0);
    // What the usual setting has left to do is done before the next test counts it.
    await references(isolate);
  });

  test("is looked at in slices, each once, and a run that dies is taken up", async () => {
    const { code } = await withKey();
    const { no } = await openPetition();
    const begin = Date.now() - 40 * DAY;
    const ids = Array.from({ length: 1_200 }, (_, n) => uuidHex(uuidAt(begin + n)));
    await env.DB.prepare(
      "INSERT INTO partner_submissions (partner, submission, petition_no, reference, accepted_at) SELECT ?1, unhex(value), ?2, x'00', ?3 FROM json_each(?4)",
    )
      .bind(code, no, begin, JSON.stringify(ids))
      .run();
    const left = async () =>
      (
        await env.DB.prepare("SELECT count(reference) AS n FROM partner_submissions WHERE partner = ?")
          .bind(code)
          .first<{ n: number }>()
      )?.n;
    let writes = 0;
    const dying = new Proxy(env.DB, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (name === "prepare") {
          return (text: string) => {
            if (text.startsWith("UPDATE partner_submissions") && ++writes > 1) throw new Error("D1_ERROR: died");
            return target.prepare(text);
          };
        }
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    await coldIsolate({ DB: dying }).cron("17 * * * *");
    expect(await left()).toBe(700);
    const { DB, measure } = meteredDatabase();
    await coldIsolate({ DB }).cron("17 * * * *");
    expect(await left()).toBe(0);
    const again = await measure(() => coldIsolate({ DB }).cron("17 * * * *"));
    expect(again.read).toBeLessThan(600);
  });
});
