import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { coldIsolate, faultyDatabase } from "../support/isolate.ts";
import { freshEmail, linkIn, nextMail, postJson, sign, tokenOf } from "../support/resident.ts";
import { actsOn, asStaff, staffKey } from "../support/staff.ts";
import { putTable, tableOf } from "../support/tables.ts";
import { foundTown, openPetition } from "../support/town.ts";

const isolate = coldIsolate();
const AREAS = "code,name,population\r\nnorth,North Ward,1000\r\nsouth,South Ward,3000\r\n";
const POSTCODES = "postcode,area\r\nBW11AA,north\r\nBW12BB,south\r\n";

const areas = (table: string | Uint8Array<ArrayBuffer>, more = {}) => putTable(isolate, "areas", table, more);
const postcodes = (table: string | Uint8Array<ArrayBuffer>, more = {}) => putTable(isolate, "postcodes", table, more);
const read = async (list: "areas" | "postcodes") => (await tableOf(isolate, list)).text;

interface Refusal {
  readonly code: string;
  readonly errors?: readonly { pointer: string; code: string; detail: string }[];
}

const errorsOf = async (answer: Response) => {
  const { code, errors = [] } = (await answer.json()) as Refusal;
  return [`${answer.status} ${code}`, ...errors.map((error) => `${error.pointer}: ${error.code}`)];
};

/** An isolate before whose call of this number (from 1 on) to the database somebody else does something. */
function interrupted(before: number, act: () => Promise<unknown>) {
  let calls = 0;
  const DB = new Proxy(env.DB, {
    get(target, name) {
      if (name !== "batch") return Reflect.get(target, name).bind(target);
      return async (statements: D1PreparedStatement[]) => {
        if (++calls === before) await act();
        return target.batch(statements);
      };
    },
  });
  return coldIsolate({ DB });
}

beforeAll(foundTown);

/** As the town was founded, whatever a test has made of it. */
beforeEach(async () => {
  await areas(
    `${AREAS}${(await read("areas"))
      .split("\r\n")
      .slice(1)
      .filter((row) => !/^(north|south),/.test(row))
      .join("\r\n")}`,
  );
  await postcodes(POSTCODES);
  expect((await areas(AREAS)).status).toBe(200);
});

test("what is read can be sent back as it is, and then changes nothing", async () => {
  for (const [list, table] of [
    ["areas", AREAS],
    ["postcodes", POSTCODES],
  ] as const) {
    for (const query of ["", "?bom=true"]) {
      const { text, tag } = await tableOf(isolate, list, query);
      expect(text).toBe(`${query === "" ? "" : "\ufeff"}${table}`);
      const acts = (await actsOn(list)).length;
      const answer = await putTable(isolate, list, text, { tag });
      expect(answer.headers.get("ETag")).toBe(tag);
      expect(await answer.json()).toMatchObject({
        ...{ entries: 2, unchanged: 2, added: { count: 0 }, changed: { count: 0 }, removed: { count: 0 } },
      });
      expect((await tableOf(isolate, list)).tag).toBe(tag);
      expect(await actsOn(list)).toHaveLength(acts);
    }
  }
});

