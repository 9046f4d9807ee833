import type { invalidationReasons, runActs, runStates } from "../db/invalidation-schema.ts";
import type { holdReasons } from "../db/schema.ts";

export type InvalidationReason = (typeof invalidationReasons)[number];
export type HoldReason = (typeof holdReasons)[number];
export type RunState = (typeof runStates)[number];

/**
 * What a signature must meet, all of it, as it is stored and shown: addresses, networks, domains and mailboxes only as
 * the petition's keyed hashes in hexadecimal digits. Times in milliseconds since 1970.
 */
export interface Conditions {
  /** Signatures by their keys, each 32 hexadecimal digits. */
  readonly ids?: readonly string[];
  readonly address?: string;
  readonly network?: string;
  readonly domain?: string;
  readonly email?: string;
  readonly area?: string;
  readonly channel?: string;
  readonly partner?: string;
  /** Accepted at this moment or later. */
  readonly from?: number;
  /** Accepted before this moment. */
  readonly to?: number;
  /** `any`: held for whatever reason. */
  readonly hold?: HoldReason | "any";
}

/** The last signature that was looked at, by the order in which a run goes; empty before the first. */
export type Cursor = readonly (string | number)[];

/** An act of staff on all signatures of a petition that meet its conditions. Times in milliseconds since 1970. */
export interface Run {
  /** UUID. */
  readonly id: string;
  readonly petitionNo: number;
  readonly act: (typeof runActs)[number];
  /** Why signatures are taken out; null when they are released. */
  readonly reason: InvalidationReason | null;
  readonly conditions: Conditions;
  readonly state: RunState;
  /** JSON of a `Cursor`. */
  readonly cursor: string;
  readonly changed: number;
  readonly restored: number;
  readonly withdrawn: number;
  readonly creator: boolean;
  readonly actor: string;
  readonly createdAt: number;
  readonly endedAt: number | null;
}

/** Whether there is still something to do. */
export const isUnderWay = ({ state }: Pick<Run, "state">): boolean => state === "running" || state === "undoing";

/**
 * What leads a run to its signatures. Undoing goes through the petition, unless keys say where: whatever else the
 * signatures were found by may have changed since.
 */
export function wayOf({ state, conditions }: Pick<Run, "state" | "conditions">): Conditions {
  const { ids, email, hold } = conditions;
  const byKey = { ...(ids && { ids }), ...(email !== undefined && { email }) };
  return state === "undoing" || hold === undefined ? byKey : { ...byKey, hold };
}

/**
 * How much of the petition a run has gone through, from 0 to 1. Keys begin with a hash, so the last key tells;
 * null where a run goes in another order.
 */
export function progressOf(run: Pick<Run, "state" | "cursor" | "conditions">): number | null {
  if (!isUnderWay(run)) return run.state === "cancelled" ? null : 1;
  const { ids, hold } = wayOf(run);
  if (ids || hold) return null;
  const [hash = ""] = JSON.parse(run.cursor) as Cursor;
  return hash === "" ? 0 : Number.parseInt(String(hash).slice(0, 2), 16) / 256;
}

/** The parts of a signature's key within its petition, from the key's 32 hexadecimal digits. */
export const keyParts = (hex: string): [emailHash: string, personHash: number] => [
  hex.slice(8, 24),
  Number.parseInt(hex.slice(24), 16),
];

/** How a keyed hash is written where staff read it and give it back as a condition: it tells nobody what was hashed. */
export const digestOf = (hex: string): string => `digest:${hex}`;

/** The keyed hash within such a text, in hexadecimal digits; null for anything else. */
export const parseDigest = (text: string): string | null => /^digest:([0-9a-f]{16})$/.exec(text)?.[1] ?? null;
