import { publicId } from "../../lib/ids.ts";
import { type PetitionTimes, stateAt } from "../petition.ts";
import type { notesOf, StaffPetitionRow, StaffPetitionSummaryRow, versionsOf } from "./staff-petitions.store.ts";

const DAY_MS = 24 * 60 * 60_000;

/** A petition in staff's list, as the API shows it at a moment. */
export const staffSummary = (row: StaffPetitionSummaryRow, now: number) => ({
  id: publicId("pet", row.id),
  state: stateAt(row, now),
  version: row.version,
  title: row.title,
  locale: row.locale,
  area: row.areaCode,
  topics: JSON.parse(row.topics) as string[],
  department: row.departmentCode,
  created_at: time(row.createdAt),
  waiting_since: time(row.waitingSince),
  waiting_days: row.waitingSince === null ? null : Math.max(Math.floor((now - row.waitingSince) / DAY_MS), 0),
  approved_at: time(row.approvedAt),
  opens_at: time(row.opensAt),
  closes_at: time(row.closesAt),
  ended_at: time(row.endedAt ?? (stateAt(row, now) === "closed" ? row.closesAt : null)),
  signature_count: row.verified,
});

/** What has been opened of what is sealed; null where it is not for this reader, or gone. */
export interface OpenedTexts {
  readonly changesMessage: string | null;
  readonly creatorName: string | null;
  /** In step with the notes. */
  readonly notes: readonly (string | null)[];
}

type SimilarRow = PetitionTimes & { readonly id: string; readonly title: string; readonly verified: number };

type Rows<Query extends (...args: never[]) => PromiseLike<unknown>> = Awaited<ReturnType<Query>>;

/** One petition with everything that staff need to decide on it. */
export const staffDocument = (
  row: StaffPetitionRow,
  also: {
    thresholds: readonly { name: string; signatures: number; reachedAt: number | null; actedAt: number | null }[];
    versions: Rows<typeof versionsOf>;
    notes: Rows<typeof notesOf>;
    similar: readonly SimilarRow[];
    opened: OpenedTexts;
  },
  now: number,
) => ({
  ...staffSummary(row, now),
  background: row.background,
  details: row.details,
  creator: also.opened.creatorName === null ? null : { name: also.opened.creatorName },
  supporters: {
    needed: row.supportersNeeded,
    maximum: row.supportersMax,
    reached_at: time(row.gateReachedAt),
  },
  approved_thresholds: row.state === "moderation" ? row.approvedThresholds : null,
  thresholds: also.thresholds.map(({ name, signatures, reachedAt, actedAt }) => ({
    ...{ name, signatures, reached_at: time(reachedAt), acted_at: time(actedAt) },
  })),
  changes_requested: also.opened.changesMessage === null ? null : { message: also.opened.changesMessage },
  rejection: row.rejectionCode === null ? null : { code: row.rejectionCode, details: row.rejectionDetails },
  stop: row.stoppedBy === null ? null : { by: row.stoppedBy, reason: row.stopReason },
  similar: also.similar.map((other) => ({
    ...{ id: publicId("pet", other.id), state: stateAt(other, now), title: other.title },
    signature_count: other.verified,
  })),
  versions: also.versions.map(({ version, title, background, details, writtenAt }) => ({
    ...{ version, title, background, details, written_at: time(writtenAt) },
  })),
  notes: also.notes.map(({ id, author, authorName, writtenAt }, index) => ({
    ...{ id: publicId("note", id), author, author_name: authorName },
    ...{ text: also.opened.notes[index] ?? null, written_at: time(writtenAt) },
  })),
});

const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
