import { Problem } from "../../http/problems.ts";
import { toHex, utf8 } from "../../lib/bytes.ts";
import { uuidOf } from "../../lib/ids.ts";
import { inTime } from "../../lib/in-time.ts";
import { describeError, log } from "../../lib/log.ts";
import type { RootKeys } from "../../lib/root-keys.ts";
import type { KeyHolder } from "../key-book.ts";
import type { ClaimAnswer, Claimed, ClaimsPort, Settlement } from "./claim.ts";

export interface AnswerOnceDeps {
  readonly claims: ClaimsPort;
  readonly keys: RootKeys;
  readonly clock: () => number;
}

/** One try of a request: a later one has the same ids and the same time. */
export interface Attempt {
  /** When the request first came, milliseconds since 1970. */
  readonly acceptedAt: number;
  /** The UUID of the thing that the request makes, or of one of several. */
  readonly idOf: (index: number) => Promise<string>;
  /** The body that an earlier try answered, if it left something to do. */
  readonly soFar: unknown;
}

/** What a request was answered. */
export interface KeptAnswer<Body> {
  readonly status: number;
  readonly body: Body;
}

// Objects of a partner: one does a thousand claims a second, and a partner sends some tens.
const SHARDS = 4;

// Milliseconds that the store may keep somebody waiting; one that takes longer is out of order.
const ANSWER_WITHIN_MS = 600;

/**
 * Answers a partner's request with an idempotency key: the first with what `act` does, the same one again with the same
 * answer. `act` says whether its answer is the last word; if not, the same request is tried again, with what it has come
 * to. A refusal is not kept: nothing has been done, and it may be judged otherwise next time. What fails here (5xx, or an
 * error) may have done something: the key stays with this request, and the next try makes the same things again.
 * While the store is out of order every request is tried: whoever repeats then sends a repeat, which counts once.
 *
 * Raises `idempotency_under_way`, `idempotency_key_reused`, and what `act` raises.
 * @param asked.request its route and its body
 */
export async function answerOnce<Body>(
  deps: AnswerOnceDeps,
  asked: { holder: KeyHolder; key: string; request: string },
  act: (attempt: Attempt) => Promise<KeptAnswer<Body> & { final: boolean }>,
): Promise<KeptAnswer<Body>> {
  const { shard, ...hashes } = await hashesOf(deps.keys, asked);
  const token = crypto.randomUUID();
  const acceptedAt = deps.clock();
  const claim = await unlessOut<ClaimAnswer>(deps.claims.claim(shard, { ...hashes, token, acceptedAt }));
  if (claim?.is === "other_request") throw new Problem("idempotency_key_reused");
  if (claim?.is === "under_way") {
    throw new Problem("idempotency_under_way", { headers: { "Retry-After": String(claim.seconds) } });
  }
  if (claim?.is === "done") return JSON.parse(claim.answer) as KeptAnswer<Body>;
  const settle = (as: Settlement["as"], answer: string | null) =>
    unlessOut(deps.claims.settle(shard, { keys: hashes.keys, token, as, answer }));
  const ours = claim ?? { is: "ours", seed: token, acceptedAt, soFar: null };
  try {
    const { final, ...answer } = await act(attemptOf(ours));
    await settle(final ? "done" : "open", JSON.stringify(answer));
    return answer;
  } catch (error) {
    await settle(error instanceof Problem && error.status < 500 ? "nothing" : "open", null);
    throw error;
  }
}

function attemptOf({ seed, acceptedAt, soFar }: Claimed): Attempt {
  return {
    acceptedAt,
    idOf: async (index) => uuidOf(acceptedAt, await sha256(`${seed}:${index}`)),
    soFar: soFar === null ? undefined : (JSON.parse(soFar) as KeptAnswer<unknown>).body,
  };
}

/** Keyed, because a key may be a person's, and a body is; where its claim is, goes by a plain digest's first byte. */
async function hashesOf(keys: RootKeys, { holder, key, request }: { holder: KeyHolder; key: string; request: string }) {
  const whose = `${holder.partner.id}:${holder.key.test ? "test" : "live"}`;
  const [named, asked, digest] = await Promise.all([
    keys.hashes("idempotency", `${whose}:${key}`),
    sha256(request).then((bytes) => keys.hashes("idempotency_request", toHex(bytes))),
    sha256(key),
  ]);
  return { keys: named, requests: asked, shard: `${whose}:${(digest[0] as number) % SHARDS}` };
}

/** What the store answers; null, and a line in the log, when it fails or does not answer in time. */
async function unlessOut<Result>(call: Promise<Result>): Promise<Result | null> {
  try {
    return await inTime(call, ANSWER_WITHIN_MS);
  } catch (error) {
    log("idempotency_outage", describeError(error));
    return null;
  }
}

const sha256 = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(text)));
