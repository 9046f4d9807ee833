import { and, asc, eq, isNotNull, isNull, lte, sql } from "drizzle-orm";
import { type Condition, type Database, runOf } from "../../db/database.ts";
import { webhookEndpoints } from "../../db/webhook-schema.ts";
import type { Bytes } from "../../lib/bytes.ts";

const columns = {
  id: webhookEndpoints.id,
  url: webhookEndpoints.url,
  label: webhookEndpoints.label,
  events: webhookEndpoints.events,
  petitions: webhookEndpoints.petitions,
  createdAt: webhookEndpoints.createdAt,
  lastSequence: webhookEndpoints.lastSequence,
  failures: webhookEndpoints.failures,
  previousUntil: webhookEndpoints.previousUntil,
  disabledAt: webhookEndpoints.disabledAt,
  disabledFor: webhookEndpoints.disabledFor,
};

/** An endpoint as its owner reads it. */
export type Endpoint = Awaited<ReturnType<typeof endpointsOf>>[number];

/** A partner's endpoints, the oldest first. */
export const endpointsOf = (db: Database, partner: string) =>
  db
    .select(columns)
    .from(webhookEndpoints)
    .where(and(eq(webhookEndpoints.partner, partner), isNull(webhookEndpoints.deletedAt)))
    .orderBy(asc(webhookEndpoints.id));

/** One of a partner's endpoints. */
export const endpointOf = (db: Database, partner: string, id: string) =>
  db.select(columns).from(webhookEndpoints).where(isOwn(partner, id));

const isOwn = (partner: string, id: string) =>
  and(eq(webhookEndpoints.id, id), eq(webhookEndpoints.partner, partner), isNull(webhookEndpoints.deletedAt));

/** That a partner's endpoint is there. */
export const endpointThere = (partner: string, id: string): Condition =>
  sql`EXISTS (SELECT 1 FROM webhook_endpoints WHERE id = ${id} AND partner = ${partner} AND deleted_at IS NULL)`;

/** What the owner says of an endpoint. */
export interface EndpointTerms {
  readonly url: string;
  readonly label: string | null;
  readonly events: readonly string[];
  /** UUIDs; null: every petition. */
  readonly petitions: readonly string[] | null;
}

const copied = ({ events, petitions, ...rest }: EndpointTerms) => ({
  ...rest,
  events: [...events],
  petitions: petitions && [...petitions],
});

/** A new endpoint; refused when the partner has as many as may be. */
export const insertEndpoint = (
  db: Database,
  row: EndpointTerms & { id: string; partner: string; signingKey: Bytes; createdAt: number },
) => db.insert(webhookEndpoints).values({ ...row, ...copied(row), enabledAt: row.createdAt });

/** Changes what the owner said of an endpoint; it need not rest for what was there before. */
export const updateEndpoint = (db: Database, partner: string, id: string, terms: EndpointTerms) =>
  db
    .update(webhookEndpoints)
    .set({ ...copied(terms), restsUntil: 0 })
    .where(isOwn(partner, id));

/** Ends an endpoint: its address and its keys go at once, its deliveries in slices. */
export const endEndpoint = (db: Database, partner: string, id: string, now: number) =>
  db
    .update(webhookEndpoints)
    .set({ deletedAt: now, url: "", label: null, signingKey: null, previousKey: null, previousUntil: null })
    .where(isOwn(partner, id));

/** Puts a new key in the place of the one that signs, which goes on beside it until a moment. */
export const replaceKey = (db: Database, partner: string, id: string, key: { sealed: Bytes; until: number }) =>
  db
    .update(webhookEndpoints)
    .set({ previousKey: sql`${webhookEndpoints.signingKey}`, previousUntil: key.until, signingKey: key.sealed })
    .where(isOwn(partner, id));

/** Ends an endpoint's rest: its owner says that it works. */
export const endRest = (db: Database, partner: string, id: string) =>
  db.update(webhookEndpoints).set({ restsUntil: 0 }).where(isOwn(partner, id));

/** Lets a disabled endpoint be told again; its day begins anew. */
export const enableEndpoint = (db: Database, partner: string, id: string, now: number) =>
  db
    .update(webhookEndpoints)
    .set({ disabledAt: null, disabledFor: null, enabledAt: now, failures: 0, restsUntil: 0 })
    .where(and(isOwn(partner, id), isNotNull(webhookEndpoints.disabledAt)));

// More than fail before an endpoint rests, and are tried while it does; any beyond come when they are due.
const WAITING_FOR_ENABLING = 1_000;

/** Makes what has failed due at once; to be run before the enabling, and nothing when the endpoint is not disabled. */
export const hastenFailing = (db: Database, partner: string, id: string, now: number) =>
  runOf(
    db,
    sql`UPDATE webhook_deliveries SET due_at = ${now} WHERE endpoint_id = ${id} AND sequence IN (
      SELECT sequence FROM webhook_deliveries INDEXED BY webhook_deliveries_again
      WHERE endpoint_id = ${id} AND due_at > ${now} LIMIT ${WAITING_FOR_ENABLING})
    AND EXISTS (SELECT 1 FROM webhook_endpoints WHERE id = ${id} AND partner = ${partner} AND disabled_at IS NOT NULL)`,
  );

/** Records a test event for an endpoint, as its next delivery. */
export const insertTestEvent = (db: Database, partner: string, id: string, type: string) =>
  runOf(db, sql`INSERT INTO webhook_events (type, partner, endpoint, test) VALUES (${type}, ${partner}, ${id}, 1)`);

/** Keys that are sealed, from one endpoint's id on. */
export const sealedKeys = (db: Database, { after, limit }: { after: string; limit: number }) =>
  db
    .select({
      id: webhookEndpoints.id,
      signingKey: webhookEndpoints.signingKey,
      previousKey: webhookEndpoints.previousKey,
    })
    .from(webhookEndpoints)
    .where(and(sql`${webhookEndpoints.id} > ${after}`, isNotNull(webhookEndpoints.signingKey)))
    .orderBy(asc(webhookEndpoints.id))
    .limit(limit);

/** Puts a newly sealed key in the place of the one that it was made from; nothing when another has come meanwhile. */
export const replaceSealed = (
  db: Database,
  id: string,
  { column, from, to }: { column: "signingKey" | "previousKey"; from: Bytes; to: Bytes },
) =>
  db
    .update(webhookEndpoints)
    .set({ [column]: to })
    .where(and(eq(webhookEndpoints.id, id), eq(webhookEndpoints[column], from)));

/** Forgets keys that sign no more. */
export const dropPreviousKeys = (db: Database, now: number) =>
  db
    .update(webhookEndpoints)
    .set({ previousKey: null, previousUntil: null })
    .where(lte(webhookEndpoints.previousUntil, now));
