import { and, desc, eq, isNotNull, isNull, sql } from "drizzle-orm";
import { type Condition, type Database, runOf } from "../../db/database.ts";
import { hearings, responseDrafts, responseVersions } from "../../db/response-schema.ts";
import { petitions, petitionTallies, responses, thresholds } from "../../db/schema.ts";

/** What the municipality answers, as staff write it. */
export interface ResponseText {
  readonly summary: string;
  readonly details: string;
}

/** A petition's answer as it stands: what is published, what is being written, and the hearing. */
export const responseOf = (db: Database, no: number) =>
  db
    .select({
      id: petitions.id,
      version: petitions.version,
      summary: responses.summary,
      details: sql<string | null>`${responses.details}`.as("published_details"),
      publishedAt: responses.publishedAt,
      amendedAt: responses.amendedAt,
      draftSummary: sql<string | null>`${responseDrafts.summary}`.as("draft_summary"),
      draftDetails: sql<string | null>`${responseDrafts.details}`.as("draft_details"),
      draftedAt: responseDrafts.draftedAt,
      hearingDate: hearings.heldOn,
      hearingOutcome: hearings.outcome,
    })
    .from(petitions)
    .leftJoin(responses, eq(responses.petitionNo, petitions.no))
    .leftJoin(responseDrafts, eq(responseDrafts.petitionNo, petitions.no))
    .leftJoin(hearings, eq(hearings.petitionNo, petitions.no))
    .where(eq(petitions.no, no));

/** Every text that was published of a petition's answer, the newest first. */
export const responseVersionsOf = (db: Database, no: number) =>
  db
    .select({
      version: responseVersions.version,
      summary: responseVersions.summary,
      details: responseVersions.details,
      publishedAt: responseVersions.publishedAt,
    })
    .from(responseVersions)
    .where(eq(responseVersions.petitionNo, no))
    .orderBy(desc(responseVersions.version));

/** Whether everybody may see a petition: one row read. */
export const isShown = (db: Database, no: number) =>
  db
    .select({ id: petitionTallies.petitionId, shown: petitionTallies.public })
    .from(petitionTallies)
    .where(eq(petitionTallies.petitionNo, no));

/** What staff are writing, in the place of what they wrote before. */
export const writeDraft = (db: Database, no: number, text: ResponseText & { now: number }, when: Condition) =>
  runOf(
    db,
    sql`INSERT INTO response_drafts (petition_no, summary, details, drafted_at)
    SELECT ${no}, ${text.summary}, ${text.details}, ${text.now} WHERE ${when}
    ON CONFLICT (petition_no) DO UPDATE SET summary = excluded.summary, details = excluded.details,
      drafted_at = excluded.drafted_at`,
  );

/** Publishes the draft: as the answer, or as its new text. */
export const publishDraft = (db: Database, no: number, now: number, when: Condition) =>
  runOf(
    db,
    sql`INSERT INTO responses (petition_no, summary, details, published_at)
    SELECT petition_no, summary, details, ${now} FROM response_drafts WHERE petition_no = ${no} AND ${when}
    ON CONFLICT (petition_no) DO UPDATE SET summary = excluded.summary, details = excluded.details,
      amended_at = excluded.published_at`,
  );

/** Takes a draft away. */
export const deleteDraft = (db: Database, no: number, when: Condition) =>
  db.delete(responseDrafts).where(and(eq(responseDrafts.petitionNo, no), when));

/** A hearing's day and outcome, in the place of what was said before. */
export const writeHearing = (
  db: Database,
  no: number,
  hearing: { date: string; outcome: string | null; now: number },
  when: Condition,
) =>
  runOf(
    db,
    sql`INSERT INTO hearings (petition_no, held_on, outcome, updated_at)
    SELECT ${no}, ${hearing.date}, ${hearing.outcome}, ${hearing.now} WHERE ${when}
    ON CONFLICT (petition_no) DO UPDATE SET held_on = excluded.held_on, outcome = excluded.outcome,
      updated_at = excluded.updated_at`,
  );

/** Notes that the municipality has done what a threshold stands for: its stamp stays from here on. */
export const actOnThreshold = (
  db: Database,
  no: number,
  { name, now }: { name: "response" | "hearing"; now: number },
  when: Condition,
) =>
  db
    .update(thresholds)
    .set({ actedAt: now })
    .where(
      and(
        eq(thresholds.petitionNo, no),
        eq(thresholds.name, name),
        isNotNull(thresholds.reachedAt),
        isNull(thresholds.actedAt),
        when,
      ),
    );
