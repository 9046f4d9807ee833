import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { bytes } from "./columns.ts";

// What partners are told of, and how far each delivery has come; see schema.ts.

export const deliveryStates = ["waiting", "failing", "delivered"] as const;

export const webhookEndpoints = sqliteTable("webhook_endpoints", {
  id: text().primaryKey(),
  partner: text().notNull(),
  url: text().notNull(),
  label: text(),
  events: text({ mode: "json" }).$type<string[]>().notNull(),
  petitions: text({ mode: "json" }).$type<string[]>(),
  signingKey: bytes("signing_key"),
  previousKey: bytes("previous_key"),
  previousUntil: integer("previous_until"),
  createdAt: integer("created_at").notNull(),
  lastSequence: integer("last_sequence").notNull().default(0),
  begunThrough: integer("begun_through").notNull().default(0),
  leaseUntil: integer("lease_until").notNull().default(0),
  failures: integer().notNull().default(0),
  restsUntil: integer("rests_until").notNull().default(0),
  enabledAt: integer("enabled_at").notNull(),
  disabledAt: integer("disabled_at"),
  disabledFor: text("disabled_for", { enum: ["failing", "gone"] }),
  totalsDay: text("totals_day"),
  deletedAt: integer("deleted_at"),
});

export const webhookDeliveries = sqliteTable(
  "webhook_deliveries",
  {
    endpointId: text("endpoint_id").notNull(),
    sequence: integer().notNull(),
    type: text().notNull(),
    test: integer({ mode: "boolean" }).notNull().default(false),
    petitionNo: integer("petition_no"),
    subject: text(),
    data: text({ mode: "json" }).$type<Record<string, unknown>>(),
    at: integer().notNull(),
    state: text({ enum: deliveryStates }).notNull().default("waiting"),
    attempts: integer().notNull().default(0),
    failingSince: integer("failing_since"),
    dueAt: integer("due_at"),
    triedAt: integer("tried_at"),
    status: integer(),
    error: text(),
    ms: integer(),
  },
  (table) => [primaryKey({ columns: [table.endpointId, table.sequence] })],
);
