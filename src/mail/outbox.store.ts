import { and, eq, lte, type SQLWrapper, sql } from "drizzle-orm";
import { type Database, runOf } from "../db/database.ts";
import { outbox } from "../db/mail-schema.ts";
import type { Bytes } from "../lib/bytes.ts";

/** A job of mail as it is put into the outbox. */
export interface NewJob {
  readonly id: string;
  readonly kind: string;
  /** What the mails are about, one entry a mail. Never personal data. */
  readonly items: readonly string[];
  /** Sealed data for a mail whose subject will no longer hold it. */
  readonly sealed?: Bytes | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Puts a job into the outbox; to be run in the batch of its cause. */
export const insertJob = (db: Database, job: NewJob) =>
  db.insert(outbox).values({
    id: job.id,
    kind: job.kind,
    items: [...job.items],
    remaining: [...job.items],
    sealed: job.sealed,
    dueAt: job.now,
    createdAt: job.now,
  });

/** Takes a due job for one worker until `leaseUntil`; answers with the job, or with nothing. */
export const claimJob = (db: Database, id: string, { now, leaseUntil }: { now: number; leaseUntil: number }) =>
  db
    .update(outbox)
    .set({ leaseUntil })
    .where(and(eq(outbox.id, id), eq(outbox.state, "waiting"), lte(outbox.dueAt, now), lte(outbox.leaseUntil, now)))
    .returning();

/** What is left of a claimed job after some of its mails; changes nothing when the lease has passed to another. */
export const recordProgress = (
  db: Database,
  { id, leaseUntil }: { id: string; leaseUntil: number },
  progress: {
    remaining?: string[];
    sending?: string[];
    state?: "sent";
    sealed?: null;
    dueAt?: number;
    attempts?: number;
    leaseUntil?: number;
    error?: string;
    remindAt?: number;
  },
) =>
  db
    .update(outbox)
    .set(progress)
    .where(and(eq(outbox.id, id), eq(outbox.leaseUntil, leaseUntil)));

/**
 * A mail that can't be delivered, as a job of its own for staff to see and try again. Only the worker that holds the job
 * parks: to be run before the note that gives the lease up.
 */
export const insertParked = (
  db: Database,
  { id, leaseUntil }: { id: string; leaseUntil: number },
  parked: { id: string; item: string; now: number; error: string },
) =>
  runOf(
    db,
    sql`INSERT INTO outbox (id, kind, items, remaining, sealed, state, due_at, created_at, error, attempts,
      remind_at)
    SELECT ${parked.id}, kind, json_array(${parked.item}), json_array(${parked.item}), sealed, 'parked', ${parked.now},
      ${parked.now}, ${parked.error}, attempts + 1, 0
    FROM outbox WHERE id = ${id} AND lease_until = ${leaseUntil}`,
  );

/** Takes items out of a job that nobody has begun: their mails are already in another job. */
export const dropItems = (db: Database, id: string, dropped: readonly string[]) => {
  const kept = (column: SQLWrapper) => sql`(SELECT json_group_array(value) FROM json_each(${column})
    WHERE value NOT IN (SELECT value FROM json_each(${JSON.stringify(dropped)})))`;
  return db
    .update(outbox)
    .set({
      items: kept(outbox.items),
      remaining: kept(outbox.remaining),
      state: sql`iif(json_array_length(${kept(outbox.remaining)}) = 0, 'sent', 'waiting')`,
    })
    .where(eq(outbox.id, id));
};

/** Jobs that are due and that nobody works on: the queue forgot them, or their worker died. */
export const dueJobs = (db: Database, { now, limit }: { now: number; limit: number }) =>
  db
    .select({ id: outbox.id })
    .from(outbox)
    .where(and(eq(outbox.state, "waiting"), lte(outbox.dueAt, now), lte(outbox.leaseUntil, now)))
    .limit(limit);
