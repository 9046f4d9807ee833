import { Problem, type ProblemError } from "../http/problems.ts";
import { problemBody } from "../http/render-problem.ts";
import { checkBody } from "../http/validation.ts";
import { publicId } from "../lib/ids.ts";
import { admitSigners } from "../limits/admit.ts";
import type { Attempt } from "../partners/idempotency/answer-once.ts";
import type { KeyHolder } from "../partners/key-book.ts";
import { requireUnpaused } from "./admit-signing.ts";
import { type EnqueueBatchDeps, enqueueBatch } from "./enqueue-batch.ts";
import { admitTests, keepTests } from "./sign-as-test.ts";
import {
  acceptedVia,
  clientAt,
  type PartnerSigningDeps,
  type SentSignature,
  senderOf,
} from "./sign-through-partner.ts";
import { PartnerSubmission } from "./signatures.schema.ts";
import type { IntakeMessage } from "./submission.ts";
import { notTaken, passGate, sealAccepted } from "./submit-signature.ts";

export interface SignBatchDeps extends PartnerSigningDeps, EnqueueBatchDeps {
  /** Where problems are described. */
  readonly publicUrl: string;
}

/** A problem of one entry: its pointers begin at the entry. */
export interface EntryProblem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly ProblemError[];
}

/** What became of one entry. `status`: an HTTP status. */
export interface EntryResult {
  readonly status: number;
  readonly submission_id?: string;
  /** The partner's own id. */
  readonly reference?: string;
  readonly problem?: EntryProblem;
}

interface Placed {
  /** An entry's place among all. */
  readonly place: number;
}

type Batch = Parameters<typeof signBatch>[2];

/**
 * Accepts many signatures that a partner sends, each as `signThroughPartner` does; one that is refused stops no other.
 * Those that an earlier try of the request accepted are not sent again. Raises `signing_paused`, and where no entry has a
 * supporter token what `passGate` raises.
 * @param batch.entries 1 to 100 JSON values
 * @returns a result for each entry, in step; `retryAfter`: seconds after which those that are refused for now may be tried
 * again, null when there are none
 */
export async function signBatch(
  deps: SignBatchDeps,
  holder: KeyHolder,
  batch: {
    readonly petitionId: string;
    readonly entries: readonly unknown[];
    readonly acceptLanguage: string | undefined;
    readonly attempt: Attempt;
  },
): Promise<{ results: EntryResult[]; retryAfter: number | null }> {
  await requireUnpaused(deps, batch.petitionId);
  const ledger = new Ledger(batch, deps.publicUrl);
  const passed = await passEntries(deps, batch, ledger);
  const take = holder.key.test ? takeTests : takeSignatures;
  await take(deps, holder, batch, passed, ledger);
  return ledger;
}

type Passed = Placed & SentSignature & { readonly supporter: boolean };

async function takeSignatures(
  deps: SignBatchDeps,
  holder: KeyHolder,
  batch: Batch,
  passed: readonly Passed[],
  ledger: Ledger,
): Promise<void> {
  const sealed = await sealEntries(deps, holder, batch, passed, ledger);
  const taken = await enqueueBatch(
    deps,
    sealed.map(({ message }) => message),
  );
  for (const [index, { place, id }] of sealed.entries()) {
    if (taken[index]) ledger.accept(place, id);
    else ledger.refuse(place, notTaken());
  }
}

/** What test keys send goes into one transaction: when it fails, none is accepted. */
async function takeTests(
  deps: SignBatchDeps,
  holder: KeyHolder,
  { petitionId, acceptLanguage, attempt }: Batch,
  passed: readonly Passed[],
  ledger: Ledger,
): Promise<void> {
  const verdicts = await admitTests(deps, holder, passed.length);
  const judged = passed.map((entry, index) => ({ ...entry, refused: verdicts[index] }));
  const sent = await each(judged, ledger, async ({ refused, ...entry }) => {
    if (refused) throw refused;
    const stamp = { id: await attempt.idOf(entry.place), acceptedAt: attempt.acceptedAt };
    return { ...entry, petitionId, acceptLanguage, stamp };
  });
  await keepTests(deps, holder, sent);
  for (const { place, stamp } of sent) ledger.accept(place, stamp.id);
}

