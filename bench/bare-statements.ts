import { Hono } from "hono";

/** What the statements need. */
interface StatementBindings {
  readonly DB: D1Database;
}

const PAGE = `SELECT p.no, p.id, p.title, p.background, p.state, p.opens_at, p.closes_at, t.verified
  FROM petitions AS p JOIN petition_tallies AS t ON t.petition_no = p.no`;

/** The plainest statements that read the same facts from the same tables: what D1 alone takes for an answer. */
const READS: Readonly<Record<string, readonly string[]>> = {
  count: ["SELECT verified FROM petition_tallies WHERE petition_no = ?1"],
  one: [
    `SELECT p.*, t.verified FROM petitions AS p JOIN petition_tallies AS t ON t.petition_no = p.no WHERE p.no = ?1`,
    "SELECT name, signatures, reached_at FROM thresholds WHERE petition_no = ?1",
  ],
  list: [
    `${PAGE} WHERE p.state = 'open' AND ?1 IS NOT NULL ORDER BY coalesce(p.opens_at, p.created_at) DESC, p.no DESC LIMIT 20`,
  ],
  search: [
    `${PAGE} WHERE p.no IN (SELECT rowid FROM petitions_fts WHERE petitions_fts MATCH 'measure') AND ?1 IS NOT NULL
      ORDER BY coalesce(p.opens_at, p.created_at) DESC, p.no DESC LIMIT 20`,
  ],
  breakdown: ["SELECT day, cells FROM breakdowns WHERE petition_no = ?1"],
  counts: [
    "SELECT * FROM petition_tallies WHERE petition_no = ?1",
    "SELECT area_code, verified FROM area_tallies WHERE petition_no = ?1",
    "SELECT channel, verified FROM channel_tallies WHERE petition_no = ?1",
    "SELECT hour, verified FROM hour_tallies WHERE petition_no = ?1",
  ],
};

/** `meta` of every statement, added up: what D1 would put on the bill. */
const rowsOf = (results: readonly D1Result[]) => ({
  read: results.reduce((sum, { meta }) => sum + meta.rows_read, 0),
  written: results.reduce((sum, { meta }) => sum + meta.rows_written, 0),
});

/** Routes that do nothing but the statements; each answers with the rows that they cost. */
export const bareStatements = new Hono<{ Bindings: StatementBindings }>()
  .get("/bare/statement/:name/:no", async (c) => {
    const { DB } = c.env;
    const no = Number(c.req.param("no"));
    const results = await DB.batch((READS[c.req.param("name")] ?? []).map((sql) => DB.prepare(sql).bind(no)));
    return c.json({ rows: rowsOf(results), data: results.map(({ results: rows }) => rows) });
  })
  .post("/bare/insert", async (c) => {
    const { name, email } = await c.req.json<{ name: string; email: string }>();
    const insert = c.env.DB.prepare("INSERT INTO bare_rows (id, body) VALUES (?, ?)");
    const result = await insert.bind(crypto.randomUUID(), `${name} ${email}`).run();
    return c.json({ rows: rowsOf([result]) }, 202);
  })
  .post("/bare/verify", async (c) => {
    const { id } = await c.req.json<{ id: string }>();
    const results = await c.env.DB.batch([
      c.env.DB.prepare("UPDATE bare_rows SET state = 1 WHERE id = ? AND state = 0").bind(id),
      c.env.DB.prepare("UPDATE bare_tallies SET verified = verified + 1 WHERE no = 1"),
    ]);
    return c.json({ rows: rowsOf(results) });
  });
