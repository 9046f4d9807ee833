import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { bytes } from "./columns.ts";
import { invalidationReasons } from "./invalidation-schema.ts";

// Mirrors migrations/*.sql, which is the schema; a test holds this file and the other …-schema.ts against it.

export const departments = sqliteTable("departments", {
  code: text().primaryKey(),
  names: text({ mode: "json" }).$type<Record<string, string>>().notNull(),
});

export const topics = sqliteTable("topics", {
  code: text().primaryKey(),
  names: text({ mode: "json" }).$type<Record<string, string>>().notNull(),
});

export const areas = sqliteTable("areas", {
  code: text().primaryKey(),
  name: text().notNull(),
  population: integer(),
});

export const postcodes = sqliteTable("postcodes", {
  postcode: text().primaryKey(),
  areaCode: text("area_code").notNull(),
});

export const referenceLists = sqliteTable("reference_lists", {
  name: text({ enum: ["departments", "topics", "rejection_reasons", "areas", "postcodes"] }).primaryKey(),
  version: integer().notNull().default(1),
  retired: text({ mode: "json" }).$type<Record<string, number>>().notNull().default({}),
});

export const settings = sqliteTable("settings", {
  name: text().primaryKey(),
  value: text({ mode: "json" }).notNull(),
  updatedAt: integer("updated_at").notNull(),
});

export const rejectionReasons = sqliteTable("rejection_reasons", {
  code: text().primaryKey(),
  hidden: integer({ mode: "boolean" }).notNull(),
  names: text({ mode: "json" }).$type<Record<string, string>>().notNull(),
});

export const petitionStates = [
  "draft",
  "gathering",
  "moderation",
  "open",
  "closed",
  "changes_requested",
  "rejected",
  "hidden",
  "stopped",
] as const;

export const petitions = sqliteTable("petitions", {
  no: integer().primaryKey(),
  id: text().notNull(),
  state: text({ enum: petitionStates }).notNull(),
  version: integer().notNull().default(1),
  title: text().notNull(),
  background: text().notNull(),
  details: text().notNull().default(""),
  locale: text().notNull(),
  areaCode: text("area_code"),
  departmentCode: text("department_code"),
  createdAt: integer("created_at").notNull(),
  opensAt: integer("opens_at"),
  closesAt: integer("closes_at"),
  endedAt: integer("ended_at"),
  secret: bytes(),
  rejectionCode: text("rejection_code"),
  rejectionDetails: text("rejection_details"),
  creatorEmailHash: bytes("creator_email_hash"),
  creatorPersonHash: integer("creator_person_hash"),
  supportersNeeded: integer("supporters_needed").notNull().default(0),
  supportersMax: integer("supporters_max").notNull().default(20),
  firstSupporterAt: integer("first_supporter_at"),
  gateReachedAt: integer("gate_reached_at"),
  waitingSince: integer("waiting_since"),
  approvedAt: integer("approved_at"),
  approvedThresholds: text("approved_thresholds", { mode: "json" }).$type<{ name: string; signatures: number }[]>(),
  changesMessage: bytes("changes_message"),
  stoppedBy: text("stopped_by", { enum: ["creator", "staff"] }),
  stopReason: text("stop_reason"),
  pauseCredit: integer("pause_credit").notNull().default(0),
  reopenedAt: integer("reopened_at"),
});

/** A row while signing is paused, and none otherwise. */
export const signingPause = sqliteTable("signing_pause", { one: integer().primaryKey(), since: integer().notNull() });