/** What becomes of the entries, by their places. */
class Ledger {
  readonly results: EntryResult[];
  retryAfter: number | null = null;
  readonly #publicUrl: string;

  constructor({ attempt, entries }: Batch, publicUrl: string) {
    const before = (attempt.soFar as { results: EntryResult[] } | undefined)?.results ?? [];
    this.results = entries.map((_, place) => before[place] ?? { status: 0 });
    this.#publicUrl = publicUrl;
  }

  /** Those that no earlier try accepted. */
  get open(): Placed[] {
    return [...this.results.keys()].filter((place) => this.results[place]?.status !== 202).map((place) => ({ place }));
  }

  accept(place: number, id: string): void {
    this.results[place] = { status: 202, submission_id: publicId("sub", id) };
  }

  refuse(place: number, problem: Problem): void {
    // The request's id is the answer's own; this stands in answers that are given again.
    const { request_id: _, ...body } = problemBody(problem.code, {
      errors: problem.errors,
      requestId: "",
      typeBase: this.#publicUrl,
    });
    this.results[place] = { status: problem.status, problem: body };
    const wait = problem.headers["Retry-After"];
    if (wait !== undefined) this.retryAfter = Math.max(this.retryAfter ?? 0, Number(wait));
  }
}

/** Acts on each entry; one that raises a problem goes no further. */
async function each<In extends Placed, Out>(
  entries: readonly In[],
  ledger: Ledger,
  act: (entry: In) => Promise<Out>,
): Promise<Out[]> {
  const passed = await Promise.all(
    entries.map(async (entry) => {
      try {
        return [await act(entry)];
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        ledger.refuse(entry.place, error);
        return [];
      }
    }),
  );
  return passed.flat();
}

/** The entries that are in order and may sign; the petition is asked about once, and once for supporters. */
async function passEntries(
  deps: SignBatchDeps,
  { petitionId, entries, attempt }: Batch,
  ledger: Ledger,
): Promise<Passed[]> {
  const parsed = await each(ledger.open, ledger, async ({ place }) => {
    const { signer_address, ...input } = checkBody(PartnerSubmission, entries[place]);
    await deps.notices.requireKnown(deps.db, input.notices);
    return { place, input, client: clientAt(signer_address) };
  });
  const asked = new Map<string | undefined, Promise<boolean>>();
  const gate = (token: string | undefined): Promise<boolean> => {
    const answer = asked.get(token) ?? passGate(deps, { petitionId, token, at: attempt.acceptedAt });
    asked.set(token, answer);
    return answer;
  };
  if (!parsed.some(({ input }) => input.supporter_token !== undefined)) await gate(undefined);
  return each(parsed, ledger, async (entry) => ({ ...entry, supporter: await gate(entry.input.supporter_token) }));
}

/** The messages of those that no hard limit refuses, with their submissions' UUIDs. */
async function sealEntries(
  deps: SignBatchDeps,
  holder: KeyHolder,
  { petitionId, acceptLanguage, attempt }: Batch,
  passed: readonly Passed[],
  ledger: Ledger,
): Promise<(Placed & { id: string; message: IntakeMessage })[]> {
  const senders = passed.map((entry) => senderOf(entry, holder));
  const verdicts = await admitSigners(deps, senders, petitionId);
  const judged = passed.map((entry, index) => ({ ...entry, verdict: verdicts[index] ?? null }));
  return each(judged, ledger, async ({ place, supporter, verdict, input, client }) => {
    if (verdict instanceof Problem) throw verdict;
    const accepted = acceptedVia(deps, holder, { petitionId, input, client, acceptLanguage, hold: verdict });
    const stamp = { id: await attempt.idOf(place), acceptedAt: attempt.acceptedAt };
    return { place, id: stamp.id, message: await sealAccepted(deps, accepted, { ...stamp, supporter }) };
  });
}
