import { DurableObject } from "cloudflare:workers";
import type { Claim, ClaimAnswer, ClaimsPort, Settlement } from "./claim.ts";

/** How long the answer to a key is given again. */
const KEPT_MS = 24 * 3_600_000;

// Longer than any request takes: whoever has not settled by then has died.
const LEASE_MS = 60_000;

const SWEEP_MS = 3_600_000;

// Rows that one sweep deletes at most; when there are more, the next one follows at once.
const SWEPT_AT_ONCE = 5_000;

/** Keeps claims in one object for each shard. `jurisdiction`: where the objects run and keep their data. */
export function durableClaims(
  namespace: DurableObjectNamespace<IdempotencyShard>,
  jurisdiction?: DurableObjectJurisdiction,
): ClaimsPort {
  const objects = jurisdiction ? namespace.jurisdiction(jurisdiction) : namespace;
  const stub = (shard: string) => objects.get(objects.idFromName(shard));
  return {
    claim: async (shard, claim) => stub(shard).claim(claim),
    settle: async (shard, settlement) => stub(shard).settle(settlement),
  };
}

type Row = {
  readonly key: string;
  readonly request: string;
  readonly seed: string;
  readonly accepted_at: number;
  readonly token: string;
  readonly leased_until: number;
  readonly tries: number;
  readonly done: number;
  readonly answer: string | null;
};

/** Some of a partner's idempotency keys: keyed hashes, times, and answers without personal data. */
export class IdempotencyShard extends DurableObject {
  constructor(state: DurableObjectState, env: Cloudflare.Env) {
    super(state, env);
    state.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS claims (key TEXT PRIMARY KEY, request TEXT, seed TEXT, accepted_at INTEGER, token TEXT, leased_until INTEGER, tries INTEGER, done INTEGER, answer TEXT) WITHOUT ROWID",
    );
  }

  /** See `ClaimsPort.claim`. Nothing is waited for between reading and writing, so that of ten at once one is first. */
  async claim({ keys, requests, token, acceptedAt }: Claim): Promise<ClaimAnswer> {
    const now = Date.now();
    const row = this.#find(keys);
    if (row && isKept(row, now)) {
      if (!requests.includes(row.request)) return { is: "other_request" };
      if (row.done === 1) return { is: "done", answer: row.answer as string };
      if (row.leased_until > now) return { is: "under_way", seconds: 1 };
      const renewed = [token, now + LEASE_MS, row.key];
      this.#sql("UPDATE claims SET token = ?, leased_until = ?, tries = tries + 1 WHERE key = ?", ...renewed);
      return { is: "ours", seed: row.seed, acceptedAt: row.accepted_at, soFar: row.answer };
    }
    if (row) this.#sql("DELETE FROM claims WHERE key = ?", row.key);
    const fresh = [keys[0] as string, requests[0] as string, token, acceptedAt, token, now + LEASE_MS];
    this.#sql("INSERT INTO claims VALUES (?, ?, ?, ?, ?, ?, 1, 0, NULL)", ...fresh);
    await this.#sweepLater();
    return { is: "ours", seed: token, acceptedAt, soFar: null };
  }

  /** See `ClaimsPort.settle`. */
  settle({ keys, token, as, answer }: Settlement): void {
    const row = this.#find(keys);
    if (!row || row.token !== token || row.done === 1) return;
    if (as === "nothing" && row.tries === 1) this.#sql("DELETE FROM claims WHERE key = ?", row.key);
    else {
      const [done, kept] = [as === "done" ? 1 : 0, answer ?? row.answer];
      this.#sql("UPDATE claims SET done = ?, answer = ?, leased_until = 0 WHERE key = ?", done, kept, row.key);
    }
  }

  /** Drops what is no longer kept, a bounded part at a time. */
  override async alarm(): Promise<void> {
    const now = Date.now();
    const old = `SELECT key FROM claims WHERE accepted_at <= ? OR accepted_at > ? LIMIT ${SWEPT_AT_ONCE}`;
    const swept = this.#sql(`DELETE FROM claims WHERE key IN (${old})`, now - KEPT_MS, now + KEPT_MS).rowsWritten;
    const left = this.#sql("SELECT 1 FROM claims LIMIT 1").toArray().length > 0;
    if (left) await this.ctx.storage.setAlarm(swept >= SWEPT_AT_ONCE ? now : now + SWEEP_MS);
  }

  #find(keys: readonly string[]): Row | undefined {
    const [current, previous = current] = keys;
    const found = this.ctx.storage.sql.exec<Row>("SELECT * FROM claims WHERE key IN (?, ?)", current, previous);
    return found.toArray()[0];
  }

  #sql(statement: string, ...values: (string | number | null)[]) {
    return this.ctx.storage.sql.exec(statement, ...values);
  }

  async #sweepLater(): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + SWEEP_MS);
  }
}

/** A clock that was wrong may have said anything. */
const isKept = ({ accepted_at: at }: Row, now: number): boolean => at > now - KEPT_MS && at <= now + KEPT_MS;
