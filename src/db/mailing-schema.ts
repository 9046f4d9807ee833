import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

// Mail to those who asked for news; see schema.ts.

export const mailingKinds = ["threshold", "response", "end", "message"] as const;
export const mailingStates = ["draft", "waiting", "running", "parked", "done", "cancelled", "stopped"] as const;

export const mailings = sqliteTable("mailings", {
  id: text().primaryKey(),
  petitionNo: integer("petition_no").notNull(),
  kind: text({ enum: mailingKinds }).notNull(),
  about: text(),
  texts: text({ mode: "json" }).$type<Record<string, { subject: string; body: string }>>(),
  signatures: integer(),
  state: text({ enum: mailingStates }).notNull(),
  version: integer().notNull().default(1),
  countedTo: text("counted_to"),
  expected: integer().notNull().default(0),
  cursor: text().notNull().default(""),
  parts: text({ mode: "json" })
    .$type<
      readonly {
        readonly items: readonly string[];
        readonly attempts: number;
        readonly due: number;
        readonly since: number;
        readonly called: boolean;
      }[]
    >()
    .notNull()
    .default([]),
  recipients: integer().notNull().default(0),
  sent: integer().notNull().default(0),
  failed: integer().notNull().default(0),
  skipped: integer().notNull().default(0),
  bounced: integer().notNull().default(0),
  complained: integer().notNull().default(0),
  unsubscribed: integer().notNull().default(0),
  error: text(),
  endedBecause: text("ended_because"),
  actor: text().notNull(),
  createdAt: integer("created_at").notNull(),
  dueAt: integer("due_at").notNull(),
  startedAt: integer("started_at"),
  touchedAt: integer("touched_at").notNull().default(0),
  sentAt: integer("sent_at").notNull().default(0),
  endedAt: integer("ended_at"),
});

export const mailingTurn = sqliteTable("mailing_turn", {
  one: integer().primaryKey(),
  leaseUntil: integer("lease_until").notNull(),
  dueAt: integer("due_at").notNull(),
});

export const unsubscribedAddresses = sqliteTable("unsubscribed_addresses", {
  hash: text().primaryKey(),
  since: integer().notNull(),
});
