import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

// What the municipality answers; see schema.ts.

export const responseDrafts = sqliteTable("response_drafts", {
  petitionNo: integer("petition_no").primaryKey(),
  summary: text().notNull(),
  details: text().notNull(),
  draftedAt: integer("drafted_at").notNull(),
});

export const responseVersions = sqliteTable(
  "response_versions",
  {
    petitionNo: integer("petition_no").notNull(),
    version: integer().notNull(),
    summary: text().notNull(),
    details: text().notNull(),
    publishedAt: integer("published_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.petitionNo, table.version] })],
);

export const hearings = sqliteTable("hearings", {
  petitionNo: integer("petition_no").primaryKey(),
  heldOn: text("held_on").notNull(),
  outcome: text(),
  updatedAt: integer("updated_at").notNull(),
});
