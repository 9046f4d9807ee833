import { type Context, Hono } from "hono";
import { clientOf, limitSubject } from "../http/client.ts";
import { Problem } from "../http/problems.ts";
import { parseJsonBody } from "../http/validation.ts";
import { negotiateLocale } from "../i18n/catalogue.ts";
import { parsePublicId } from "../lib/ids.ts";
import { type AdmitDeps, admit, admitSigner, type Sender, type SubmissionHold } from "../limits/admit.ts";
import type { Limiter } from "../limits/limiter.ts";
import { pausedProblem, type SwitchDeps } from "../limits/refuse-paused.ts";
import type { NoticeBook } from "../notices/notice-book.ts";
import { NewSubmission, Verification, Withdrawal } from "./signatures.schema.ts";
import { type SubmitDeps, submitSignature } from "./submit-signature.ts";
import { type VerifyDeps, verifyByCode, verifyByToken } from "./verify-signature.ts";
import { type WithdrawDeps, withdrawByToken } from "./withdraw-signature.ts";

export interface SignatureRouteDeps extends SubmitDeps, VerifyDeps, WithdrawDeps, AdmitDeps, SwitchDeps {
  readonly locales: readonly string[];
  readonly notices: NoticeBook;
}

/** What residents do with a signature over the API. */
export const signatureRoutes = (depsOf: (c: Context) => SignatureRouteDeps) =>
  new Hono()
    .post("/v1/petitions/:id/signatures", async (c) => {
      const deps = depsOf(c);
      const input = await parseJsonBody(c, NewSubmission);
      const petitionId = parsePublicId("pet", c.req.param("id"));
      if (!petitionId) throw new Problem("not_found");
      const client = clientOf(c);
      const [hold] = await Promise.all([
        admitSigning(deps, { client, email: input.email }, petitionId),
        deps.notices.requireKnown(deps.db, input.notices),
      ]);
      const locale = negotiateLocale({
        requested: input.locale,
        acceptLanguage: c.req.header("Accept-Language"),
        offered: deps.locales,
      });
      return c.json(await submitSignature(deps, { petitionId, locale, input, client, hold }), 202);
    })
    .post("/v1/verifications", async (c) => {
      const deps = depsOf(c);
      const input = await parseJsonBody(c, Verification);
      await admitVerification(c, deps.limiter);
      if ("token" in input) return c.json((await verifyByToken(deps, input.token)).answer);
      return c.json((await verifyByCode(deps, typedCode(input))).answer);
    })
    .post("/v1/withdrawals", async (c) => {
      const deps = depsOf(c);
      const { token } = await parseJsonBody(c, Withdrawal);
      await admit(deps.limiter, limitSubject(clientOf(c)), [{ policy: "writes", scope: "" }]);
      return c.json(await withdrawByToken(deps, token));
    });

/**
 * Counts a signature of a petition, and says why it is to be held, if it is. Raises `rate_limited`; while signing is
 * paused `signing_paused`, or `petition_not_open` where waiting is no use. What is to be read of limits, lists and
 * switches and of the petition comes in one call of the database.
 */
export async function admitSigning(
  deps: SignatureRouteDeps,
  sender: Sender,
  petitionId: string,
): Promise<SubmissionHold | null> {
  const [{ signing_paused }, gate] = await Promise.all([
    deps.switches(),
    deps.petitions.gate(deps.db, petitionId, false),
  ]);
  // Before the limits: who tries again and again meanwhile must not be held for it afterwards.
  if (signing_paused !== null)
    throw gate === "not_open" ? new Problem("petition_not_open") : pausedProblem("signing_paused");
  return admitSigner(deps, sender, petitionId);
}

/** Counts a try to verify; raises `rate_limited`. */
export const admitVerification = (c: Context, limiter: Limiter) =>
  admit(limiter, limitSubject(clientOf(c)), [
    { policy: "writes", scope: "" },
    { policy: "verify", scope: "" },
  ]);

/** A typed code as the verb takes it; a petition id that is none can't have a code. */
export function typedCode<Input extends { petition_id: string }>({ petition_id, ...rest }: Input) {
  const petitionId = parsePublicId("pet", petition_id);
  if (!petitionId) throw new Problem("code_invalid");
  return { ...rest, petitionId };
}
