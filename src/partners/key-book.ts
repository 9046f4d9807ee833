import { type Database, readTogether } from "../db/database.ts";
import { toHex } from "../lib/bytes.ts";
import { FreshCache } from "../lib/fresh-cache.ts";
import { describeError, log } from "../lib/log.ts";
import type { Partner, PartnerKey } from "./partner.ts";
import { partnerKeyDigest } from "./partner-key.ts";
import { notePartnerKeyUse, partnerByKey } from "./partner-keys.store.ts";

/** Who sends a request with a partner's key. */
export interface KeyHolder {
  readonly partner: Partner;
  readonly key: PartnerKey;
}

// Keys an isolate remembers, at most twice as many; each is at most some 5 KB.
const REMEMBERED_KEYS = 500;

/**
 * Partners' keys as an isolate knows them: at most 5 s old, so that a revocation holds everywhere within 15 s. While the
 * database fails the last known ones go on, because signing must; what ends by its own date ends all the same.
 */
export class KeyBook {
  readonly #known: FreshCache<KeyHolder>;
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#known = new FreshCache(REMEMBERED_KEYS, clock);
    this.#clock = clock;
  }

  /**
   * Whose key a text is; null when it is none that works. What is no key by its form or checksum asks no database. Throws
   * when the database fails and the key is not remembered. `later`: lets work go on behind the answer.
   */
  async holderOf(db: Database, text: string, later: (work: Promise<unknown>) => void): Promise<KeyHolder | null> {
    const digest = await partnerKeyDigest(text);
    if (!digest) return null;
    const holder = await this.#known.get(toHex(digest), async () => {
      const now = this.#clock();
      const [row] = await readTogether(db, partnerByKey(db, digest, now));
      if (!row) return undefined;
      if (row.toNote) {
        later(db.batch([notePartnerKeyUse(db, digest, now)]).catch((e) => log("key_use_not_noted", describeError(e))));
      }
      const { partnerId, code, name, keyId, toNote: _, ...key } = row;
      return { partner: { id: partnerId, code, name }, key: { ...key, id: keyId } };
    });
    const { expiresAt = null } = holder?.key ?? {};
    return holder && (expiresAt === null || expiresAt > this.#clock()) ? holder : null;
  }
}
