import { type Database, DatabaseFailure } from "../../db/database.ts";
import { Problem } from "../../http/problems.ts";
import { flawed } from "../../http/validation.ts";
import { newUuid } from "../../lib/ids.ts";
import type { RootKeys } from "../../lib/root-keys.ts";
import {
  type Endpoint,
  type EndpointTerms,
  endEndpoint,
  endpointOf,
  endpointsOf,
  insertEndpoint,
  replaceKey,
  updateEndpoint,
} from "./endpoints.store.ts";
import { newSecret } from "./signing-secret.ts";
import { OVERLAP_MS } from "./webhook.ts";
import { readAddress } from "./webhook-address.ts";
import { inAudit, recordWebhookAct } from "./webhook-audit.ts";

export interface ManageDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly keys: RootKeys;
  readonly publicUrl: string;
  readonly local: boolean;
}

/** Who manages a partner's endpoints: a key may be for some petitions only, and then sees no endpoint that hears of others. */
export interface Owner {
  /** The partner's code. */
  readonly partner: string;
  /** The partner's UUID. */
  readonly partnerId: string;
  /** The UUID of the key that asks. */
  readonly keyId: string;
  /** UUIDs; null: every petition. */
  readonly petitions: readonly string[] | null;
}

/** An endpoint and its secret, shown this once. */
export type WithSecret = Endpoint & { readonly secret: string };

const covers = ({ petitions: own }: Owner, asked: readonly string[] | null): boolean =>
  own === null || (asked ?? [""]).every((petition) => own.includes(petition));

/** The endpoints that somebody manages, the oldest first. */
export async function listWebhooks({ db }: Pick<ManageDeps, "db">, owner: Owner): Promise<Endpoint[]> {
  const [endpoints] = await db.batch([endpointsOf(db, owner.partner)]);
  return endpoints.filter(({ petitions }) => covers(owner, petitions));
}

/** One of the endpoints that somebody manages. Raises `not_found`. */
export async function findWebhook({ db }: Pick<ManageDeps, "db">, owner: Owner, id: string): Promise<Endpoint> {
  const [[endpoint]] = await db.batch([endpointOf(db, owner.partner, id)]);
  if (!endpoint || !covers(owner, endpoint.petitions)) throw new Problem("not_found");
  return endpoint;
}

/**
 * Adds an endpoint, which is told from then on. Raises `invalid_request` for an address that may not be called or petitions
 * that the key is not for, and `webhooks_full`.
 */
export async function createWebhook(deps: ManageDeps, owner: Owner, terms: EndpointTerms): Promise<WithSecret> {
  const { db, clock, keys } = deps;
  const checked = checkTerms(deps, owner, terms);
  const id = newUuid();
  const { secret, sealed } = await newSecret(keys, id);
  const row = { ...checked, id, partner: owner.partner, signingKey: sealed, createdAt: clock() };
  const act = { act: "webhook.create", id, after: inAudit(checked), at: row.createdAt } as const;
  await db.batch([recordWebhookAct(db, owner, act), insertEndpoint(db, row)]).catch((error: unknown) => {
    if (error instanceof DatabaseFailure && error.refused) throw new Problem("webhooks_full");
    throw error;
  });
  return { ...(await findWebhook(deps, owner, id)), secret };
}

/** Changes an endpoint; what waits for it goes to the new address. Raises `not_found`, `invalid_request`. */
export async function changeWebhook(
  deps: ManageDeps,
  owner: Owner,
  id: string,
  terms: EndpointTerms,
): Promise<Endpoint> {
  const { db, clock } = deps;
  const old = await findWebhook(deps, owner, id);
  const checked = checkTerms(deps, owner, terms);
  const after = { ...inAudit(checked), ...(checked.url !== old.url && { url: "changed" }) };
  const act = { act: "webhook.change", id, before: inAudit(old), after, at: clock() } as const;
  await db.batch([recordWebhookAct(db, owner, act), updateEndpoint(db, owner.partner, id, checked)]);
  return findWebhook(deps, owner, id);
}

/** Deletes an endpoint, with all that it was told and waits for; gives those that are left. Raises `not_found`. */
export async function deleteWebhook(deps: ManageDeps, owner: Owner, id: string): Promise<Endpoint[]> {
  const { db, clock } = deps;
  const old = await findWebhook(deps, owner, id);
  const now = clock();
  const act = { act: "webhook.delete", id, before: inAudit(old), at: now } as const;
  await db.batch([recordWebhookAct(db, owner, act), endEndpoint(db, owner.partner, id, now)]);
  return listWebhooks(deps, owner);
}

/**
 * Gives an endpoint a new secret; the one before signs beside it for a day, one from before that no more. Raises
 * `not_found`.
 */
export async function rotateSecret(deps: ManageDeps, owner: Owner, id: string): Promise<WithSecret> {
  const { db, clock, keys } = deps;
  await findWebhook(deps, owner, id);
  const { secret, sealed } = await newSecret(keys, id);
  const now = clock();
  const act = { act: "webhook.rotate_secret", id, at: now } as const;
  const until = now + OVERLAP_MS;
  await db.batch([recordWebhookAct(db, owner, act), replaceKey(db, owner.partner, id, { sealed, until })]);
  return { ...(await findWebhook(deps, owner, id)), secret };
}

function checkTerms({ publicUrl, local }: ManageDeps, owner: Owner, terms: EndpointTerms): EndpointTerms {
  const address = readAddress(terms.url, { ownHost: new URL(publicUrl).hostname, local });
  if ("flaw" in address) throw flawed("/url", address.flaw);
  const petitions = terms.petitions ?? owner.petitions;
  if (!covers(owner, petitions)) throw flawed("/petitions", "unknown_value");
  return { ...terms, petitions, url: address.url };
}
