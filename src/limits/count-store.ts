import type { WindowCounts } from "./sliding-window.ts";

/** A key's counts, and from when on they mean nothing (milliseconds since 1970). */
export interface KeyCounts extends WindowCounts {
  readonly endsAt: number;
}

type Keyed = readonly [key: string, counts: KeyCounts];

// A row written costs the same whatever it holds, and so does one that is deleted: so many keys share one. A full page is
// some 8 KB, which is written anew whenever one of its keys changes.
const PAGE_KEYS = 64;

// Keys that change again are in several pages; what is in no page but old copies is cleared away beyond so many.
const SPARE_PAGES = 16;

const AMONG = "key IN (SELECT value FROM json_each(?))";

/**
 * What an object of the limiter keeps on its disk. In `pages` lies what it is to know when it wakes, many keys a row: what
 * a later page says of a key holds, and no uses at all mean that it was forgotten or spilled. In `counts` lies, a row a
 * key, what was too much for its memory; a key is in one of the two.
 */
export class CountStore {
  readonly #sql: SqlStorage;
  #page = new Map<string, KeyCounts>();
  #last = 0;
  #spilled: boolean;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec("CREATE TABLE IF NOT EXISTS pages (id INTEGER PRIMARY KEY, counts TEXT)");
    sql.exec(
      "CREATE TABLE IF NOT EXISTS counts (key TEXT PRIMARY KEY, i INTEGER, current INTEGER, previous INTEGER, ends_at INTEGER) WITHOUT ROWID",
    );
    this.#spilled = this.#anySpilled();
  }

  /**
   * All that is in pages, of whoever was forgotten too, so that their end is known; but while anything is spilled, no uses
   * mean that it lies there.
   */
  load(): Map<string, KeyCounts> {
    const found = new Map<string, KeyCounts>();
    for (const { id, counts } of this.#sql.exec<{ id: number; counts: string }>("SELECT * FROM pages ORDER BY id")) {
      this.#last = id;
      this.#page = new Map(
        (JSON.parse(counts) as [string, number, number, number, number][]).map(
          ([key, index, current, previous, endsAt]) => [key, { index, current, previous, endsAt }],
        ),
      );
      for (const [key, counts] of this.#page) {
        if (counts.current + counts.previous > 0 || !this.#spilled) found.set(key, counts);
        else found.delete(key);
      }
    }
    return found;
  }

  /** Writes what has changed: one row, as long as there is room in it. */
  put(changed: Iterable<Keyed>, now: number): void {
    let any = false;
    for (const [key, counts] of changed) {
      if (this.#page.size >= PAGE_KEYS && !this.#page.has(key)) {
        this.#write(now);
        this.#page = new Map();
        this.#last++;
      }
      this.#page.set(key, counts);
      any = true;
    }
    if (any) this.#write(now);
  }

  /** Whether pages hold far more than so many keys need. */
  hasOldCopies(keys: number): boolean {
    return this.#last > 2 * Math.ceil(keys / PAGE_KEYS) + SPARE_PAGES;
  }

  /** Makes these all that is in pages. */
  replace(all: readonly Keyed[], now: number): void {
    this.#page = new Map();
    this.#last = 0;
    this.put(all, now);
    this.#sql.exec("DELETE FROM pages WHERE id >= ?", all.length > 0 ? this.#last + 1 : 0);
  }

  /** Takes over what is too much for memory; the caller must see to it that it is in no page. */
  spill(keyed: readonly Keyed[]): void {
    this.#spilled = true;
    this.#sql.exec(
      "INSERT OR REPLACE INTO counts SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?)",
      JSON.stringify(keyed.map(listed)),
    );
  }

  /** Gives back what was spilled of some keys. All in one statement: each costs more than all the counting. */
  recall(keys: () => readonly string[]): Keyed[] {
    if (!this.#spilled) return [];
    const asked = keys();
    if (asked.length === 0) return [];
    const these = JSON.stringify(asked);
    const found = this.#sql
      .exec<{ key: string; i: number; current: number; previous: number; ends_at: number }>(
        `SELECT * FROM counts WHERE ${AMONG}`,
        these,
      )
      .toArray();
    // What writes makes an answer wait for the disk: in a flood most keys are new.
    if (found.length > 0) this.#sql.exec(`DELETE FROM counts WHERE ${AMONG}`, these);
    return found.map(({ key, i, current, previous, ends_at }) => [
      key,
      { index: i, current, previous, endsAt: ends_at },
    ]);
  }

  /** Deletes what was spilled and means nothing at a moment, or would after another one. */
  sweepSpilled(now: number, never: number): void {
    if (!this.#spilled) return;
    this.#sql.exec("DELETE FROM counts WHERE ends_at < ? OR ends_at > ?", now, never);
    this.#spilled = this.#anySpilled();
  }

  /** Whether there is anything that was too much for memory. */
  get hasSpilled(): boolean {
    return this.#spilled;
  }

  /** Whether there is anything at all. */
  get holdsAny(): boolean {
    return this.#spilled || this.#last > 0 || this.#page.size > 0;
  }

  #anySpilled(): boolean {
    return this.#sql.exec("SELECT 1 FROM counts LIMIT 1").toArray().length > 0;
  }

  #write(now: number): void {
    for (const [key, { endsAt }] of this.#page) if (endsAt < now) this.#page.delete(key);
    const text = JSON.stringify([...this.#page].map(listed));
    this.#sql.exec("INSERT OR REPLACE INTO pages VALUES (?, ?)", this.#last, text);
  }
}

const listed = ([key, { index, current, previous, endsAt }]: Keyed) => [key, index, current, previous, endsAt];
