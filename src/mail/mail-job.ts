import type { Bytes } from "../lib/bytes.ts";
import type { MailContent, SendResult } from "./sender.ts";

/** A mail made for one item of a job, or null when there is nothing (any more) to say. */
export interface ComposedMail extends MailContent {
  /** The recipient as limits and suppression know it: the canonical address. */
  readonly recipient: string;
  /** Whether a stranger can cause this mail, so that limits apply. */
  readonly limited: boolean;
  /** When it has been handed over by a job made before this moment, `countMailed` is told; milliseconds since 1970. */
  readonly countedBefore?: number;
}

/**
 * Makes the mails of a kind of job; `items` and the answer go in step. `createdAt`: when the job was put into the outbox,
 * in milliseconds since 1970; the same in every run, as all that a mail is made from must be.
 */
export type Composer = (
  items: readonly string[],
  sealed: Bytes | null,
  createdAt: number,
) => Promise<(ComposedMail | null)[]>;

/** What becomes of an item in one run of its job. */
export type Outcome = SendResult | { readonly status: "nothing" } | { readonly status: "wait"; readonly until: number };
