import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { bytes } from "./columns.ts";

// Staff, their keys, and what they did; see schema.ts.

export const staffRoles = ["viewer", "moderator", "admin"] as const;

export const staff = sqliteTable("staff", {
  id: text().primaryKey(),
  name: text().notNull(),
  email: text(),
  role: text({ enum: staffRoles }).notNull(),
  departmentCode: text("department_code"),
  locale: text(),
  reminders: integer({ mode: "boolean" }).notNull().default(true),
  createdAt: integer("created_at").notNull(),
  revokedAt: integer("revoked_at"),
});

export const staffKeys = sqliteTable("staff_keys", {
  digest: bytes().primaryKey(),
  id: text().notNull(),
  staffId: text("staff_id").notNull(),
  prefix: text().notNull(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at"),
  lastUsedAt: integer("last_used_at"),
});

export const audit = sqliteTable("audit", {
  id: text().primaryKey(),
  at: integer().notNull(),
  actor: text().notNull(),
  role: text(),
  act: text().notNull(),
  subject: text().notNull(),
  before: text({ mode: "json" }).$type<Record<string, unknown>>(),
  after: text({ mode: "json" }).$type<Record<string, unknown>>(),
  reason: text(),
});

export const staffReminders = sqliteTable("staff_reminders", {
  day: text().primaryKey(),
  remindedAt: integer("reminded_at").notNull(),
});
