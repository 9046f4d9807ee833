import type { Condition, Database, Statement } from "../db/database.ts";
import { newUuid } from "../lib/ids.ts";
import { insertAudit } from "./audit.store.ts";
import type { Staff } from "./staff.ts";

/** Something that somebody did. No residents' data: where it matters that a text was the same, its keyed digest. */
export interface Act {
  /** Staff, a partner's key (which has no role), a petition's creator or a signer by their token, or the service by itself. */
  readonly actor:
    | Pick<Staff, "id" | "role">
    | { readonly id: string; readonly role: null }
    | "creator"
    | "signer"
    | "service";
  /** What was done, such as `petition.approve`. */
  readonly act: string;
  /** The public id of what it was done to. */
  readonly subject: string;
  /** What the act changes, as it was and as it is then. */
  readonly before?: Record<string, unknown> | undefined;
  readonly after?: Record<string, unknown> | undefined;
  readonly reason?: string | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * The statement that records an act, for the batch of its effect. `when`: the condition of the effect, if it has one;
 * the statement then goes before that of the effect, so that both see the same state.
 */
export function recordAct(db: Database, act: Act, when?: Condition): Statement {
  const { actor } = act;
  const json = (value: Record<string, unknown> | undefined) => (value === undefined ? null : JSON.stringify(value));
  const row = {
    id: newUuid(),
    at: act.at,
    actor: typeof actor === "string" ? actor : actor.id,
    role: typeof actor === "string" ? null : actor.role,
    act: act.act,
    subject: act.subject,
    before: json(act.before),
    after: json(act.after),
    reason: act.reason ?? null,
  };
  return insertAudit(db, row, when);
}
