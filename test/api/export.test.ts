import { env } from "cloudflare:workers";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import * as v from "valibot";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { ExportLine } from "../../src/signatures/staff-signatures.schema.ts";
import { coldIsolate, faultyDatabase } from "../support/isolate.ts";
import { meteredDatabase } from "../support/metered-database.ts";
import { type Signer, signersOf } from "../support/signers.ts";
import { actsOn, asStaff, staffKey } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

type Isolate = Parameters<typeof asStaff>[0];
type Fields = Record<string, string>;

const isolate = coldIsolate();

beforeAll(foundTown);

const exportOf = (id: string, query: Fields = {}, { at = isolate as Isolate, key = "fm_staff_local" } = {}) => {
  const params = new URLSearchParams({ reason: "File 2026-114", ...query });
  return asStaff(at, "GET", `/petitions/${id}/signatures/export?${params}`, { key });
};

/** The records of a CSV by another program. */
const csvOf = (text: string): Fields[] => parse(text, { columns: true, bom: true, record_delimiter: "\r\n" });

/** The ids of the records that are whole in the beginning of a file: a reader drops what comes after the last. */
function wholeRecords(text: string, format: string): string[] {
  if (format === "ndjson") {
    const whole = linesOf(text.slice(0, text.lastIndexOf("\n") + 1));
    return whole.flatMap(({ type, id }) => (type === "signature" ? [id] : []));
  }
  let [end, quoted] = [0, false];
  for (const [at, char] of [...text].entries()) {
    if (char === '"') quoted = !quoted;
    if (char === "\n" && !quoted) end = at + 1;
  }
  return parse(text.slice(0, end), { record_delimiter: "\r\n" }).map(([id]: string[]) => id as string);
}

const csv = async (id: string, query: Fields = {}) => csvOf(await (await exportOf(id, query)).text());

const linesOf = (text: string) =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

const lines = async (id: string, query: Fields = {}) =>
  linesOf(await (await exportOf(id, { format: "ndjson", ...query })).text());

const many = (count: number, each: (nth: number) => Signer = () => ({})) =>
  Array.from({ length: count }, (_, nth) => each(nth));

/** What the audit log says of a petition's exports, oldest first. */
const entries = async (id: string) =>
  (await actsOn(id)).map(({ act, reason, actor, after }) => ({ act, reason, actor, ...JSON.parse(String(after)) }));

