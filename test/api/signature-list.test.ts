import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { expectDocumentedAnswer } from "../support/documented.ts";
import { coldIsolate, faultyDatabase } from "../support/isolate.ts";
import { meteredDatabase } from "../support/metered-database.ts";
import { type Signer, signersOf } from "../support/signers.ts";
import { actsOn, asStaff, staffKey } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

interface Page {
  readonly data: readonly Record<string, unknown>[];
  readonly next_cursor: string | null;
}

type Fields = Record<string, string>;

const isolate = coldIsolate();
const SEEN = 1_000; // signatures that one page looks at

beforeAll(foundTown);

const listOf = (id: string, query: Fields = {}, { at = isolate, key = "fm_staff_local" } = {}) =>
  asStaff(at, "GET", `/petitions/${id}/signatures?${new URLSearchParams(query)}`, { key });

const page = async (id: string, query: Fields = {}) => (await (await listOf(id, query)).json()) as Page;

/** Everything that a query finds, over all its pages, and how many pages there were. */
async function everything(id: string, query: Fields = {}): Promise<{ ids: string[]; pages: number }> {
  const ids: string[] = [];
  let pages = 0;
  for (let cursor: string | null | undefined; cursor !== null; pages++) {
    const { data, next_cursor } = await page(id, { ...query, ...(cursor ? { cursor } : {}) });
    ids.push(...data.map((one) => String(one.id)));
    cursor = next_cursor;
  }
  return { ids, pages };
}

const many = (count: number, each: (nth: number) => Signer = () => ({})) =>
  Array.from({ length: count }, (_, nth) => each(nth));

/** Rows read for one request by D1's own `meta`, who asks and the petition included. */
async function rowsRead(id: string, query: Fields): Promise<number> {
  const { DB, measure } = meteredDatabase();
  const at = coldIsolate({ DB });
  return (await measure(async () => expect((await listOf(id, query, { at })).status).toBe(200))).read;
}

describe("a page", () => {
  test("shows names and masked addresses, no postcode, and what is left of whom", async () => {
    const petition = await openPetition();
    const person = { name: "Mara Quill", email: "mara.quill@example.org", postcode: "BW1 1AA", area: "north" };
    await signersOf(petition, [person, { state: "withdrawn", sealed: null }, { sealed: new Uint8Array(60) }]);
    const answer = await listOf(petition.id);
    const text = await answer.clone().text();
    expect(text).not.toMatch(/mara\.quill|BW1/);
    const { data } = (await expectDocumentedAnswer("listSignatures", answer)) as Page;
    const seen = data.map(({ state, personal_data, name, email }) => [state, personal_data, name, email]).sort();
    expect(seen).toEqual([
      ["verified", "present", "Mara Quill", "m…@example.org"],
      ["verified", "unreadable", null, null],
      ["withdrawn", "erased", null, null],
    ]);
  });

  test("leads to the next until all have come, each once, by cursor and by Link", async () => {
    const petition = await openPetition();
    const ids = await signersOf(petition, many(45));
    expect(await everything(petition.id)).toEqual({ ids: [...ids].sort(), pages: 3 });
    expect((await everything(petition.id, { limit: "45" })).pages).toBe(1);
    expect((await everything(petition.id, { limit: "44" })).pages).toBe(2);
    const first = await listOf(petition.id, { limit: "40" });
    const link = /^<http:\/\/localhost:8787(.*)>; rel="next"$/.exec(first.headers.get("Link") ?? "")?.[1];
    const second = await isolate.fetch(link as string, { headers: { Authorization: "Bearer fm_staff_local" } });
    expect(((await second.json()) as Page).data.length).toBe(5);
    expect(second.headers.has("Link")).toBe(false);
  });

  test("of what is held comes by reason and time, oldest first, whatever the key", async () => {
    const petition = await openPetition();
    const at = Date.UTC(2026, 10, 20);
    const held = many(30, (nth) => ({
      hold: nth % 3 === 0 ? "rate" : "burst",
      state: nth % 2 === 0 ? ("pending" as const) : ("verified" as const),
      acceptedAt: at + 1000 - nth,
    }));
    const ids = await signersOf(petition, held);
    await signersOf(petition, [...many(5), { hold: "rate", state: "invalidated", acceptedAt: at }]);
    const oldestFirst = (hold: string) => ids.filter((_, nth) => held[nth]?.hold === hold).reverse();
    const quarantined = { state: "quarantined", limit: "4" };
    expect((await everything(petition.id, quarantined)).ids).toEqual([...oldestFirst("burst"), ...oldestFirst("rate")]);
    expect((await everything(petition.id, { ...quarantined, hold: "rate" })).ids).toEqual(oldestFirst("rate"));
    expect((await everything(petition.id, { hold: "rate" })).ids.length).toBe(11);
    expect((await everything(petition.id, { hold: "fast" })).ids).toEqual([]);
  });

  test("finds by state as the counts have it, by area, channel and time, over pages that may be empty", async () => {
    const petition = await openPetition();
    const at = Date.UTC(2026, 10, 20);
    await signersOf(
      petition,
      many(SEEN + 200, () => ({ area: "north" })),
    );
    const rare = await signersOf(
      petition,
      many(3, (nth) => ({ area: "south", channel: "poster", acceptedAt: at + nth, state: "pending" })),
    );
    for (const query of [
      { area: "south" },
      { channel: "poster" },
      { state: "pending" },
      { from: "2026-11-20T00:00:00Z", to: "2026-11-21T00:00:00Z" },
    ]) {
      const found = await everything(petition.id, query as unknown as Fields);
      expect([found.ids, found.pages], JSON.stringify(query)).toEqual([[...rare].sort(), 2]);
    }
    expect((await everything(petition.id, { area: "south", to: "2026-11-20T00:00:00.001Z" })).ids).toEqual([rare[0]]);
    expect((await everything(petition.id, { area: "north", limit: "100" })).ids.length).toBe(SEEN + 200);
  });
});

