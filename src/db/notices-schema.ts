import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

// What people are told before they sign; see schema.ts.

/** What a notice is about. */
export const noticeKinds = ["privacy", "eligibility", "partner_consent"] as const;

export const notices = sqliteTable(
  "notices",
  {
    kind: text({ enum: noticeKinds }).notNull(),
    version: integer().notNull(),
    texts: text({ mode: "json" }).$type<Record<string, string>>().notNull(),
    url: text(),
    publishedAt: integer("published_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.version] })],
);
