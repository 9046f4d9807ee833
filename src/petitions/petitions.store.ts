import { and, eq, gt, isNotNull, lte, type SQL, sql } from "drizzle-orm";
import { type Database, runOf } from "../db/database.ts";
import { beyond, closingClockAt, narrowedBy, pausedSince } from "../db/petition-conditions.ts";
import { hearings } from "../db/response-schema.ts";
import { petitionChannels, petitionRankings, petitions, petitionTallies, responses, thresholds } from "../db/schema.ts";
import type { Bytes } from "../lib/bytes.ts";
import type { PetitionState } from "./petition.ts";

/** The order of a list, and the value by which its pages go on. */
export type PetitionSort = "newest" | "popular" | "trending" | "closing";

export interface PetitionFilter {
  readonly states: readonly PetitionState[];
  readonly area?: string | undefined;
  readonly topic?: string | undefined;
  readonly department?: string | undefined;
  /** An FTS5 query that is already quoted. */
  readonly match?: string | undefined;
}

const NEWEST = sql`coalesce(${petitions.opensAt}, ${petitions.createdAt})`;

const ORDERS: Record<PetitionSort, { value: SQL<number>; descending: boolean }> = {
  newest: { value: NEWEST as SQL<number>, descending: true },
  popular: { value: sql<number>`coalesce(${petitionRankings.popularity}, 0)`, descending: true },
  trending: { value: sql<number>`coalesce(${petitionRankings.trend}, 0)`, descending: true },
  closing: { value: sql<number>`coalesce(${petitions.closesAt}, 0)`, descending: false },
};

const topicsOf = sql<string>`(SELECT json_group_array(topic_code ORDER BY topic_code) FROM petition_topics
  WHERE petition_no = ${petitions.no})`.as("topics");

const summaryColumns = {
  no: petitions.no,
  id: petitions.id,
  state: petitions.state,
  title: petitions.title,
  background: petitions.background,
  locale: petitions.locale,
  areaCode: petitions.areaCode,
  departmentCode: petitions.departmentCode,
  topics: topicsOf,
  createdAt: petitions.createdAt,
  opensAt: petitions.opensAt,
  closesAt: petitions.closesAt,
  endedAt: petitions.endedAt,
  pausedSince,
  verified: petitionTallies.verified,
};

/**
 * A page of public petitions in one order, from `after` on: `limit` rows by keyset, never by offset. Where the open ones
 * are asked for, what is over at `now` is none, whether or not the job has closed it.
 */
export function listPetitions(
  db: Database,
  query: PetitionFilter & {
    sort: PetitionSort;
    limit: number;
    now: number;
    after?: readonly [value: number, no: number] | undefined;
  },
) {
  const { value, descending } = ORDERS[query.sort];
  const direction = descending ? sql`DESC` : sql`ASC`;
  return db
    .select({ ...summaryColumns, orderedBy: sql<number>`${value}`.as("ordered_by") })
    .from(petitions)
    .innerJoin(petitionTallies, eq(petitionTallies.petitionNo, petitions.no))
    .leftJoin(petitionRankings, eq(petitionRankings.petitionNo, petitions.no))
    .where(
      and(
        // Of several states the newest are read in the order of age, not all of each state: the plus keeps its index away.
        query.states.length === 1
          ? eq(petitions.state, query.states[0] as PetitionState)
          : sql`+${petitions.state} IN ${[...query.states]}`,
        query.states.length === 1 && query.states[0] === "open"
          ? gt(petitions.closesAt, closingClockAt(query.now))
          : undefined,
        query.area === undefined ? undefined : eq(petitions.areaCode, query.area),
        query.department === undefined ? undefined : eq(petitions.departmentCode, query.department),
        narrowedBy(query),
        beyond(value, query.after, descending),
      ),
    )
    .orderBy(sql`${value} ${direction}`, sql`${petitions.no} ${direction}`)
    .limit(query.limit);
}

// A word that is in every petition must not make the ranking read them all, at four rows each. Beyond these bm25 reads
// one row for each word of the query and petition that has it (test/api/similar.test.ts).
const RANKED = 1000;
const BEST = 200;