describe("cost", () => {
  test("a page reads its rows and little else; one with a filter looks at 1,000, twice at most", async () => {
    const petition = await openPetition();
    await signersOf(
      petition,
      many(2 * SEEN + 100, (nth) => (nth % 2 === 0 ? { hold: "rate" } : {})),
    );
    const around = 7; // the petition, its facts, whether signing is paused, what stands behind the page
    expect(await rowsRead(petition.id, {})).toBeLessThanOrEqual(20 + around);
    expect(await rowsRead(petition.id, { hold: "any" })).toBeLessThanOrEqual(20 + around);
    expect(await rowsRead(petition.id, { hold: "rate" })).toBeLessThanOrEqual(20 + around);
    expect(await rowsRead(petition.id, { area: "nowhere" })).toBeLessThanOrEqual(2 * SEEN + around);
    expect(await rowsRead(petition.id, { hold: "rate", area: "nowhere" })).toBeLessThanOrEqual(2 * SEEN + around);
    expect(await rowsRead(petition.id, { state: "verified" })).toBeLessThanOrEqual(SEEN + 50 + around);
    const { next_cursor } = await page(petition.id, { hold: "rate", limit: "100" });
    expect(
      await rowsRead(petition.id, { hold: "rate", cursor: next_cursor as string, limit: "100" }),
    ).toBeLessThanOrEqual(100 + around);
  });
});

describe("who reads", () => {
  test("is in the audit log with the query and nothing of the persons; without that entry nothing is read", async () => {
    const petition = await openPetition();
    await signersOf(petition, [{ name: "Mara Quill" }]);
    const key = await staffKey("moderator");
    await listOf(petition.id, { state: "verified", from: "2026-11-20T01:00:00+01:00" }, { key });
    const [entry, ...more] = await actsOn(petition.id);
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ act: "signatures.list", actor: expect.stringMatching(/^stf_/), role: "moderator" });
    expect(JSON.parse(String(entry?.after))).toEqual({
      ...{ state: "verified", from: "2026-11-20T00:00:00.000Z", limit: 20, first_page: true },
    });
    const at = coldIsolate({ DB: faultyDatabase((call) => call === 2) });
    expect((await listOf(petition.id, {}, { at })).status).toBe(503);
    expect((await actsOn(petition.id)).length).toBe(1);
  });

  test("is a moderator who sees the petition; for everybody else it is not there", async () => {
    const { id } = await openPetition({ department_code: "works" });
    await env.DB.prepare(`INSERT OR IGNORE INTO departments VALUES ('parks', '{"en":"Parks"}')`).run();
    for (const [role, department, status] of [
      ["viewer", null, 404],
      ["viewer", "works", 404],
      ["moderator", "parks", 404],
      ["admin", "parks", 404],
      ["moderator", "works", 200],
      ["moderator", null, 200],
    ] as const) {
      const key = await staffKey(role, department);
      expect((await listOf(id, {}, { key })).status, `${role} of ${department}`).toBe(status);
    }
  });

  test("gets a clear refusal for a cursor of another query or petition, and for what makes no sense", async () => {
    const [mine, other] = [await openPetition(), await openPetition()];
    for (const petition of [mine, other]) await signersOf(petition, many(3));
    const { next_cursor: cursor } = await page(mine.id, { limit: "1" });
    const answers = [
      await listOf(mine.id, { limit: "1", state: "verified", cursor: cursor as string }),
      await listOf(other.id, { limit: "1", cursor: cursor as string }),
      await listOf(mine.id, { limit: "101" }),
      await listOf(mine.id, { from: "2026-11-20T00:00:00Z", to: "2026-11-19T00:00:00Z" }),
      await listOf(mine.id, { state: "counted" }),
      await listOf(mine.id, { email: "x@example.org" }),
    ];
    const said = await Promise.all(
      answers.map(async (answer) => {
        const { code, errors } = (await answer.json()) as {
          code: string;
          errors?: { pointer: string; code: string }[];
        };
        return [answer.status, code, errors?.[0]?.pointer, errors?.[0]?.code];
      }),
    );
    expect(said).toEqual([
      [400, "invalid_cursor", undefined, undefined],
      [400, "invalid_cursor", undefined, undefined],
      [400, "invalid_request", "limit", "out_of_range"],
      [400, "invalid_request", "to", "out_of_range"],
      [400, "invalid_request", "state", "wrong_type"],
      [400, "invalid_request", "query", "unknown_field"],
    ]);
    expect((await listOf(mine.id, { limit: "2", cursor: cursor as string })).status).toBe(200);
  });
});
