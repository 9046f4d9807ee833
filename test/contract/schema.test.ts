import { env } from "cloudflare:workers";
import { getTableColumns, getTableName, is } from "drizzle-orm";
import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import { expect, test } from "vitest";
import * as countsSchema from "../../src/db/counts-schema.ts";
import * as integritySchema from "../../src/db/integrity-schema.ts";
import * as invalidationSchema from "../../src/db/invalidation-schema.ts";
import * as mailSchema from "../../src/db/mail-schema.ts";
import * as mailingSchema from "../../src/db/mailing-schema.ts";
import * as noticesSchema from "../../src/db/notices-schema.ts";
import * as partnerSchema from "../../src/db/partner-schema.ts";
import * as responseSchema from "../../src/db/response-schema.ts";
import * as retentionSchema from "../../src/db/retention-schema.ts";
import * as schema from "../../src/db/schema.ts";
import * as staffSchema from "../../src/db/staff-schema.ts";
import * as webhookSchema from "../../src/db/webhook-schema.ts";

const tables = Object.values({
  ...schema,
  ...noticesSchema,
  ...countsSchema,
  ...integritySchema,
  ...invalidationSchema,
  ...mailingSchema,
  ...mailSchema,
  ...partnerSchema,
  ...responseSchema,
  ...retentionSchema,
  ...staffSchema,
  ...webhookSchema,
}).filter((value) => is(value, SQLiteTable));

interface Column {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly pk: number;
  readonly dflt_value: string | null;
}

const query = async <Row>(sql: string, ...values: string[]): Promise<Row[]> =>
  (
    await env.DB.prepare(sql)
      .bind(...values)
      .all<Row>()
  ).results;

test("the Drizzle mirror has every table of the migrations", async () => {
  const rows = await query<{ name: string }>(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'd1_*' AND name NOT GLOB 'petitions_fts*'",
  );
  expect(tables.map(getTableName).sort()).toEqual(rows.map(({ name }) => name).sort());
});

test.each(tables.map((table) => [getTableName(table), table] as const))(
  "the mirror of %s has its columns",
  async (name, table) => {
    const columns = await query<Column>('SELECT name, type, "notnull", pk, dflt_value FROM pragma_table_info(?)', name);
    const key = getTableConfig(table).primaryKeys[0]?.columns.map((column) => column.name);
    const mirrored = Object.values(getTableColumns(table)).map((column) => ({
      name: column.name,
      type: column.getSQLType().toUpperCase(),
      required: column.notNull,
      key: key ? key.indexOf(column.name) + 1 : Number(column.primary),
      fallback: column.hasDefault && !column.primary, // Drizzle takes an INTEGER PRIMARY KEY for one with a default
    }));
    const real = columns.map(({ name: column, type, notnull, pk, dflt_value }) => ({
      name: column,
      type,
      required: notnull === 1 || pk > 0,
      key: pk,
      fallback: dflt_value !== null,
    }));
    expect(mirrored).toEqual(real);
  },
);

test("every table is STRICT", async () => {
  const loose = await query(
    "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'd1_*'",
  );
  expect(loose).toEqual([]);
});
