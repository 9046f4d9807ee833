import { publicCell } from "../counts/counts.ts";

/** What another system says of a petition, as the store reads it. */
export interface ImportedFactRow {
  readonly source: string;
  readonly url: string | null;
  /** A day, `YYYY-MM-DD`. */
  readonly asOf: string;
  readonly asOfBasis: "stated" | "latest_event";
  readonly openedAt: number | null;
  readonly signatures: number | null;
  readonly thresholds: readonly { name: string; reached_at: string }[];
  readonly responseSummary: string | null;
  readonly responseDetails: string | null;
  readonly respondedOn: string | null;
  /** The day of the counts by area; null when there are none. */
  readonly areasAsOf: string | null;
  /** JSON array of [code, name, signatures]. */
  readonly areas: string;
}

/**
 * Facts from elsewhere as the API shows them beside a petition's own, or null when it has none. A total is shown as the
 * source gives it; counts by area are rounded down like every public breakdown, and left out where nothing remains.
 */
export const factsFromElsewhere = (rows: readonly ImportedFactRow[]) =>
  rows.length === 0
    ? null
    : rows.map((row) => ({
        source: row.source,
        url: row.url,
        as_of: row.asOf,
        as_of_basis: row.asOfBasis,
        opened_at: row.openedAt === null ? null : new Date(row.openedAt).toISOString(),
        signatures: row.signatures,
        thresholds: row.thresholds,
        response:
          row.responseSummary === null
            ? null
            : { summary: row.responseSummary, details: row.responseDetails, responded_on: row.respondedOn },
        areas: row.areasAsOf === null ? null : { as_of: row.areasAsOf, counts: areaCounts(row.areas) },
      }));

const areaCounts = (json: string) =>
  (JSON.parse(json) as [code: string, name: string, signatures: number][])
    .map(([code, name, signatures]) => ({ code, name, signatures: publicCell(signatures) }))
    .filter(({ signatures }) => signatures > 0);