describe("a file", () => {
  const hostile = [
    '=HYPERLINK("http://evil.example","Prize")',
    "+1",
    "-1+1",
    "@SUM(A1)",
    " =1+1",
    "\t=1",
    "Mara; =1+1",
    "Quill, Mara",
    'Mara "Mo" Quill',
    "Mara\r\nQuill",
    "Mära Ωmega 李 🙂",
    "  Mara  ",
    "'Mara",
  ];

  test("gives as CSV to another program what was stored, and nothing that a spreadsheet would run", async () => {
    const petition = await openPetition();
    const ids = await signersOf(
      petition,
      hostile.map((name) => ({ name, email: "+mara=x@example.org", postcode: "BW1 1AA" })),
    );
    const answer = await exportOf(petition.id);
    expect(answer.headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
    expect(answer.headers.get("Content-Disposition")).toBe(`attachment; filename="${petition.id}-signatures.csv"`);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    const text = await answer.text();
    expect(text.startsWith("id,state,")).toBe(true);
    const records = csvOf(text);
    const names = new Map(records.map(({ id, name }) => [id, name]));
    for (const [nth, name] of hostile.entries()) {
      const runs = /^\s*[=+\-@]/.test(name);
      const within = name.replace("\t=", "\t'=").replace("; =", "; '=");
      expect(names.get(ids[nth])).toBe(runs ? `'${within}` : within);
    }
    expect(new Set(records.map(({ email }) => email))).toEqual(new Set(["'+mara=x@example.org"]));
    for (const cell of records.flatMap((record) => Object.values(record))) expect(cell).not.toMatch(/^\s*[=+\-@\t\r]/);
  });

  test("gives as NDJSON exactly what was stored, a line an object of the documented form, and says that it is whole", async () => {
    const petition = await openPetition();
    const ids = await signersOf(
      petition,
      hostile.map((name) => ({ name, postcode: "BW1 1AA", area: "north", channel: "poster" })),
    );
    const answer = await exportOf(petition.id, { format: "ndjson" });
    expect(answer.headers.get("Content-Type")).toBe("application/x-ndjson");
    const read = linesOf(await answer.text()).map((line) => v.parse(ExportLine, line));
    expect(read.at(-1)).toEqual({ type: "end", signatures: hostile.length, next_cursor: null });
    const names = new Map(read.flatMap((line) => (line.type === "end" ? [] : [[line.id, line.name]])));
    expect(ids.map((id) => names.get(id))).toEqual(hostile);
    expect(read[0]).toMatchObject({ state: "verified", area: "north", channel: "poster", postcode: "BW1 1AA" });
  });

  test("begins with a byte order mark and leaves its first line out when asked to, also without a signature", async () => {
    const { id } = await openPetition();
    const text = async (query: Fields) => {
      const bytes = await (await exportOf(id, query)).arrayBuffer();
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    };
    const header = await text({});
    expect(header).toMatch(/^id,state,[a-z_,]*\r\n$/);
    expect(await text({ bom: "true" })).toBe(`\ufeff${header}`);
    expect(await text({ header: "false" })).toBe("");
    expect(await text({ format: "ndjson" })).toBe('{"type":"end","signatures":0,"next_cursor":null}\n');
  });

  test("has every kind of signature in its state as it is counted, and says what is left of the person", async () => {
    const petition = await openPetition();
    const kinds: Signer[] = [
      { state: "pending" },
      { state: "verified" },
      { state: "pending", hold: "rate" },
      { state: "verified", hold: "fast" },
      { state: "invalidated", hold: "list" },
      { state: "invalidated", sealed: null, reason: "on_request" },
      { state: "withdrawn", sealed: null },
      { state: "verified", sealed: new Uint8Array(60) },
      { state: "verified", sealed: new Uint8Array(3) },
    ];
    const ids = await signersOf(petition, kinds);
    const records = await csv(petition.id);
    const found = ids.map((id) => records.find((record) => record.id === id) as Fields);
    expect(found.map(({ state, hold, personal_data }) => `${state} ${hold} ${personal_data}`)).toEqual([
      "pending  present",
      "verified  present",
      "quarantined rate present",
      "quarantined fast present",
      "invalidated list present",
      "invalidated  erased",
      "withdrawn  erased",
      "verified  unreadable",
      "verified  unreadable",
    ]);
    expect(found.map(({ name, email }) => name !== "" && email !== "")).toEqual([
      ...Array(5).fill(true),
      ...Array(4).fill(false),
    ]);
    expect(found.map(({ invalidated_reason }) => invalidated_reason).join()).toBe(",,,,,on_request,,,");
    const counts = (await (await asStaff(isolate, "GET", `/petitions/${petition.id}/counts`)).json()) as {
      states: Record<string, number>;
    };
    for (const [state, count] of Object.entries(counts.states)) {
      expect((await csv(petition.id, { state })).length, state).toBe(count);
    }
    expect((await csv(petition.id, { hold: "any" })).length).toBe(3);
    expect((await csv(petition.id, { hold: "fast" })).length).toBe(1);
  });

  test("of a petition whose data was destroyed, or whose secret no key opens, has the records without the persons", async () => {
    const petition = await openPetition();
    await signersOf(petition, many(3));
    await env.DB.prepare("UPDATE petitions SET secret = randomblob(60) WHERE no = ?").bind(petition.no).run();
    const at = { at: coldIsolate() };
    const read = csvOf(await (await exportOf(petition.id, {}, at)).text());
    expect(read.map(({ personal_data, name }) => [personal_data, name])).toEqual(Array(3).fill(["unreadable", ""]));
    await env.DB.prepare("UPDATE petitions SET secret = NULL WHERE no = ?").bind(petition.no).run();
    const erased = csvOf(await (await exportOf(petition.id, {}, { at: coldIsolate() })).text());
    expect(erased.map(({ personal_data, name }) => [personal_data, name])).toEqual(Array(3).fill(["erased", ""]));
  });

  test("holds what its filter asks for: area, channel, time", async () => {
    const petition = await openPetition();
    const at = Date.UTC(2026, 10, 20);
    await signersOf(petition, [
      { area: "north", channel: "poster", acceptedAt: at - 1 },
      { area: "north", channel: "letter", acceptedAt: at },
      { area: "south", channel: "poster", acceptedAt: at + 1 },
    ]);
    expect((await csv(petition.id, { area: "north" })).length).toBe(2);
    expect((await csv(petition.id, { area: "north", channel: "poster" })).length).toBe(1);
    expect((await csv(petition.id, { from: "2026-11-20T00:00:00Z" })).length).toBe(2);
    expect((await csv(petition.id, { to: "2026-11-20T00:00:00Z" })).length).toBe(1);
    expect((await csv(petition.id, { to: "2026-11-20T01:00:00.001+01:00" })).length).toBe(2);
  });
});

describe("parts", () => {
  test("lead from one to the next by their Link, and hold every signature once", async () => {
    const petition = await openPetition();
    const ids = await signersOf(petition, many(25));
    const read: string[] = [];
    const sizes: number[] = [];
    for (
      let path: string | undefined = `/v1/admin/petitions/${petition.id}/signatures/export?reason=x%20%26%20y&limit=10`;
      path;
    ) {
      const answer: Response = await isolate.fetch(path, { headers: { Authorization: "Bearer fm_staff_local" } });
      const records = csvOf(await answer.text());
      sizes.push(records.length);
      read.push(...records.map(({ id }) => id as string));
      path = /^<http:\/\/localhost:8787(\/[^>]*)>; rel="next"$/.exec(answer.headers.get("Link") ?? "")?.[1];
    }
    expect(sizes).toEqual([10, 10, 5]);
    expect(read).toEqual([...ids].sort());
    expect((await entries(petition.id)).every(({ reason }) => reason === "x & y")).toBe(true);
  });

  test("end where they begin to be whole: no Link when exactly as many are left as a part holds", async () => {
    const petition = await openPetition();
    await signersOf(petition, many(10));
    expect((await exportOf(petition.id, { limit: "10" })).headers.has("Link")).toBe(false);
    expect((await exportOf(petition.id, { limit: "9" })).headers.has("Link")).toBe(true);
    const [end] = (await lines(petition.id, { limit: "9" })).slice(-1);
    expect((await lines(petition.id, { cursor: end.next_cursor })).length).toBe(2);
  });

  test("go on after any record, whatever has happened to it since", async () => {
    const petition = await openPetition();
    const ids = (await signersOf(petition, many(12))).sort();
    await env.DB.prepare("DELETE FROM signatures WHERE petition_no = ?1 AND email_hash = unhex(?2)")
      .bind(petition.no, ids[4]?.replaceAll("-", "").slice(12, 28))
      .run();
    const rest = await csv(petition.id, { cursor: ids[4] as string });
    expect(rest.map(({ id }) => id)).toEqual(ids.slice(5));
    expect(await csv(petition.id, { cursor: ids[11] as string })).toEqual([]);
  });

  test("broken off anywhere and gone on with give every signature once", async () => {
    const petition = await openPetition();
    const names = ["Mara Quill", 'Mara "Mo" Quill', "Quill,\r\nMara", "=1+1"];
    const ids = (
      await signersOf(
        petition,
        many(40, (nth) => ({ name: names[nth % names.length] as string })),
      )
    ).sort();
    const cut = fc.record({ limit: fc.integer({ min: 1, max: 25 }), at: fc.double({ min: 0, max: 1, noNaN: true }) });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("csv", "ndjson"), fc.array(cut, { maxLength: 6 }), async (format, cuts) => {
        const rest = [...cuts].reverse();
        const read: string[] = [];
        for (let next: string | undefined = ""; next !== undefined; ) {
          const { limit, at } = rest.pop() ?? { limit: 25, at: 1 };
          const cursor: Fields = next === "" ? {} : { cursor: next };
          const answer = await exportOf(petition.id, { format, header: "false", limit: String(limit), ...cursor });
          const text = await answer.text();
          const got = text.slice(0, Math.ceil(at * text.length));
          const whole = wholeRecords(got, format);
          read.push(...whole);
          const more = got !== text || answer.headers.has("Link");
          next = more ? (whole.at(-1) ?? next) : undefined;
        }
        expect(read).toEqual(ids);
      }),
      { numRuns: 15 },
    );
  });

  test("refuse a cursor of another petition, and what is none", async () => {
    const [mine, other] = [await openPetition(), await openPetition()];
    const [foreign] = await signersOf(other, many(1));
    for (const cursor of [foreign as string, mine.id, "sig_x", ""]) {
      const answer = await exportOf(mine.id, { cursor });
      expect([answer.status, ((await answer.json()) as Fields).code], cursor).toEqual([400, "invalid_cursor"]);
    }
    expect(await entries(mine.id)).toEqual([]);
  });
});