describe("a table of areas", () => {
  const NEXT = 'code,name,population\nsouth,Süd,\nwest,"West, new",70\nnorth,North Ward,1000\n';

  test("adds and changes, says what it does, and is written down", async () => {
    const before = (await actsOn("areas")).length;
    const answer = await areas(NEXT);
    const changes = {
      ...{ entries: 3, added: { count: 1, first: ["west"] }, changed: { count: 1, first: ["south"] } },
      ...{ removed: { count: 0, first: [] }, unchanged: 1 },
    };
    expect(await answer.json()).toEqual({
      dry_run: false,
      ...changes,
      note: expect.stringContaining("keeps its name"),
    });
    expect(await read("areas")).toBe(
      'code,name,population\r\nnorth,North Ward,1000\r\nsouth,Süd,\r\nwest,"West, new",70\r\n',
    );
    const acts = await actsOn("areas");
    expect(acts.slice(before).map(({ act, after }) => [act, JSON.parse(String(after))])).toEqual([
      ["areas.put", changes],
    ]);
    const shown = (await (await coldIsolate().fetch("/v1/areas")).json()) as { data: { code: string }[] };
    expect(shown.data.map(({ code }) => code)).toEqual(["north", "south", "west"]);
  });

  test("sent to see what it would do, does nothing", async () => {
    const answer = await areas(NEXT, { query: "?dry_run=true" });
    expect(await answer.json()).toMatchObject({
      dry_run: true,
      added: { count: 1 },
      changed: { count: 1 },
      unchanged: 1,
    });
    expect(await read("areas")).toBe(AREAS);
  });

  test("without populations leaves those that are known; an empty cell forgets one", async () => {
    await areas("name;code\nNordviertel;north\nSouth Ward;south\n");
    expect(await read("areas")).toBe(AREAS.replace("North Ward", "Nordviertel"));
    await areas("population;name;code;\n;Nordviertel;north;\n3000;South Ward;south;;\n;;\n");
    expect(await read("areas")).toBe(AREAS.replace("North Ward,1000", "Nordviertel,"));
  });

  test("that leaves an area out retires it: offered to nobody, and named where it was counted", async () => {
    const { id } = await openPetition();
    const email = freshEmail();
    await sign(isolate, id, { email, postcode: "BW1 1AA" });
    await postJson(isolate, "/v1/verifications", { token: tokenOf(linkIn(await nextMail(email), "v")) });
    await postcodes("postcode,area\nBW12BB,south\n");
    expect(await (await areas("code,name\nsouth,South Ward\n")).json()).toMatchObject({
      removed: { first: ["north"] },
    });
    expect(await read("areas")).not.toContain("north");
    const shown = (await (await coldIsolate().fetch("/v1/areas")).json()) as { data: { code: string }[] };
    expect(shown.data.map(({ code }) => code)).toEqual(["south"]);
    const petition = {
      ...{ title: "Benches", background: "To sit on.", area: "north" },
      creator: { name: "Ada Anchorby", email: "ada@example.org" },
    };
    expect(await errorsOf(await postJson(coldIsolate(), "/v1/petitions", petition))).toContain("/area: unknown_code");
    const counts = (await (await asStaff(isolate, "GET", `/petitions/${id}/counts`)).json()) as {
      by: { area: { key: string; label: string; count: number }[] };
    };
    expect(counts.by.area).toContainEqual(expect.objectContaining({ key: "north", label: "North Ward", count: 1 }));
    const reach = (await (await asStaff(isolate, "GET", `/petitions/${id}/reach`)).json()) as { areas: object[] };
    expect(reach.areas).toContainEqual(
      expect.objectContaining({ key: "north", label: "North Ward", verified: 1, population: null, missing: false }),
    );
    const other = await openPetition();
    const elsewhere = (await (await asStaff(isolate, "GET", `/petitions/${other.id}/reach`)).json()) as typeof reach;
    expect(elsewhere.areas).toEqual([expect.objectContaining({ key: "south" })]);
    // Back in the list it is as it was.
    expect(await (await areas(AREAS)).json()).toMatchObject({ added: { first: ["north"] } });
    const again = (await (await asStaff(isolate, "GET", `/petitions/${other.id}/reach`)).json()) as typeof reach;
    expect(again.areas).toContainEqual(expect.objectContaining({ key: "north", population: 1000 }));
  });

  test("cannot retire an area into which a postcode comes while it is being written", async () => {
    await areas(`${AREAS}west,West,\r\n`);
    const { tag } = await tableOf(isolate, "areas");
    const at = interrupted(3, () => postcodes(`${POSTCODES}BW3,west\r\n`));
    expect((await putTable(at, "areas", AREAS, { tag })).status).toBe(412);
    expect(await read("areas")).toContain("west");
  });

  test("may not leave out an area that postcodes lie in", async () => {
    const answer = await areas("code,name\nsouth,South Ward\n", { query: "?dry_run=true" });
    expect(await answer.clone().text()).toContain("1 with 1 postcodes");
    expect(await errorsOf(answer)).toEqual(["409 reference_in_use", ": in_use"]);
    expect(await errorsOf(await areas("code,name\nsouth,South Ward\n"))).toEqual(["409 reference_in_use", ": in_use"]);
    expect(await read("areas")).toBe(AREAS);
  });
});

