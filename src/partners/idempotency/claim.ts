/** What somebody asks for with an idempotency key. */
export interface Claim {
  /** The key's hashes, those under the current ROOT_KEY first; by any of them it is known. */
  readonly keys: readonly string[];
  /** The request's hashes, likewise: its route and its body. */
  readonly requests: readonly string[];
  /** Tells this try from every other. */
  readonly token: string;
  /** When the request came, milliseconds since 1970. */
  readonly acceptedAt: number;
}

/** A try that is to be made now. A try after the first has the first one's `seed` and `acceptedAt`. */
export interface Claimed {
  readonly is: "ours";
  /** What ids are derived from. */
  readonly seed: string;
  readonly acceptedAt: number;
  /** What an earlier try has come to, if it left something to do. */
  readonly soFar: string | null;
}

/**
 * What a claim leads to: a try, the answer that was given, or none of both. `seconds`: after which the try that is under
 * way has an answer, or is given up.
 */
export type ClaimAnswer =
  | Claimed
  | { readonly is: "done"; readonly answer: string }
  | { readonly is: "under_way"; readonly seconds: number }
  | { readonly is: "other_request" };

/**
 * How a try ended. `done`: with an answer that is given from now on. `open`: the same request may be tried again, and what
 * it has come to is kept. `nothing`: as if it had not come; as `open` when it was not the first try.
 */
export interface Settlement {
  readonly keys: readonly string[];
  readonly token: string;
  readonly as: "done" | "open" | "nothing";
  readonly answer: string | null;
}

/** Where claims are kept, for 24 hours. An adapter that can't do its work throws. */
export interface ClaimsPort {
  /** Of tries with one key at once one gets `ours`. `shard`: what claims are spread by. */
  claim(shard: string, claim: Claim): Promise<ClaimAnswer>;
  /** Ends a try; one that was given up in favour of another changes nothing. */
  settle(shard: string, settlement: Settlement): Promise<void>;
}
