import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
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
  verifyStep: integer("verify_step"),
});

export const differenceOutcomes = ["repaired", "unsettled"] as const;

export const tallyDifferences = sqliteTable("tally_differences", {
  id: text().primaryKey(),
  petitionNo: integer("petition_no").notNull(),
  foundAt: integer("found_at").notNull(),
  outcome: text({ enum: differenceOutcomes }).notNull(),
  cells: text({ mode: "json" }).$type<Record<string, { tally: number; rows: number }>>().notNull(),
});

export const watch = sqliteTable("watch", {
  one: integer().primaryKey(),
  lookedUntil: integer("looked_until").notNull(),
});

export const watchedPetitions = sqliteTable("watched_petitions", {
  petitionNo: integer("petition_no").primaryKey(),
  withdrawn: integer().notNull(),
});

export const intakeHours = sqliteTable(
  "intake_hours",
  {
    petitionNo: integer("petition_no").notNull(),
    hour: integer().notNull(),
    submitted: integer().notNull().default(0),
    groups: text({ mode: "json" })
      .$type<Partial<Record<"network" | "domain" | "area" | "channel", Record<string, number>>>>()
      .notNull()
      .default({}),
    ripe: integer().notNull().default(0),
    unverified: integer().notNull().default(0),
    withdrawals: integer().notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.petitionNo, table.hour] })],
);

export const alarmKinds = [
  "surge",
  "night",
  "network",
  "domain",
  "area",
  "channel",
  "unverified",
  "withdrawals",
] as const;

export const alarms = sqliteTable("alarms", {
  id: text().primaryKey(),
  petitionNo: integer("petition_no").notNull(),
  kind: text({ enum: alarmKinds }).notNull(),
  key: text().notNull(),
  raisedAt: integer("raised_at").notNull(),
  seenAt: integer("seen_at").notNull(),
  endedAt: integer("ended_at"),
  evidence: text({ mode: "json" }).$type<AlarmEvidence>().notNull(),
  acknowledgedAt: integer("acknowledged_at"),
  acknowledgedBy: text("acknowledged_by"),
  note: text(),
});

/** The numbers that an alarm rests on. Times in milliseconds since 1970. */
export interface AlarmEvidence {
  readonly count: number;
  readonly expected: number;
  readonly of: number | null;
  readonly from: number;
  readonly to: number;
  /** Of a surge: its local hours (from 1970 on), each with its signatures and how many were expected. */
  readonly hours?: Readonly<Record<string, readonly [count: number, expected: number]>>;
}

export const integrityReports = sqliteTable("integrity_reports", {
  petitionNo: integer("petition_no").primaryKey(),
  day: text().notNull(),
  takenAt: integer("taken_at").notNull(),
  taken: text({ mode: "json" }).$type<Record<string, number>>().notNull(),
  cells: text({ mode: "json" }).$type<Record<string, number>>().notNull(),
});
