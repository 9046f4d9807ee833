import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { newUuid } from "../../src/lib/ids.ts";
import type { RootKeys } from "../../src/lib/root-keys.ts";
import { PetitionSecret } from "../../src/petitions/petition-secret.ts";
import { sealContext } from "../../src/signatures/signature.ts";
import type { coldIsolate } from "./isolate.ts";
import { rootKeys } from "./town.ts";

/** Somebody who signed, straight into the table; the triggers count them. */
export interface Subscriber {
  readonly email: string;
  readonly name?: string;
  readonly locale?: string;
  readonly updates?: 0 | 1;
  readonly state?: "pending" | "verified" | "withdrawn" | "invalidated";
  readonly hold?: string | null;
  readonly acceptedAt?: number;
}

/** Gives a petition verified signers who asked for news, unless they say otherwise. */
export async function subscribersOf(
  { no, uuid }: { no: number; uuid: string },
  subscribers: readonly Subscriber[],
  keys: RootKeys = rootKeys,
): Promise<void> {
  const stored = await env.DB.prepare("SELECT hex(secret) AS hex FROM petitions WHERE no = ?").bind(no).first("hex");
  const secret = (await PetitionSecret.unwrap(keys, uuid, fromHex(String(stored)))) as PetitionSecret;
  const rows = await Promise.all(
    subscribers.map(async ({ email, name = "Mara Quill", locale = "en", ...one }) => {
      const [emailHash, personHash] = [await secret.emailHash(email), await secret.personHash(email, name)];
      const sealed = await secret.seal({ name, email }, sealContext({ petitionNo: no, emailHash, personHash }));
      const { state = "verified", updates = 1, hold = null, acceptedAt = 1_764_000_000_000 } = one;
      const ended = state === "withdrawn" || state === "invalidated" ? acceptedAt : null;
      const verified = state === "verified" ? acceptedAt : null;
      return [toHex(emailHash), personHash, state, hold, locale, updates, toHex(sealed), acceptedAt, verified, ended];
    }),
  );
  for (let at = 0; at < rows.length; at += 500) {
    await env.DB.prepare(
      `INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, hold, locale, updates, sealed,
         accepted_at, verified_at, verified_hour, ended_at)
       SELECT ?, unhex(value ->> 0), value ->> 1, randomblob(16), value ->> 2, value ->> 3, value ->> 4, value ->> 5,
         unhex(value ->> 6), value ->> 7, value ->> 8, iif(value ->> 8 IS NULL, NULL, '2026-11-23T12'), value ->> 9
       FROM json_each(?)`,
    )
      .bind(no, JSON.stringify(rows.slice(at, at + 500)))
      .run();
  }
}

/** So many addresses that no other test has used. */
export const people = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `p${n}.${crypto.randomUUID().slice(0, 13)}@example.org`);

/** A message of staff that may begin, written straight into the table; gives its UUID. */
export async function confirmedMailing(no: number, columns: Record<string, string | number> = {}): Promise<string> {
  const id = newUuid();
  const texts = { en: { subject: "Come to the hearing", body: "At 19:00 in the town hall.\nEverybody is welcome." } };
  const row = { id, petition_no: no, kind: "message", texts: JSON.stringify(texts), state: "waiting", actor: "local" };
  const all: Record<string, string | number> = { ...row, created_at: 1, due_at: 1, ...columns };
  const names = Object.keys(all);
  await env.DB.prepare(`INSERT INTO mailings (${names}) VALUES (${names.map(() => "?")})`)
    .bind(...Object.values(all))
    .run();
  return id;
}

/** A mailing's row. */
export const mailingRow = async (id: string) =>
  (await env.DB.prepare("SELECT * FROM mailings WHERE id = ?").bind(id).first()) as Record<string, string & number>;

/** Ends every mailing, and gives the turn up: what a test leaves behind must not be the next one's. */
export async function clearMailings(): Promise<void> {
  await env.DB.batch([
    env.DB.prepare("UPDATE mailings SET state = 'cancelled' WHERE state IN ('waiting', 'running', 'parked')"),
    env.DB.prepare("UPDATE mailing_turn SET lease_until = 0, due_at = 0"),
    env.DB.prepare("DELETE FROM settings WHERE name = 'switches'"),
    env.DB.prepare("UPDATE outbox SET state = 'sent' WHERE state = 'waiting'"),
  ]);
}

/** How often each address was written to, as `{times: addresses}`. */
export function timesOf(signers: readonly string[], to: readonly string[]): Record<number, number> {
  const times = new Map<string, number>();
  for (const address of to) times.set(address, (times.get(address) ?? 0) + 1);
  const found: Record<number, number> = {};
  for (const signer of signers) {
    const n = times.get(signer) ?? 0;
    found[n] = (found[n] ?? 0) + 1;
  }
  return found;
}

// Past any lease, and past the pauses between tries.
const LATER_MS = 61 * 60_000;

/** Runs the job until a mailing is over; `next` makes the isolate of each run. Gives how many runs it took. */
export async function untilOver(id: string, next: (run: number) => ReturnType<typeof coldIsolate>): Promise<number> {
  for (let run = 1; run < 200; run++) {
    await next(run).cron("* * * * *");
    if ((await mailingRow(id)).state !== "running") return run;
    vi.setSystemTime(Date.now() + LATER_MS);
  }
  throw new Error("the mailing does not end");
}