describe("while it is read", () => {
  const PAGE = 1_000;

  test("every signature there is comes once, page by page, each row read twice at most", async () => {
    const petition = await openPetition();
    const ids = await signersOf(petition, many(2 * PAGE + 500));
    const { DB, measure } = meteredDatabase();
    const { read, calls } = await measure(async () => {
      const answer = await exportOf(petition.id, {}, { at: coldIsolate({ DB }) });
      expect(csvOf(await answer.text()).map(({ id }) => id)).toEqual([...ids].sort());
    });
    expect(read).toBeLessThanOrEqual(2 * ids.length + 20);
    // The petition, the beginning, what opens it, three pages, the end.
    expect(calls).toBe(7);
  });

  test("nothing is read ahead of a slow reader, and one who leaves is recorded as such", async () => {
    const petition = await openPetition();
    await signersOf(petition, many(3 * PAGE + 10));
    const DB = faultyDatabase(() => false);
    const answer = await exportOf(petition.id, {}, { at: coldIsolate({ DB }) });
    const begun = DB.calls;
    expect((await entries(petition.id)).map(({ act }) => act)).toEqual(["signatures.export"]);
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    const first = await reader.read();
    // A page and, in a cold isolate, what the petition is.
    const afterOne = DB.calls;
    expect(afterOne - begun).toBeLessThanOrEqual(2);
    expect(csvOf(new TextDecoder().decode(first.value)).length).toBe(PAGE);
    await entries(petition.id); // time for whoever would read ahead
    expect(DB.calls).toBe(afterOne);
    await reader.read();
    expect(DB.calls).toBe(afterOne + 1);
    await reader.cancel();
    expect((await entries(petition.id)).at(-1)).toMatchObject({
      act: "signatures.export_end",
      signatures: 2 * PAGE,
      complete: false,
    });
  });

  test("who comes, withdraws or goes meanwhile is in it as of the moment their place is read", async () => {
    const petition = await openPetition();
    const ids = (await signersOf(petition, many(PAGE + 10))).sort();
    const answer = await exportOf(petition.id);
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    let text = new TextDecoder().decode((await reader.read()).value);
    const hash = (id: string | undefined) => id?.replaceAll("-", "").slice(12, 28);
    const withdraw = env.DB.prepare(
      `UPDATE signatures SET state = 'withdrawn', ended_at = 5, sealed = NULL, verified_at = NULL, verified_hour = NULL
       WHERE petition_no = ? AND email_hash = unhex(?)`,
    );
    await env.DB.batch([
      withdraw.bind(petition.no, hash(ids[3])),
      withdraw.bind(petition.no, hash(ids[PAGE + 3])),
      env.DB.prepare("DELETE FROM signatures WHERE petition_no = ? AND email_hash = unhex(?)").bind(
        petition.no,
        hash(ids[PAGE + 5]),
      ),
    ]);
    const late = await signersOf(petition, many(40));
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read())
      text += new TextDecoder().decode(chunk.value);
    const records = csvOf(text);
    const expected = [
      ...ids.filter((id) => id !== ids[PAGE + 5]),
      ...late.filter((id) => id > (ids[PAGE - 1] as string)),
    ].sort();
    expect(records.map(({ id }) => id)).toEqual(expected);
    const states = new Map(records.map(({ id, state, personal_data }) => [id, `${state} ${personal_data}`]));
    expect(states.get(ids[3] as string)).toBe("verified present");
    expect(states.get(ids[PAGE + 3] as string)).toBe("withdrawn erased");
  });

  test("a petition's data that is destroyed meanwhile is in no later page", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const petition = await openPetition();
      await signersOf(petition, many(2 * PAGE));
      const answer = await exportOf(petition.id, { format: "ndjson" });
      const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
      await reader.read();
      await env.DB.prepare("UPDATE petitions SET secret = NULL WHERE no = ?").bind(petition.no).run();
      vi.setSystemTime(Date.now() + 15_000);
      const later = linesOf(new TextDecoder().decode((await reader.read()).value));
      expect(new Set(later.map(({ personal_data, name }) => `${personal_data} ${name}`))).toEqual(
        new Set(["erased null"]),
      );
      await reader.cancel();
    } finally {
      vi.useRealTimers();
    }
  });

  test("one failing read is tried again; when the database stays away, the file breaks off and never looks whole", async () => {
    const petition = await openPetition();
    await signersOf(petition, many(2 * PAGE));
    const fine = await exportOf(petition.id, {}, { at: coldIsolate({ DB: faultyDatabase((call) => call === 5) }) });
    expect(csvOf(await fine.text()).length).toBe(2 * PAGE);
    for (const format of ["csv", "ndjson"]) {
      const down = { now: false };
      const at = coldIsolate({ DB: faultyDatabase(() => down.now) });
      const answer = await exportOf(petition.id, { format }, { at });
      const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
      expect((await reader.read()).done).toBe(false);
      down.now = true;
      await expect(reader.read()).rejects.toThrow();
      // The end could not be written either: the entry of the beginning stands alone.
      expect((await entries(petition.id)).at(-1)).toMatchObject({ act: "signatures.export", format });
    }
  });

  test("a file whose end the audit log can't take breaks off too", async () => {
    const petition = await openPetition();
    await signersOf(petition, many(2));
    const down = { now: false };
    const answer = await exportOf(
      petition.id,
      { format: "ndjson" },
      { at: coldIsolate({ DB: faultyDatabase(() => down.now) }) },
    );
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    expect(linesOf(new TextDecoder().decode((await reader.read()).value)).length).toBe(2);
    down.now = true;
    await expect(reader.read()).rejects.toThrow();
  });
});

