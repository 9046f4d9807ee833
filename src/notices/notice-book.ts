import { type Database, readTogether } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { FLAWS } from "../http/validation.ts";
import { FreshCache } from "../lib/fresh-cache.ts";
import { inTime } from "../lib/in-time.ts";
import { describeError, log } from "../lib/log.ts";
import { type NoticeKind, type NoticeVersions, type Published, unknownAmong, versionsAt } from "./notice.ts";
import { publishedVersions } from "./notices.store.ts";

// Somebody who signs is waiting: a database that takes longer is as good as down, and is left alone for a second.
const TIMEOUT_MS = 1_000;
const LEAVE_ALONE_MS = 1_000;

/** Which versions of the notices an isolate knows: at most 5 s old, older only while the database fails. */
export class NoticeBook {
  readonly #remembered: FreshCache<readonly Published[]>;
  readonly #clock: () => number;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(clock: () => number) {
    this.#remembered = new FreshCache(1, clock);
    this.#clock = clock;
  }

  /**
   * Refuses versions that there are not: raises `invalid_request` that names them below `/notices`. Older ones pass,
   * because forms stay open. While the database fails all pass. Without any nothing is read.
   */
  async requireKnown(db: Database, seen: NoticeVersions | undefined): Promise<void> {
    const unknown = seen === undefined ? [] : await this.#unknown(db, seen);
    if (unknown.length === 0) return;
    const errors = unknown.map((kind) => ({
      pointer: `/notices/${kind}`,
      code: "unknown_value",
      detail: FLAWS.unknown_value,
    }));
    throw new Problem("invalid_request", { errors });
  }

  /**
   * The versions that somebody saw: those they say, where there are such, else those that held at the moment (in
   * milliseconds since 1970) when they sent what they saw them with. Raises `unavailable` while the database does not say
   * and never did: nothing false is recorded.
   */
  async seenBy(
    db: Database,
    { seen = {}, at }: { seen?: NoticeVersions | undefined; at: number },
  ): Promise<Required<Record<NoticeKind, number>>> {
    const published = await this.known(db);
    const unknown = await this.#unknown(db, seen);
    const known = Object.entries(seen).filter(([kind, version]) => version && !unknown.includes(kind as NoticeKind));
    return { ...versionsAt(published, at), ...Object.fromEntries(known) };
  }

  /** The versions that were published. Raises as `seenBy` does. */
  async known(db: Database): Promise<readonly Published[]> {
    const published = await this.#published(db);
    if (published === null) throw new Problem("unavailable", { headers: { "Retry-After": "10" } });
    return published;
  }

  /** What one isolate has published, another may not have read: it asks again before it says that there is no such version. */
  async #unknown(db: Database, seen: NoticeVersions): Promise<NoticeKind[]> {
    const known = await this.#published(db);
    if (known === null) return [];
    const unknown = unknownAmong(known, seen);
    if (unknown.length === 0) return [];
    const anew = await this.#ask(() => this.#remembered.refresh("all", () => read(db)));
    return anew === null ? [] : unknownAmong(anew, seen);
  }

  /** Null when the database does not say and never did. */
  #published(db: Database): Promise<readonly Published[] | null> {
    return this.#ask(() => this.#remembered.get("all", () => read(db)));
  }

  async #ask(ask: () => Promise<readonly Published[]>): Promise<readonly Published[] | null> {
    const since = this.#clock() - this.#failedAt;
    if (since >= 0 && since < LEAVE_ALONE_MS) return null;
    try {
      return await ask();
    } catch (error) {
      this.#failedAt = this.#clock();
      log("notices_not_read", describeError(error));
      return null;
    }
  }
}

const read = (db: Database): Promise<Published[]> => inTime(readTogether(db, publishedVersions(db)), TIMEOUT_MS);
