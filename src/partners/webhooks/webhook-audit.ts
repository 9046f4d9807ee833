import { recordAct } from "../../access/audit.ts";
import type { Condition, Database, Statement } from "../../db/database.ts";
import { publicId } from "../../lib/ids.ts";
import { type EndpointTerms, endpointThere } from "./endpoints.store.ts";
import type { Owner } from "./manage-webhooks.ts";

/** What a partner's key did to one of its endpoints. */
interface WebhookAct {
  readonly act: `webhook.${"create" | "change" | "delete" | "rotate_secret" | "enable" | "replay"}`;
  /** The endpoint's UUID. */
  readonly id: string;
  readonly before?: Record<string, unknown>;
  readonly after?: Record<string, unknown>;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * The statement that records what a key did to an endpoint, in the partner's history. To be run in the batch of its
 * effect and before it; nothing is recorded of an endpoint that is gone by then, unless it is `webhook.create`.
 */
export function recordWebhookAct(db: Database, owner: Owner, { act, id, before, after, at }: WebhookAct): Statement {
  const when: Condition | undefined = act === "webhook.create" ? undefined : endpointThere(owner.partner, id);
  const webhook = publicId("whk", id);
  const entry = {
    actor: { id: publicId("key", owner.keyId), role: null },
    act,
    subject: publicId("par", owner.partnerId),
    before: before && { webhook, ...before },
    after: { webhook, ...after },
    at,
  };
  return recordAct(db, entry, when);
}

/** What the audit log says of an endpoint: of its address the host only, because paths and queries may be secrets. */
export const inAudit = ({ url, label, events, petitions }: EndpointTerms) => ({
  host: new URL(url).host,
  label,
  events,
  petitions: petitions?.map((petition) => publicId("pet", petition)) ?? null,
});