describe("who and why", () => {
  test("is in the audit log before the first byte, and how many at the end", async () => {
    const petition = await openPetition();
    await signersOf(petition, many(4));
    const key = await staffKey("admin");
    await (
      await exportOf(petition.id, { reason: "Handover, file 7", state: "verified", format: "ndjson" }, { key })
    ).text();
    const [begun, ended, ...more] = await entries(petition.id);
    expect(more).toEqual([]);
    expect(begun).toEqual({
      ...{ act: "signatures.export", reason: "Handover, file 7", actor: expect.stringMatching(/^stf_/) },
      ...{ export: expect.any(String), format: "ndjson", state: "verified", cursor: null, limit: 250_000 },
    });
    expect(ended).toEqual({
      ...{ act: "signatures.export_end", reason: "Handover, file 7", actor: begun.actor },
      ...{ export: begun.export, signatures: 4, complete: true },
    });
  });

  test("is needed: an export without a reason is refused, and one that the audit log can't take gives nothing", async () => {
    const { id } = await openPetition();
    for (const reason of ["", "  ", "x\ny", "x".repeat(501)]) {
      expect((await exportOf(id, { reason })).status, JSON.stringify(reason)).toBe(400);
    }
    expect((await asStaff(isolate, "GET", `/petitions/${id}/signatures/export`)).status).toBe(400);
    expect(await entries(id)).toEqual([]);
    // The first call looks for the petition, the second is the entry.
    const at = coldIsolate({ DB: faultyDatabase((call) => call >= 2) });
    expect((await exportOf(id, {}, { at })).status).toBe(503);
  });

  test("HEAD tells what there is and exports nothing", async () => {
    const { id } = await openPetition();
    const answer = await asStaff(isolate, "HEAD", `/petitions/${id}/signatures/export?reason=x`);
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "text/csv; charset=utf-8"]);
    expect(await entries(id)).toEqual([]);
  });

  test("is an admin who sees the petition; for everybody else it is not there", async () => {
    const { id } = await openPetition({ department_code: "works" });
    await env.DB.prepare(`INSERT OR IGNORE INTO departments VALUES ('parks', '{"en":"Parks"}')`).run();
    for (const [role, department, status] of [
      ["viewer", null, 404],
      ["moderator", null, 404],
      ["moderator", "works", 404],
      ["admin", "parks", 404],
      ["admin", "works", 200],
      ["admin", null, 200],
    ] as const) {
      const key = await staffKey(role, department);
      expect((await exportOf(id, {}, { key })).status, `${role} of ${department}`).toBe(status);
    }
  });

  test.each([
    { format: "xlsx" },
    { limit: "0" },
    { limit: "250001" },
    { limit: "-1" },
    { state: "held" },
    { hold: "none" },
    { from: "yesterday" },
    { from: "2026-02-31T00:00:00Z", to: "2026-02-30T00:00:00Z" },
    { from: "2026-11-20T00:00:00Z", to: "2026-11-20T00:00:00Z" },
    { bom: "1" },
    { dimension: "area" },
  ])("with %o is refused", async (query) => {
    const { id } = await openPetition();
    expect((await exportOf(id, query as unknown as Fields)).status).toBe(400);
    expect(await entries(id)).toEqual([]);
  });
});
