import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { bytes } from "./columns.ts";

// Partner organisations, their keys, and what they sent; see schema.ts.

/** What a partner's key may do. */
export const partnerScopes = ["signatures:write", "signatures:read", "counts:read", "webhooks:manage"] as const;

export const partners = sqliteTable("partners", {
  id: text().primaryKey(),
  code: text().notNull(),
  name: text().notNull(),
  email: text().notNull(),
  locale: text(),
  website: text(),
  createdAt: integer("created_at").notNull(),
  suspendedAt: integer("suspended_at"),
  forgottenBefore: integer("forgotten_before").notNull().default(0),
});

export const partnerKeys = sqliteTable("partner_keys", {
  digest: bytes().primaryKey(),
  id: text().notNull(),
  partnerId: text("partner_id").notNull(),
  prefix: text().notNull(),
  label: text().notNull(),
  scopes: text({ mode: "json" }).$type<(typeof partnerScopes)[number][]>().notNull(),
  petitions: text({ mode: "json" }).$type<string[]>(),
  origins: text({ mode: "json" }).$type<string[]>(),
  minuteLimit: integer("minute_limit"),
  dayLimit: integer("day_limit"),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at"),
  lastUsedAt: integer("last_used_at"),
  test: integer({ mode: "boolean" }).notNull().default(false),
});

export const testSubmissions = sqliteTable("test_submissions", {
  submission: bytes().primaryKey(),
  partner: text().notNull(),
  petitionNo: integer("petition_no").notNull(),
  emailHash: bytes("email_hash").notNull(),
  supporter: integer({ mode: "boolean" }).notNull(),
  locale: text().notNull(),
  sealed: bytes().notNull(),
  acceptedAt: integer("accepted_at").notNull(),
  verifiedAt: integer("verified_at"),
});

export const partnerSubmissions = sqliteTable(
  "partner_submissions",
  {
    partner: text().notNull(),
    submission: bytes().notNull(),
    petitionNo: integer("petition_no").notNull(),
    emailHash: bytes("email_hash"),
    personHash: integer("person_hash"),
    reference: bytes(),
    consent: integer(),
    acceptedAt: integer("accepted_at").notNull(),
    verifiedAt: integer("verified_at"),
  },
  (table) => [primaryKey({ columns: [table.partner, table.submission] })],
);
