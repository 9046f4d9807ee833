import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

// Taking signatures out and releasing them, and what is tallied of both; see schema.ts.

/** Why a signature is taken out: a closed list, which docs/staff.md explains. */
export const invalidationReasons = [
  "bots",
  "duplicates",
  "disposable",
  "not_eligible",
  "false_identity",
  "on_request",
  "test",
] as const;

export const runActs = ["invalidate", "release"] as const;
export const runStates = ["running", "done", "cancelled", "undoing", "undone"] as const;

export const invalidations = sqliteTable("invalidations", {
  id: text().primaryKey(),
  petitionNo: integer("petition_no").notNull(),
  act: text({ enum: runActs }).notNull(),
  reason: text({ enum: invalidationReasons }),
  conditions: text({ mode: "json" }).$type<Record<string, unknown>>().notNull(),
  state: text({ enum: runStates }).notNull(),
  cursor: text().notNull().default("[]"),
  next: text(),
  changed: integer().notNull().default(0),
  restored: integer().notNull().default(0),
  withdrawn: integer().notNull().default(0),
  creator: integer({ mode: "boolean" }).notNull().default(false),
  actor: text().notNull(),
  createdAt: integer("created_at").notNull(),
  touchedAt: integer("touched_at").notNull(),
  endedAt: integer("ended_at"),
});

export const holdTallies = sqliteTable(
  "hold_tallies",
  {
    petitionNo: integer("petition_no").notNull(),
    hold: text().notNull(),
    pending: integer().notNull(),
    verified: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.petitionNo, table.hold] })],
);

export const holdsWaiting = sqliteTable(
  "holds_waiting",
  { petitionNo: integer("petition_no").notNull(), hold: text().notNull(), since: integer().notNull() },
  (table) => [primaryKey({ columns: [table.petitionNo, table.hold] })],
);

export const invalidationTallies = sqliteTable(
  "invalidation_tallies",
  { petitionNo: integer("petition_no").notNull(), reason: text().notNull(), invalidated: integer().notNull() },
  (table) => [primaryKey({ columns: [table.petitionNo, table.reason] })],
);