/**
 * Petitions in some states in which an FTS5 query occurs, the most alike first (bm25: the lower the score the more
 * alike); a word of the title weighs ten of the details. What is over at `now` counts as no longer open.
 */
export function rankedByLikeness(
  db: Database,
  query: { match: string; states: readonly PetitionState[]; exceptNo: number | undefined; now: number; limit: number },
) {
  const ranked = sql`(SELECT ranked_no, score FROM (
      SELECT rowid AS ranked_no, bm25(petitions_fts, 10.0, 3.0, 1.0) AS score FROM petitions_fts
      WHERE petitions_fts MATCH ${query.match} LIMIT ${RANKED}
    ) ORDER BY score LIMIT ${BEST}) AS ranked`;
  return db
    .select({ ...summaryColumns, score: sql<number>`ranked.score`.as("score") })
    .from(petitions)
    .innerJoin(ranked, sql`ranked.ranked_no = ${petitions.no}`)
    .innerJoin(petitionTallies, eq(petitionTallies.petitionNo, petitions.no))
    .where(
      and(
        sql`${petitions.state} IN ${[...query.states]}`,
        sql`(${petitions.state} <> 'open' OR ${petitions.closesAt} > ${closingClockAt(query.now)})`,
        query.exceptNo === undefined ? undefined : sql`${petitions.no} <> ${query.exceptNo}`,
      ),
    )
    .orderBy(sql`ranked.score`, petitions.no)
    .limit(query.limit);
}

/** One petition in full, by its number; whether it may be shown is the caller's to judge. */
export const petitionInFull = (db: Database, no: number) =>
  db
    .select({
      ...summaryColumns,
      version: petitions.version,
      details: petitions.details,
      rejectionCode: petitions.rejectionCode,
      rejectionDetails: petitions.rejectionDetails,
      responseSummary: responses.summary,
      responseDetails: sql<string | null>`${responses.details}`.as("response_details"),
      responsePublishedAt: responses.publishedAt,
      responseAmendedAt: responses.amendedAt,
      hearingDate: hearings.heldOn,
      hearingOutcome: hearings.outcome,
    })
    .from(petitions)
    .innerJoin(petitionTallies, eq(petitionTallies.petitionNo, petitions.no))
    .leftJoin(responses, eq(responses.petitionNo, petitions.no))
    .leftJoin(hearings, eq(hearings.petitionNo, petitions.no))
    .where(eq(petitions.no, no));

/** A petition's thresholds, the lowest first. */
export const thresholdsOf = (db: Database, no: number) =>
  db.select().from(thresholds).where(eq(thresholds.petitionNo, no)).orderBy(thresholds.signatures);

// Nothing is read for it unless the petition takes supporters.
const PLACES_LEFT = sql<number | null>`CASE WHEN ${petitions.state} = 'gathering' OR ${petitions.state} = 'moderation'
  OR ${petitions.state} = 'changes_requested'
  THEN (SELECT places.places_left FROM supporter_places AS places WHERE places.petition_no = petitions.no)
  END`.as("places_left");

const factsOf = (db: Database) =>
  db
    .select({
      no: petitions.no,
      id: petitions.id,
      state: petitions.state,
      title: petitions.title,
      locale: petitions.locale,
      opensAt: petitions.opensAt,
      closesAt: petitions.closesAt,
      endedAt: petitions.endedAt,
      pausedSince,
      wrappedSecret: petitions.secret,
      channels: sql<string | null>`${petitionChannels.channels}`.as("own_channels"),
      supportersNeeded: petitions.supportersNeeded,
      placesLeft: PLACES_LEFT,
    })
    .from(petitions)
    .leftJoin(petitionChannels, eq(petitionChannels.petitionNo, petitions.no));

/**
 * What the verbs about signatures need of one petition: one row read, one for its own channels, and while it takes
 * supporters three for their places.
 */
export const petitionFacts = (db: Database, no: number) => factsOf(db).where(eq(petitions.no, no));

