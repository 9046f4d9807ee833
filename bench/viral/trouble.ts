import type { Broken } from "./faults.ts";

// What breaks during which part of the curve, from 0 to 1.
const SENDER_FAILS = [0.2, 0.45] as const;
const DATABASE_DOWN = [0.5, 0.57] as const;
const DATABASE_FLAKY = [0.57, 0.67] as const;
const REPEATS = [0.05, 0.95] as const;
const REPEATED = 0.1;
const DEATHS: readonly (readonly [at: number, queue: "intake" | "mail"])[] = [
  [0.15, "intake"],
  [0.3, "mail"],
  [0.7, "intake"],
  [0.75, "mail"],
];

/** When workerd is killed. */
export const KILLS: readonly number[] = [0.48, 0.85];

type Span = readonly [from: number, to: number];

const within = (part: number, [from, to]: Span): boolean => part >= from && part < to;

/** What is broken of queues and database. */
export const brokenAt = (part: number): Broken => ({
  repeats: within(part, REPEATS) ? REPEATED : 0,
  reorders: within(part, REPEATS),
  database: within(part, DATABASE_DOWN) ? "down" : within(part, DATABASE_FLAKY) ? "flaky" : "up",
});

/** Whether a mail may come a second time, because the database fails the consumers. */
export const mailsExcusedAt = (part: number): boolean => within(part, [DATABASE_DOWN[0], DATABASE_FLAKY[1]]);

/** Whether the mail provider refuses a third. */
export const senderFailsAt = (part: number): boolean => within(part, SENDER_FAILS);

/** The queues whose consumer dies once. */
export const deathsIn = (span: Span): string[] => DEATHS.filter(([at]) => within(at, span)).map(([, queue]) => queue);

/** Whether workerd is killed. */
export const killsIn = (span: Span): boolean => KILLS.some((at) => within(at, span));
