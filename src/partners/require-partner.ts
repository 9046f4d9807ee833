import { bearerKey } from "../access/key-form.ts";
import type { Database } from "../db/database.ts";
import type { LimitSubject } from "../http/client.ts";
import { Problem } from "../http/problems.ts";
import { admit } from "../limits/admit.ts";
import type { Limiter, Use, Verdict } from "../limits/limiter.ts";
import type { KeyBook, KeyHolder } from "./key-book.ts";
import { isForPetition, type PartnerKey, type PartnerScope } from "./partner.ts";

export interface RequirePartnerDeps {
  readonly db: Database;
  readonly partnerKeys: KeyBook;
  readonly limiter: Limiter;
  readonly later: (work: Promise<unknown>) => void;
  /** What the answer says of limits: verdicts are added as they fall. */
  readonly limitsTold: Verdict[];
}

/** What somebody asks for with a key. */
export interface Asked {
  /** Null: whatever a server's key may do. */
  readonly scope: PartnerScope | null;
  /** The UUID of the one petition that it is about. */
  readonly petitionId?: string | undefined;
  /** Whether it is for test keys too, or only; without it a test key sees nothing there. */
  readonly tests?: "too" | "only" | undefined;
}

/** What limits count a key by. */
export const keySubject = ({ id }: Pick<PartnerKey, "id">): LimitSubject => ({ name: `partner-key:${id}` });

/**
 * The partner who sends a request, and the key. Counts the request, so that the answer says what is left. Raises
 * `unauthorized` for a key that is missing or does not work, `rate_limited`, `server_key` when a server's key comes from a
 * browser, and `not_found` for what the key is not for: a scope, a petition, or another page's origin.
 */
export async function requirePartner(deps: RequirePartnerDeps, headers: Headers, asked: Asked): Promise<KeyHolder> {
  const text = bearerKey(headers);
  const holder = text === null ? null : await deps.partnerKeys.holderOf(deps.db, text, deps.later);
  if (!holder) throw new Problem("unauthorized", { headers: { "WWW-Authenticate": "Bearer" } });
  const { key } = holder;
  const uses = [{ policy: "partner_requests", scope: "" }] as const;
  deps.limitsTold.push(...(await admit(deps.limiter, keySubject(key), uses)).verdicts);
  requireOrigin(key, headers.get("Origin"));
  const { scope, petitionId, tests } = asked;
  if (key.test ? tests === undefined : tests === "only") throw new Problem("not_found");
  const covered = scope === null ? key.origins === null : key.scopes.includes(scope);
  if (!covered || (petitionId !== undefined && !isForPetition(key, petitionId))) throw new Problem("not_found");
  return holder;
}

/** Browsers say by themselves which page a request comes from; servers have no page. */
function requireOrigin({ origins }: PartnerKey, origin: string | null): void {
  if (origins === null && origin !== null) throw new Problem("server_key");
  if (origins !== null && (origin === null || !origins.includes(origin))) throw new Problem("not_found");
}

/** The uses that a signature sent with a key is counted under: the key's own figures, or the policies'. */
export const signatureUses = (key: Pick<PartnerKey, "id" | "minuteLimit" | "dayLimit">): Use[] => [
  { policy: "partner_minute", scope: "", subject: keySubject(key), limit: key.minuteLimit ?? undefined },
  { policy: "partner_day", scope: "", subject: keySubject(key), limit: key.dayLimit ?? undefined },
];
