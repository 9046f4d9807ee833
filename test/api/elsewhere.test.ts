import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { expectDocumentedAnswer } from "../support/documented.ts";
import { coldIsolate } from "../support/isolate.ts";
import { countOf } from "../support/resident.ts";
import { openPetition } from "../support/town.ts";

// What is said of a petition elsewhere: shown beside it, as it was said, and without any effect.

const isolate = coldIsolate();

interface Shown {
  readonly signature_count: number;
  readonly response: unknown;
  readonly thresholds: { reached_at: string | null }[];
  readonly elsewhere: unknown;
}

const show = async (id: string): Promise<Shown> =>
  (await expectDocumentedAnswer("readPetition", await isolate.fetch(`/v1/petitions/${id}`))) as Shown;

const run = (sql: string, ...values: unknown[]) =>
  env.DB.prepare(sql)
    .bind(...values)
    .run()
    .then(
      () => "done",
      (error: Error) => error.message,
    );

const addFact = (no: number, sourceId: string, source = "oldtown.example") =>
  run(
    `INSERT INTO imported_facts (source, source_id, petition_no, text_digest, url, as_of, as_of_basis, opened_at, signatures,
      thresholds, response_summary, response_details, responded_on, areas_as_of)
      VALUES (?, ?, ?, zeroblob(32), 'https://oldtown.example/p/' || ?2, '2025-06-01', 'stated', 1741514400000, 1207,
      '[{"name":"debate","reached_at":"2025-04-02T08:30:00.000Z"}]', 'Not this year.', 'No money.', '2025-06-01', '2025-06-02')`,
    source,
    sourceId,
    no,
  );

const addCounts = (sourceId: string, counts: Record<string, number>) =>
  env.DB.batch(
    Object.entries(counts).map(([code, count]) =>
      env.DB.prepare("INSERT INTO imported_area_counts VALUES ('oldtown.example', ?, ?, 'Ward ' || ?2, ?)").bind(
        sourceId,
        code,
        count,
      ),
    ),
  );

test("a petition that was not imported has nothing from elsewhere", async () => {
  const { id } = await openPetition();
  expect((await show(id)).elsewhere).toBeNull();
});

test("total, thresholds and response are shown as the source gives them, and are not the petition's own", async () => {
  const { id, no } = await openPetition();
  await run("INSERT INTO thresholds (petition_no, name, signatures) VALUES (?, 'response', 1)", no);
  await addFact(no, "7");
  await addCounts("7", { A: 12 });
  const shown = await show(id);
  expect(shown.elsewhere).toEqual([
    {
      source: "oldtown.example",
      url: "https://oldtown.example/p/7",
      as_of: "2025-06-01",
      as_of_basis: "stated",
      opened_at: "2025-03-09T10:00:00.000Z",
      signatures: 1207,
      thresholds: [{ name: "debate", reached_at: "2025-04-02T08:30:00.000Z" }],
      response: { summary: "Not this year.", details: "No money.", responded_on: "2025-06-01" },
      areas: { as_of: "2025-06-02", counts: [{ code: "A", name: "Ward A", signatures: 10 }] },
    },
  ]);
  expect(shown).toMatchObject({ signature_count: 0, response: null, thresholds: [{ reached_at: null }] });
  expect(await countOf(isolate, id)).toBe(0);
});

test("counts by area are rounded down to a multiple of 5, shown by code, and left out where nothing remains", async () => {
  const { id, no } = await openPetition();
  const other = await openPetition();
  await addFact(no, "8");
  await addFact(other.no, "9");
  await addCounts("8", { D: 14, A: 0, C: 5, B: 4 });
  await addCounts("9", { X: 100 });
  expect((await show(id)).elsewhere).toMatchObject([
    {
      areas: {
        counts: [
          { code: "C", name: "Ward C", signatures: 5 },
          { code: "D", name: "Ward D", signatures: 10 },
        ],
      },
    },
  ]);
});

test("several sources may speak of one petition; no source speaks twice of one number", async () => {
  const { id, no } = await openPetition();
  await addFact(no, "10", "b.example");
  await addFact(no, "10", "a.example");
  expect(await addFact(no, "10", "a.example")).toContain("UNIQUE constraint failed");
  expect((await show(id)).elsewhere).toMatchObject([{ source: "a.example" }, { source: "b.example" }]);
});

test("the database takes no fact without its petition, no negative number and no day that is none", async () => {
  const { no } = await openPetition();
  expect(await addFact(no === 0 ? 1 : no - 1, "11")).toContain("FOREIGN KEY");
  await addFact(no, "12");
  const set = (assignment: string) => run(`UPDATE imported_facts SET ${assignment} WHERE source_id = '12'`);
  for (const wrong of [
    "signatures = -1",
    "as_of = '1.6.2025'",
    "as_of_basis = 'guess'",
    "response_details = NULL",
    "text_digest = x'00'",
  ]) {
    expect(await set(wrong), wrong).toContain("CHECK constraint failed");
  }
  expect(await set("signatures = NULL")).toBe("done");
});
