import QuickLRU from "quick-lru";
import { type Database, readTogether } from "../db/database.ts";
import type { Bytes } from "../lib/bytes.ts";
import { FreshCache } from "../lib/fresh-cache.ts";
import { petitionNo } from "../lib/ids.ts";
import { inTime } from "../lib/in-time.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { acceptsSignatureAt, isPublicState, type PetitionTimes, stateAt, takesSupporters } from "./petition.ts";
import { PetitionSecret } from "./petition-secret.ts";
import { factsWithSecret, petitionFacts } from "./petitions.store.ts";

/** What the verbs about signatures need to know of a petition. */
export interface PetitionFacts extends PetitionTimes {
  readonly no: number;
  /** UUID. */
  readonly id: string;
  readonly title: string;
  readonly locale: string;
  /** JSON of the petition's own channels by code; null when it has none. */
  readonly channels: string | null;
  /** 0: none, it goes to staff as soon as its creator has verified. */
  readonly supportersNeeded: number;
  /** Places that supporters may still take, none or fewer when it is full; null when the petition takes no supporters. */
  readonly placesLeft: number | null;
  /** Wrapped; null once the petition's personal data is erased. */
  readonly wrappedSecret: Bytes | null;
}

/** `full`: supporters have taken every place. `unknown`: the database could not say. The request is accepted then, and the consumer judges. */
export type GateAnswer = "open" | "not_open" | "full" | "absent" | "unknown";

// Petitions that an isolate remembers: the facts of each are about 1 KB.
const REMEMBERED = 500;
// A database that takes longer to say what a petition is, is as good as down: a resident is waiting.
const TIMEOUT_MS = 1_000;

/** What an isolate knows of petitions, at most 5 s old unless the database fails. */
export class PetitionDirectory {
  readonly #facts: FreshCache<PetitionFacts>;
  // A petition's secret never changes, only its wrapping: no freshness needed while the facts say that it exists. Once they
  // say that it is destroyed, it is forgotten.
  readonly #secrets = new QuickLRU<string, PetitionSecret>({ maxSize: REMEMBERED });
  readonly #keys: RootKeys;
  readonly #clock: () => number;

  constructor(keys: RootKeys, clock: () => number) {
    this.#facts = new FreshCache(REMEMBERED, clock);
    this.#keys = keys;
    this.#clock = clock;
  }

  /** The facts of a petition by its number; undefined when there is none. Throws when the database fails or is slow. */
  async facts(db: Database, no: number): Promise<PetitionFacts | undefined> {
    return this.#facts.get(String(no), () => read(db, no));
  }

  /** As `facts`, but asked anew: for a judgement that may not rest on what was true some seconds ago. */
  async factsNow(db: Database, no: number): Promise<PetitionFacts | undefined> {
    return this.#facts.refresh(String(no), () => read(db, no));
  }

  /**
   * Whether a petition, by its UUID, takes signatures now, or took them at a moment that has just been. `supporter`: of somebody who has its supporter link; they are
   * refused only by what is read anew, because supporters come within seconds of the creator's verification.
   */
  async gate(db: Database, id: string, supporter: boolean, at = this.#clock()): Promise<GateAnswer> {
    const judge = (facts: PetitionFacts | undefined) => judgeGate(facts, { id, supporter, at });
    try {
      const answer = judge(await this.facts(db, petitionNo(id)));
      if (answer === "open" || !supporter) return answer;
      return judge(await this.factsNow(db, petitionNo(id)));
    } catch {
      return "unknown";
    }
  }

  /** The facts of every petition whose personal data is not erased, fresh: for what is rare enough to read them all. */
  async withSecrets(db: Database): Promise<PetitionFacts[]> {
    return (await db.batch([factsWithSecret(db)]))[0];
  }

  /** The secret of a petition; null once it was erased. Throws when it was wrapped under a ROOT_KEY that is not set. */
  async secret(facts: Pick<PetitionFacts, "id" | "wrappedSecret">): Promise<PetitionSecret | null> {
    if (!facts.wrappedSecret) {
      this.#secrets.delete(facts.id);
      return null;
    }
    const known = this.#secrets.get(facts.id);
    if (known) return known;
    const secret = await PetitionSecret.unwrap(this.#keys, facts.id, facts.wrappedSecret);
    if (!secret) throw new Error("no ROOT_KEY opens a petition's secret");
    this.#secrets.set(facts.id, secret);
    return secret;
  }
}

function judgeGate(
  facts: PetitionFacts | undefined,
  { id, supporter, at }: { id: string; supporter: boolean; at: number },
): GateAnswer {
  if (!facts || facts.id !== id) return "absent";
  if (supporter && takesSupporters(facts.state)) return (facts.placesLeft ?? 0) > 0 ? "open" : "full";
  if (!isPublicState(facts.state)) return "absent";
  return acceptsSignatureAt({ ...facts, state: stateAt(facts, at) }, at) ? "open" : "not_open";
}

const read = async (db: Database, no: number): Promise<PetitionFacts | undefined> =>
  (await inTime(readTogether(db, petitionFacts(db, no)), TIMEOUT_MS))[0];
