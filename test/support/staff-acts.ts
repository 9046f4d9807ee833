import { petitionStates } from "../../src/db/schema.ts";

// Everything that staff do with a petition: one table for the tests that need it.

export type PetitionState = (typeof petitionStates)[number];

const DAY = 86_400_000;
const later = new Date(Date.now() + 90 * DAY).toISOString();
const soon = new Date(Date.now() + 2 * DAY).toISOString();
const [moved, stays] = ["moved", "stays"] as const;

/** Something that staff do, and where it leads. */
export interface Act {
  readonly path: string;
  readonly body: unknown;
  readonly role: "moderator" | "admin";
  readonly audit: string;
  /** From which state to which. */
  readonly leads: Partial<Record<PetitionState, PetitionState>>;
  /** Whether it is a decision, which makes a new version. */
  readonly version: typeof moved | typeof stays;
}

const everywhere = Object.fromEntries(
  petitionStates.filter((state) => state !== "draft").map((state) => [state, state]),
) as Partial<Record<PetitionState, PetitionState>>;

/** All of it, by what it is called here. */
export const acts: Record<string, Act> = {
  approve: {
    ...{ path: "approve", body: {}, role: "moderator", audit: "petition.approve", version: moved },
    leads: { moderation: "open" },
  },
  "approve for later": {
    ...{ path: "approve", body: { opens_at: soon }, role: "moderator", audit: "petition.approve", version: moved },
    leads: { moderation: "moderation" },
  },
  "request changes": {
    ...{ path: "request-changes", body: { message: "Shorter, please." }, role: "moderator", version: moved },
    audit: "petition.request_changes",
    leads: { moderation: "changes_requested" },
  },
  reject: {
    ...{ path: "reject", body: { code: "duplicate" }, role: "moderator", audit: "petition.reject", version: moved },
    leads: { moderation: "rejected", changes_requested: "rejected", hidden: "rejected" },
  },
  hide: {
    ...{ path: "reject", body: { code: "defamatory" }, role: "moderator", audit: "petition.hide", version: moved },
    leads: {
      ...{ gathering: "hidden", moderation: "hidden", changes_requested: "hidden", open: "hidden", closed: "hidden" },
      ...{ stopped: "hidden", rejected: "hidden" },
    },
  },
  reopen: {
    ...{ path: "reopen", body: {}, role: "admin", audit: "petition.reopen", version: moved },
    leads: { closed: "open", stopped: "open", rejected: "moderation", hidden: "moderation" },
  },
  stop: {
    ...{ path: "stop", body: { reason: "Done." }, role: "moderator", audit: "petition.stop", version: moved },
    leads: { open: "stopped" },
  },
  extend: {
    ...{ path: "extend", body: { closes_at: later }, role: "moderator", audit: "petition.extend", version: moved },
    leads: { open: "open" },
  },
  assign: {
    ...{ path: "assign", body: { department: "works" }, role: "moderator", audit: "petition.assign", version: moved },
    leads: everywhere,
  },
  note: {
    ...{ path: "notes", body: { text: "Asked the works office." }, role: "moderator", audit: "petition.note" },
    ...{ leads: everywhere, version: stays },
  },
};