describe("a table of postcodes", () => {
  test("holds for signatures that are recorded from then on, and for no other", async () => {
    const { id, no } = await openPetition();
    const signFrom = async (postcode: string) => {
      const email = freshEmail();
      await sign(isolate, id, { email, postcode });
      await postJson(isolate, "/v1/verifications", { token: tokenOf(linkIn(await nextMail(email), "v")) });
    };
    const counted = async () =>
      (
        await env.DB.prepare("SELECT area_code, verified FROM area_tallies WHERE petition_no = ? ORDER BY 1")
          .bind(no)
          .all()
      ).results;
    await signFrom("BW1 1AA");
    const answer = await postcodes("Area\tPostcode\nsouth\tbw1 1aa\nnorth\tBW9 9ZZ\n");
    expect(await answer.json()).toMatchObject({
      ...{ added: { first: ["BW99ZZ"] }, changed: { first: ["BW11AA"] }, removed: { first: ["BW12BB"] } },
      note: expect.stringContaining("those recorded before stay where they are"),
    });
    expect(await counted()).toEqual([{ area_code: "north", verified: 1 }]);
    await signFrom("BW1 1AA");
    await signFrom("BW1 2BB");
    expect(await counted()).toEqual([
      { area_code: "north", verified: 1 },
      { area_code: "south", verified: 1 },
    ]);
    expect(await read("postcodes")).toBe("postcode,area\r\nBW11AA,south\r\nBW99ZZ,north\r\n");
  });

  test("names only areas that are in the list, each postcode once, however it is written", async () => {
    expect(
      await errorsOf(
        await postcodes("postcode,area\nBW1 1AA,north\n\nbw11aa,north\nBW5,nowhere\n-,south\nA\u0000,south\n"),
      ),
    ).toEqual(["400 invalid_request", "line 1: encoding"]);
    expect(
      await errorsOf(
        await postcodes("postcode,area\nBW1 1AA,north\n\nbw11aa,north\nBW5,nowhere\n-,south\n,south\n=1,south\n"),
      ),
    ).toEqual([
      "400 invalid_request",
      "line 4, postcode: repeated",
      "line 5, area: unknown_code",
      "line 6, postcode: empty",
      "line 7, postcode: empty",
      "line 8, postcode: wrong_type",
    ]);
    expect(await read("postcodes")).toBe(POSTCODES);
  });

  test("cannot name an area that is retired while it is being written", async () => {
    const { tag } = await tableOf(isolate, "postcodes");
    await areas(`${AREAS}west,West,\r\n`);
    const at = interrupted(3, () => areas(AREAS));
    expect((await putTable(at, "postcodes", `${POSTCODES}BW3,west\r\n`, { tag })).status).toBe(412);
    expect(await read("postcodes")).toBe(POSTCODES);
  });
});

