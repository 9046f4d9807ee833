import { lt, sql } from "drizzle-orm";
import { type Database, runOf } from "../db/database.ts";
import { mailEvents } from "../db/mail-schema.ts";
import type { DeliveryKind } from "./delivery.ts";

/** An event to be counted once. */
export interface CountedEvent {
  readonly id: string;
  readonly kind: DeliveryKind;
  /** Milliseconds since 1970, in steps of `MOMENT_MS`. */
  readonly moment: number;
  /** The municipality's day. */
  readonly day: string;
}

/** Milliseconds whose events share a row. */
export const MOMENT_MS = 10_000;

/** Counts events by day, each once however often it comes; triggers move the rates in the same transaction. */
export function countEvents(db: Database, events: readonly CountedEvent[]) {
  const moments = new Map<number, { day: string; seen: Record<string, DeliveryKind> }>();
  for (const { id, kind, moment, day } of events) {
    const known = moments.get(moment) ?? { day, seen: {} };
    known.seen[id] = kind;
    moments.set(moment, known);
  }
  const rows = [...moments].map(([moment, { day, seen }]) => [moment, day, seen]);
  return runOf(
    db,
    sql`INSERT INTO mail_events (moment, day, seen)
    SELECT value ->> 0, value ->> 1, value -> 2 FROM json_each(${JSON.stringify(rows)}) WHERE true
    ON CONFLICT (moment) DO UPDATE SET seen = json_patch(seen, excluded.seen)
    WHERE seen <> json_patch(seen, excluded.seen)`,
  );
}

/** Forgets which events from before a moment have been counted. */
export const forgetEvents = (db: Database, before: number) =>
  db.delete(mailEvents).where(lt(mailEvents.moment, before));
