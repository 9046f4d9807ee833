import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Condition, Database } from "../../db/database.ts";
import { pausedSince } from "../../db/petition-conditions.ts";
import { petitions, petitionTallies } from "../../db/schema.ts";
import type { PetitionState } from "../petition.ts";

/** A petition as its creator sees it; supporters only while it takes some. */
export const petitionOfCreator = (db: Database, no: number) =>
  db
    .select({
      no: petitions.no,
      id: petitions.id,
      state: petitions.state,
      version: petitions.version,
      title: petitions.title,
      background: petitions.background,
      details: petitions.details,
      locale: petitions.locale,
      opensAt: petitions.opensAt,
      closesAt: petitions.closesAt,
      endedAt: petitions.endedAt,
      pausedSince,
      approvedAt: petitions.approvedAt,
      gateReachedAt: petitions.gateReachedAt,
      supportersNeeded: petitions.supportersNeeded,
      supportersMax: petitions.supportersMax,
      changesMessage: petitions.changesMessage,
      wrappedSecret: petitions.secret,
      rejectionDetails: petitions.rejectionDetails,
      verified: petitionTallies.verified,
      rejectionNames: sql<string | null>`(SELECT reasons.names FROM rejection_reasons AS reasons
        WHERE reasons.code = ${petitions.rejectionCode})`.as("rejection_names"),
      supporters: ofPlaces("supporters"),
      creatorCounts: ofPlaces("creator_counts"),
    })
    .from(petitions)
    .innerJoin(petitionTallies, eq(petitionTallies.petitionNo, petitions.no))
    .where(eq(petitions.no, no));

const ofPlaces = (column: "supporters" | "creator_counts"): SQL.Aliased<number | null> =>
  sql<number | null>`(SELECT ${sql.raw(`places.${column}`)} FROM supporter_places AS places
    WHERE places.petition_no = ${petitions.no})`.as(column);

/** Where a petition stands when its creator changes it: the change is of this version in this state, or of none. */
export interface Standing {
  readonly no: number;
  readonly version: number;
  readonly state: PetitionState;
}

const isStanding = ({ no, version, state }: Standing): SQL =>
  and(eq(petitions.no, no), eq(petitions.version, version), eq(petitions.state, state)) as SQL;

/** The condition under which `changePetition` does anything. */
export const standsSo = (standing: Standing): Condition =>
  sql`EXISTS (SELECT 1 FROM ${petitions} WHERE ${isStanding(standing)})`;

/** What a creator can change. */
export interface CreatorsChange {
  readonly title?: string;
  readonly background?: string;
  readonly details?: string;
  readonly state?: PetitionState;
  readonly changesMessage?: null;
  readonly endedAt?: number;
  readonly stoppedBy?: "creator";
  readonly stopReason?: string;
}

/** Changes a petition that still stands so, and its version. Answers with the row's number, or with nothing. */
export const changePetition = (db: Database, standing: Standing, change: CreatorsChange) =>
  db
    .update(petitions)
    .set({ ...change, version: standing.version + 1 })
    .where(isStanding(standing))
    .returning({ no: petitions.no });