/** A petition's text, and what says whether it may be signed by its supporter link. */
export const petitionForSupporter = (db: Database, no: number) =>
  db
    .select({
      id: petitions.id,
      state: petitions.state,
      opensAt: petitions.opensAt,
      closesAt: petitions.closesAt,
      endedAt: petitions.endedAt,
      pausedSince,
      title: petitions.title,
      background: petitions.background,
      details: petitions.details,
      locale: petitions.locale,
      placesLeft: PLACES_LEFT,
    })
    .from(petitions)
    .where(eq(petitions.no, no));

/** The same of every petition whose personal data is not erased: each is a row read. */
export const factsWithSecret = (db: Database) => factsOf(db).where(isNotNull(petitions.secret));

/** A new draft. */
export const insertPetition = (
  db: Database,
  row: {
    no: number;
    id: string;
    title: string;
    background: string;
    details: string;
    locale: string;
    areaCode: string | undefined;
    createdAt: number;
    supportersNeeded: number;
    supportersMax: number;
    secret: Bytes;
    creatorEmailHash: Bytes;
    creatorPersonHash: number;
  },
) => db.insert(petitions).values({ ...row, state: "draft" });

/** The topics of a new petition. */
export const insertPetitionTopics = (db: Database, no: number, topics: readonly string[]) =>
  runOf(
    db,
    sql`INSERT INTO petition_topics (topic_code, petition_no)
    SELECT value, ${no} FROM json_each(${JSON.stringify(topics)})`,
  );

/** Closes every open petition whose time is over; none while signing is paused but what was over before. */
export const closeDue = (db: Database, now: number) =>
  db
    .update(petitions)
    .set({ state: "closed", endedAt: sql`${petitions.closesAt}` })
    .where(and(eq(petitions.state, "open"), lte(petitions.closesAt, closingClockAt(now))));

/** Brings the snapshot that lists are ordered by up to date; writes only what has changed. */
export const refreshRankings = (db: Database, sinceHour: string) =>
  runOf(
    db,
    sql`INSERT INTO petition_rankings (petition_no, popularity, trend)
    SELECT tally.petition_no, tally.verified, coalesce((SELECT sum(hour.verified) FROM hour_tallies AS hour
      WHERE hour.petition_no = tally.petition_no AND hour.hour > ${sinceHour}), 0)
    FROM petition_tallies AS tally LEFT JOIN petition_rankings AS ranking USING (petition_no)
    WHERE tally.public AND (ranking.popularity IS NOT tally.verified OR ranking.trend > 0)
    ON CONFLICT DO UPDATE SET popularity = excluded.popularity, trend = excluded.trend
    WHERE popularity <> excluded.popularity OR trend <> excluded.trend`,
  );

/** Wrapped secrets of petitions, in the order of their numbers, from after one on. */
export const wrappedSecrets = (db: Database, { after, limit }: { after: number; limit: number }) =>
  db
    .select({ no: petitions.no, id: petitions.id, secret: petitions.secret })
    .from(petitions)
    .where(and(gt(petitions.no, after), isNotNull(petitions.secret)))
    .orderBy(petitions.no)
    .limit(limit);

/** Puts a newly wrapped secret in the place of the one it was made from; nothing when that is gone, or erased. */
export const replaceSecret = (db: Database, { no, from, to }: { no: number; from: Bytes; to: Bytes }) =>
  db
    .update(petitions)
    .set({ secret: to })
    .where(and(eq(petitions.no, no), eq(petitions.secret, from)));

/** Whether a petition has its secret: without it everything personal is erased. */
export const hasSecret = (db: Database, no: number) =>
  db
    .select({ secret: sql<number>`${petitions.secret} IS NOT NULL`.as("has_secret") })
    .from(petitions)
    .where(eq(petitions.no, no));

/** A petition's id and the department that answers for it: one row read. */
export const departmentOf = (db: Database, no: number) =>
  db.select({ id: petitions.id, department: petitions.departmentCode }).from(petitions).where(eq(petitions.no, no));
