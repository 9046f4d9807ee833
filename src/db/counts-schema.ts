import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { petitionStates } from "./schema.ts";

// Names and snapshots that counts are read from; see schema.ts.

export const countLabels = sqliteTable("count_labels", {
  one: integer().primaryKey(),
  areas: text({ mode: "json" })
    .$type<Record<string, { name: string; population?: number; retired?: number }>>()
    .notNull(),
  channels: text({ mode: "json" })
    .$type<Record<string, { label: string; owner?: string; partner?: string }>>()
    .notNull(),
});

export const breakdowns = sqliteTable("breakdowns", {
  petitionNo: integer("petition_no").primaryKey(),
  day: text().notNull(),
  takenAt: integer("taken_at").notNull(),
  verified: integer().notNull(),
  gone: integer().notNull(),
  cells: text({ mode: "json" }).$type<Record<string, { key: string; label: string; count: number }[]>>().notNull(),
});

export const petitionSnapshots = sqliteTable("petition_snapshots", {
  petitionNo: integer("petition_no").primaryKey(),
  moves: integer().notNull(),
  petitionId: text("petition_id").notNull(),
  title: text().notNull(),
  state: text({ enum: petitionStates }).notNull(),
  departmentCode: text("department_code"),
  areaCode: text("area_code"),
  topics: text({ mode: "json" }).$type<string[]>().notNull(),
  verified: integer().notNull(),
  days: text({ mode: "json" }).$type<Record<string, number>>().notNull(),
  areas: text({ mode: "json" }).$type<Record<string, number>>().notNull(),
});

export const countSnapshots = sqliteTable(
  "count_snapshots",
  {
    departmentCode: text("department_code").notNull(),
    areaCode: text("area_code").notNull(),
    topicCode: text("topic_code").notNull(),
    takenAt: integer("taken_at").notNull(),
    petitions: text({ mode: "json" }).$type<number[]>().notNull(),
    verified: integer().notNull(),
    days: text({ mode: "json" }).$type<Record<string, number>>().notNull(),
    areas: text({ mode: "json" }).$type<Record<string, number>>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.departmentCode, table.areaCode, table.topicCode] })],
);