export const petitionVersions = sqliteTable(
  "petition_versions",
  {
    petitionNo: integer("petition_no").notNull(),
    version: integer().notNull(),
    title: text().notNull(),
    background: text().notNull(),
    details: text().notNull(),
    writtenAt: integer("written_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.petitionNo, table.version] })],
);

export const petitionNotes = sqliteTable(
  "petition_notes",
  {
    petitionNo: integer("petition_no").notNull(),
    id: text().notNull(),
    author: text().notNull(),
    sealed: bytes().notNull(),
    writtenAt: integer("written_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.petitionNo, table.id] })],
);

export const petitionTopics = sqliteTable(
  "petition_topics",
  { topicCode: text("topic_code").notNull(), petitionNo: integer("petition_no").notNull() },
  (table) => [primaryKey({ columns: [table.topicCode, table.petitionNo] })],
);

export const thresholds = sqliteTable(
  "thresholds",
  {
    petitionNo: integer("petition_no").notNull(),
    name: text({ enum: ["response", "hearing"] }).notNull(),
    signatures: integer().notNull(),
    reachedAt: integer("reached_at"),
    actedAt: integer("acted_at"),
    mailedAt: integer("mailed_at"),
    overdueMailedAt: integer("overdue_mailed_at"),
  },
  (table) => [primaryKey({ columns: [table.petitionNo, table.name] })],
);

export const responses = sqliteTable("responses", {
  petitionNo: integer("petition_no").primaryKey(),
  summary: text().notNull(),
  details: text().notNull(),
  publishedAt: integer("published_at"),
  amendedAt: integer("amended_at"),
});

export const channels = sqliteTable("channels", {
  code: text().primaryKey(),
  label: text().notNull(),
  partner: text(),
  owner: text(),
  retiredAt: integer("retired_at"),
});

export const petitionChannels = sqliteTable("petition_channels", {
  petitionNo: integer("petition_no").primaryKey(),
  channels: text({ mode: "json" })
    .$type<Record<string, { label: string; owner: string; retired_at: number | null }>>()
    .notNull(),
});

export const signatureStates = ["pending", "verified", "withdrawn", "invalidated"] as const;
export const holdReasons = ["list", "rate", "disposable", "burst", "fast"] as const;
export const assurances = ["email", "register", "paper", "eid"] as const;
/** What can happen to a mail instead of arriving, the worst last. */
export const mailTroubles = ["suppressed", "bounced_soft", "bounced_hard", "complained"] as const;

export const signatures = sqliteTable(
  "signatures",
  {
    petitionNo: integer("petition_no").notNull(),
    emailHash: bytes("email_hash").notNull(),
    personHash: integer("person_hash").notNull(),
    submission: bytes().notNull(),
    state: text({ enum: signatureStates }).notNull(),
    hold: text({ enum: holdReasons }),
    role: text({ enum: ["signer", "creator", "supporter"] })
      .notNull()
      .default("signer"),
    assurance: text({ enum: assurances }).notNull().default("email"),
    locale: text().notNull(),
    areaCode: text("area_code"),
    channel: text(),
    partner: text(),
    updates: integer({ mode: "boolean" }).notNull().default(false),
    postcodeHash: bytes("postcode_hash"),
    addressHash: bytes("address_hash"),
    networkHash: bytes("network_hash"),
    domainHash: bytes("domain_hash"),
    asn: integer(),
    country: text(),
    sealed: bytes(),
    acceptedAt: integer("accepted_at").notNull(),
    verifiedAt: integer("verified_at"),
    verifiedHour: text("verified_hour"),
    endedAt: integer("ended_at"),
    mailTrouble: text("mail_trouble", { enum: mailTroubles }),
    mailTroubleAt: integer("mail_trouble_at"),
    repeatedAt: integer("repeated_at"),
    invalidatedReason: text("invalidated_reason", { enum: invalidationReasons }),
    invalidation: bytes(),
    privacyVersion: integer("privacy_version"),
    eligibilityVersion: integer("eligibility_version"),
    otherNames: text("other_names"),
  },
  (table) => [primaryKey({ columns: [table.petitionNo, table.emailHash, table.personHash] })],
);

export const petitionTallies = sqliteTable("petition_tallies", {
  petitionNo: integer("petition_no").primaryKey(),
  petitionId: text("petition_id").notNull(),
  public: integer({ mode: "boolean" }).notNull(),
  pending: integer().notNull().default(0),
  verified: integer().notNull().default(0),
  quarantinedPending: integer("quarantined_pending").notNull().default(0),
  quarantinedVerified: integer("quarantined_verified").notNull().default(0),
  invalidated: integer().notNull().default(0),
  withdrawn: integer().notNull().default(0),
  email: integer().notNull().default(0),
  register: integer().notNull().default(0),
  paper: integer().notNull().default(0),
  eid: integer().notNull().default(0),
  locales: text({ mode: "json" }).$type<Record<string, number>>().notNull().default({}),
  nextThreshold: integer("next_threshold"),
  gate: integer(),
  funnelSubmitted: integer("funnel_submitted").notNull().default(0),
  funnelMailed: integer("funnel_mailed").notNull().default(0),
  funnelVerified: integer("funnel_verified").notNull().default(0),
  verifySteps: text("verify_steps", { mode: "json" }).$type<Record<string, number>>().notNull().default({}),
  begun: integer().notNull().default(0),
  departmentCode: text("department_code"),
  areas: integer().notNull().default(0),
  channels: integer().notNull().default(0),
  hours: integer().notNull().default(0),
});

export const areaTallies = sqliteTable(
  "area_tallies",
  {
    petitionNo: integer("petition_no").notNull(),
    areaCode: text("area_code").notNull(),
    verified: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.petitionNo, table.areaCode] })],
);

export const channelTallies = sqliteTable(
  "channel_tallies",
  {
    petitionNo: integer("petition_no").notNull(),
    channel: text().notNull(),
    verified: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.petitionNo, table.channel] })],
);

export const hourTallies = sqliteTable(
  "hour_tallies",
  {
    petitionNo: integer("petition_no").notNull(),
    hour: text().notNull(),
    verified: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.petitionNo, table.hour] })],
);

export const petitionRankings = sqliteTable("petition_rankings", {
  petitionNo: integer("petition_no").primaryKey(),
  popularity: integer().notNull(),
  trend: integer().notNull(),
});

export const importedFacts = sqliteTable(
  "imported_facts",
  {
    source: text().notNull(),
    sourceId: text("source_id").notNull(),
    petitionNo: integer("petition_no").notNull(),
    textDigest: bytes("text_digest").notNull(),
    url: text(),
    asOf: text("as_of").notNull(),
    asOfBasis: text("as_of_basis", { enum: ["stated", "latest_event"] }).notNull(),
    openedAt: integer("opened_at"),
    signatures: integer(),
    thresholds: text({ mode: "json" }).$type<{ name: string; reached_at: string }[]>().notNull().default([]),
    responseSummary: text("response_summary"),
    responseDetails: text("response_details"),
    respondedOn: text("responded_on"),
    areasAsOf: text("areas_as_of"),
  },
  (table) => [primaryKey({ columns: [table.source, table.sourceId] })],
);

export const importedAreaCounts = sqliteTable(
  "imported_area_counts",
  {
    source: text().notNull(),
    sourceId: text("source_id").notNull(),
    areaCode: text("area_code").notNull(),
    name: text().notNull(),
    signatures: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.source, table.sourceId, table.areaCode] })],
);

export const codeAttempts = sqliteTable(
  "code_attempts",
  {
    petitionNo: integer("petition_no").notNull(),
    emailHash: bytes("email_hash").notNull(),
    attempts: integer().notNull(),
    triedAt: integer("tried_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.petitionNo, table.emailHash] })],
);
