import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

// How long personal data stays; see schema.ts.

export const retention = sqliteTable("retention", {
  petitionNo: integer("petition_no").primaryKey(),
  cursor: text().notNull().default(""),
  lookAt: integer("look_at"),
  begunAt: integer("begun_at"),
  nextAt: integer("next_at"),
  overSince: integer("over_since"),
  eraseAt: integer("erase_at"),
  erasePlan: text("erase_plan"),
  erasingSince: integer("erasing_since"),
  hits: integer().notNull().default(0),
  erased: integer().notNull().default(0),
  erasedAt: integer("erased_at"),
  failures: integer().notNull().default(0),
  failedAt: integer("failed_at"),
  retryAt: integer("retry_at").notNull().default(0),
  error: text(),
});

export const retentionHolds = sqliteTable("retention_holds", {
  petitionNo: integer("petition_no").primaryKey(),
  reason: text().notNull(),
  until: integer().notNull(),
  heldBy: text("held_by").notNull(),
  heldAt: integer("held_at").notNull(),
});
