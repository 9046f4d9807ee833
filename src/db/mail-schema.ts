import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { bytes } from "./columns.ts";

// Mail on its way, and what became of it; see schema.ts.

export const outbox = sqliteTable("outbox", {
  id: text().primaryKey(),
  kind: text().notNull(),
  state: text({ enum: ["waiting", "sent", "parked"] })
    .notNull()
    .default("waiting"),
  items: text({ mode: "json" }).$type<string[]>().notNull(),
  remaining: text({ mode: "json" }).$type<string[]>().notNull(),
  sealed: bytes(),
  dueAt: integer("due_at").notNull(),
  leaseUntil: integer("lease_until").notNull().default(0),
  attempts: integer().notNull().default(0),
  error: text(),
  createdAt: integer("created_at").notNull(),
  sending: text({ mode: "json" }).$type<string[]>().notNull().default([]),
  remindAt: integer("remind_at"),
});

export const suppressedAddresses = sqliteTable("suppressed_addresses", {
  hash: text().primaryKey(),
  reason: text({ enum: ["bounced_hard", "complained"] }).notNull(),
  since: integer().notNull(),
});

export const mailRates = sqliteTable("mail_rates", {
  day: text().primaryKey(),
  sent: integer().notNull().default(0),
  delivered: integer().notNull().default(0),
  bouncedHard: integer("bounced_hard").notNull().default(0),
  bouncedSoft: integer("bounced_soft").notNull().default(0),
  complained: integer().notNull().default(0),
  suppressed: integer().notNull().default(0),
});

export const mailEvents = sqliteTable("mail_events", {
  moment: integer().primaryKey(),
  day: text().notNull(),
  seen: text({ mode: "json" }).$type<Record<string, string>>().notNull(),
});

export const deadLetters = sqliteTable("dead_letters", {
  id: text().primaryKey(),
  queue: text().notNull(),
  body: text().notNull(),
  arrivedAt: integer("arrived_at").notNull(),
});
