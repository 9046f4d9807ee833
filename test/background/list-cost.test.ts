import { env } from "cloudflare:workers";
import { beforeAll, expect, test, vi } from "vitest";
import { coldIsolate } from "../support/isolate.ts";
import { foundTown } from "../support/town.ts";

// Rows read by a page of a list of petitions, as D1 bills them, among as many petitions as a town has in a century.

const MANY = 6_000;
const LIMIT = 20;

beforeAll(async () => {
  await foundTown();
  await env.DB.batch([
    env.DB.prepare(`INSERT OR IGNORE INTO departments VALUES ('parks', '{"en":"Parks"}')`),
    env.DB.prepare(
      `INSERT INTO petitions (no, id, state, title, background, locale, department_code, created_at, opens_at, closes_at,
         ended_at, rejection_code, waiting_since)
       WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
       SELECT i, '01936d9e-8c4b-7f00-9a51-0123' || printf('%08x', i),
         iif(i % 50 = 0, 'moderation', iif(i % 3 = 0, 'rejected', 'closed')),
         iif(i % 500 = 0, 'Lanterns', 'Benches'), 'x', 'en', iif(i % 100 = 0, 'works', iif(i % 3, 'parks', NULL)),
         i, i, i + 9, i + 9, 'unclear', i FROM n`,
    ).bind(MANY),
  ]);
});

/** Rows read and shown by one page of a list. */
async function pageOf(
  query: string,
  list = "/v1/admin/petitions",
): Promise<{ rows: number; read: number; cursor: string | null }> {
  const lines: string[] = [];
  const spy = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  const headers = { Authorization: "Bearer fm_staff_local" };
  const answer = await coldIsolate().fetch(`${list}?limit=${LIMIT}&${query}`, { headers });
  spy.mockRestore();
  const { data, next_cursor } = (await answer.json()) as { data: unknown[]; next_cursor: string | null };
  const request = lines.map((line) => JSON.parse(line)).find(({ event }) => event === "request");
  return { rows: data.length, read: request.d1_rows_read, cursor: next_cursor };
}

// The index, the petition, its tally, its topics: four a petition, also for the one that says that there are more.
const A_ROW = 4;

test.each(["", "waiting=true", "state=moderation", "state=rejected", "department=works", "department=none"])(
  "a page of the list by %j reads the rows that it shows, on the first page and on the next",
  async (query) => {
    const first = await pageOf(query);
    expect(first.rows).toBe(LIMIT);
    const second = await pageOf(`${query}&cursor=${first.cursor}`);
    for (const { rows, read } of [first, second]) expect(read).toBeLessThanOrEqual((rows + 1) * A_ROW + 5);
  },
);

test.each(["", "state=rejected", "department=parks"])(
  "a page of the public list by %j reads little more than it shows",
  async (query) => {
    const { rows, read } = await pageOf(query, "/v1/petitions");
    expect(rows).toBe(LIMIT);
    // Every fiftieth petition is not public: it is looked at and left out.
    expect(read).toBeLessThanOrEqual((rows + 2) * A_ROW + 5);
  },
);

test("one department's in one state reads no more than that department's", async () => {
  const { rows, read } = await pageOf("department=works&state=moderation&q=lanterns");
  expect(rows).toBe(12);
  expect(read).toBeLessThanOrEqual((MANY / 100) * A_ROW + 20);
});
