import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { bytes } from "./columns.ts";

// What watches over the counts; see schema.ts.

export const reconciliations = sqliteTable("reconciliations", {
  petitionNo: integer("petition_no").primaryKey(),
  dueAt: integer("due_at").notNull(),
  reconciledAt: integer("reconciled_at"),
  repairedAt: integer("repaired_at"),
});

export const recounts = sqliteTable("recounts", {
  petitionNo: integer("petition_no").primaryKey(),
  begunAt: integer("begun_at").notNull(),
  pass: integer().notNull().default(1),
  passed: bytes().notNull().default(new Uint8Array()),
  upto: bytes().notNull().default(new Uint8Array()),
  cells: text({ mode: "json" }).$type<Record<string, number>>().notNull().default({}),
  difference: text({ mode: "json" }).$type<Record<string, { tally: number; rows: number }>>(),
});

export const recountMoves = sqliteTable("recount_moves", {
  petitionNo: integer("petition_no").notNull(),
  step: integer().notNull(),
  state: text().notNull(),
  hold: text(),
  assurance: text().notNull(),
  locale: text().notNull(),
  areaCode: text("area_code"),
  channel: text(),
  verifiedHour: text("verified_hour"),
  invalidatedReason: text("invalidated_reason"),
});

export const differenceOutcomes = ["repaired", "unsettled"] as const;

export const tallyDifferences = sqliteTable("tally_differences", {
  id: text().primaryKey(),
  petitionNo: integer("petition_no").notNull(),
  foundAt: integer("found_at").notNull(),
  outcome: text({ enum: differenceOutcomes }).notNull(),
  cells: text({ mode: "json" }).$type<Record<string, { tally: number; rows: number }>>().notNull(),
});
