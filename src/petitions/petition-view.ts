import { publicId } from "../lib/ids.ts";
import { isPausedAt, type PetitionTimes, stateAt } from "./petition.ts";

/** A petition as the store reads it for lists. */
export interface PetitionSummaryRow extends PetitionTimes {
  readonly id: string;
  readonly title: string;
  readonly background: string;
  readonly locale: string;
  readonly areaCode: string | null;
  readonly departmentCode: string | null;
  /** JSON array of codes. */
  readonly topics: string;
  readonly createdAt: number;
  readonly verified: number;
}

export interface PetitionRow extends PetitionSummaryRow {
  readonly details: string;
  readonly rejectionCode: string | null;
  readonly rejectionDetails: string | null;
  readonly responseSummary: string | null;
  readonly responseDetails: string | null;
  readonly responsePublishedAt: number | null;
  readonly responseAmendedAt: number | null;
  /** The municipality's day. */
  readonly hearingDate: string | null;
  readonly hearingOutcome: string | null;
}

/** A petition in a list, as the API shows it at a moment. */
export const petitionSummary = (row: PetitionSummaryRow, now: number) => ({
  id: publicId("pet", row.id),
  state: stateAt(row, now),
  title: row.title,
  background: row.background,
  locale: row.locale,
  area: row.areaCode,
  topics: JSON.parse(row.topics) as string[],
  department: row.departmentCode,
  created_at: time(row.createdAt),
  opens_at: time(row.opensAt),
  closes_at: time(row.closesAt),
  ended_at: time(row.endedAt ?? (stateAt(row, now) === "closed" ? row.closesAt : null)),
  signing_paused: isPausedAt(row, now),
  signature_count: row.verified,
});

/** One petition in full. */
export const petitionDocument = (
  row: PetitionRow,
  thresholds: readonly { name: string; signatures: number; reachedAt: number | null }[],
  now: number,
) => ({
  ...petitionSummary(row, now),
  details: row.details,
  thresholds: thresholds.map(({ name, signatures, reachedAt }) => ({ name, signatures, reached_at: time(reachedAt) })),
  response:
    row.responsePublishedAt === null
      ? null
      : {
          summary: row.responseSummary,
          details: row.responseDetails,
          published_at: time(row.responsePublishedAt),
          amended_at: time(row.responseAmendedAt),
        },
  hearing: row.hearingDate === null ? null : { date: row.hearingDate, outcome: row.hearingOutcome },
  rejection: row.rejectionCode === null ? null : { code: row.rejectionCode, details: row.rejectionDetails },
});

/** ISO 8601 in UTC; null stays null. */
const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