describe("what is wrong is told line by line, and nothing of it holds", () => {
  const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const utf16 = (text: string) =>
    new Uint8Array(Uint16Array.from(`\ufeff${text}`, (letter) => letter.charCodeAt(0)).buffer);

  test.each<[string, string | Uint8Array<ArrayBuffer>, string[]]>([
    ["nothing", "", ["line 1: empty"]],
    ["blank lines", "\ufeff\r\n \r\n", ["line 1: empty"]],
    ["a header alone, in place of areas", "code,name\n", [": empty"]],
    ["no header", "north,North Ward,1\n", ["line 1: header"]],
    ["a column that is not known", "code,name,colour\nn,N,red\n", ["line 1: header"]],
    ["a column twice", "code,name,name\nn,N,N\n", ["line 1: header"]],
    ["Latin-1", latin1("code,name\nn,N\nb,Bäckerwinkel\n"), ["line 3: encoding"]],
    ["UTF-16", utf16("code,name\nn,N\n"), ["line 1: encoding"]],
    ["a quotation mark that never ends", 'code,name\nn,N\nb,"B\nc,C\n', ["line 3: quotes"]],
    ["a quotation mark within a cell", 'code,name\nn,N "x" y\n', ["line 2: quotes"]],
    ["too few and too many cells", "code,name\nn\nb,B,1\n", ["line 2: cells", "line 3: cells"]],
    ["a code twice", "code,name\nn,N\nb,B\nn,N\n", ["line 4, code: repeated"]],
    [
      "codes of a wrong form",
      "code,name\n-n,N\n=b,B\na b,C\n,D\n",
      [2, 3, 4, 5].map((line) => `line ${line}, code: wrong_type`),
    ],
    [
      "names that are none",
      'code,name\na,\nb,=HYPERLINK(1)\nc,@x\nd,"x\ny"\ne,%x\nf,a;=b\n',
      [
        "2, name: empty",
        "3, name: formula",
        "4, name: formula",
        "5, name: forbidden_characters",
        "7, name: formula",
        "8, name: formula",
      ].map((error) => `line ${error}`),
    ],
    [
      "populations that are none",
      'code,name,population\na,A,"1,000"\nb,B,-1\nc,C,1.5\nd,D,999999999\ne,E,many\n',
      ["wrong_type", "out_of_range", "wrong_type", "out_of_range", "wrong_type"].map(
        (code, index) => `line ${index + 2}, population: ${code}`,
      ),
    ],
    ["a name that is too long", `code,name\na,${"x".repeat(256)}\n`, ["line 2, name: too_long"]],
  ])("%s", async (_, table, errors) => {
    const answer = await areas(table);
    expect(await errorsOf(answer)).toEqual(["400 invalid_request", ...errors]);
    expect(await read("areas")).toBe(AREAS);
  });

  test("the first twenty, and how many there are; what was sent is not repeated", async () => {
    const answer = await areas(`code,name\n${"!secret!,=cmd\n".repeat(51)}`);
    const text = await answer.clone().text();
    const { errors = [] } = (await answer.json()) as Refusal;
    expect(errors).toHaveLength(21);
    expect(errors.at(-1)).toEqual({ pointer: "", code: "more", detail: "and 82 more: 102 in all" });
    expect(text).not.toMatch(/secret|cmd/);
  });

  test("more areas than there may be", async () => {
    const rows = Array.from({ length: 1_001 }, (_, index) => `a${index},A`);
    expect(await errorsOf(await areas(`code,name\n${rows.join("\n")}`))).toEqual([
      "400 invalid_request",
      "line 1002: too_many",
    ]);
  });

  test("a table of blanks or of one endless line is refused as fast as any", async () => {
    const begun = Date.now();
    for (const table of [
      " ".repeat(1_999_999),
      ",".repeat(1_999_999),
      '"'.repeat(1_999_998),
      `code,name\n${"\t".repeat(1_900_000)}x`,
    ]) {
      expect((await areas(table)).status).toBe(400);
    }
    expect(Date.now() - begun).toBeLessThan(10_000);
  });
});

describe("who changes a table", () => {
  test("is an admin of the whole municipality who has read it", async () => {
    for (const list of ["areas", "postcodes"] as const) {
      for (const key of [await staffKey("moderator"), await staffKey("admin", "works")]) {
        expect((await putTable(isolate, list, AREAS, { key })).status).toBe(404);
      }
      expect((await putTable(isolate, list, AREAS, { tag: "" })).status).toBe(428);
      expect((await putTable(isolate, list, AREAS, { tag: '"0"' })).status).toBe(412);
    }
  });

  test("of two at once is the first; the other reads again", async () => {
    const { tag } = await tableOf(isolate, "areas");
    const answers = await Promise.all(["a", "b"].map((code) => areas(`${AREAS}${code},${code},\r\n`, { tag })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect((await read("areas")).split("\r\n")).toHaveLength(5);
  });

  test("changes nothing when the database fails on the way", async () => {
    const { tag } = await tableOf(isolate, "postcodes");
    for (const failing of [1, 2, 3]) {
      const at = coldIsolate({ DB: faultyDatabase((call) => call === failing) });
      expect((await putTable(at, "postcodes", "postcode,area\nBW7,south\n", { tag })).status).toBe(503);
    }
    expect(await tableOf(isolate, "postcodes")).toEqual({ text: POSTCODES, tag });
  });
});
