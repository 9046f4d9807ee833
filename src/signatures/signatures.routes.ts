import { type Context, Hono } from "hono";
import * as v from "valibot";
import { clientOf, limitSubject } from "../http/client.ts";
import { Problem } from "../http/problems.ts";
import { sendData } from "../http/standard-headers.ts";
import { BATCH_BODY_BYTES, checkBody, parseJsonBody, RESIDENT_BODY_BYTES, readJsonBody } from "../http/validation.ts";
import { negotiateLocale } from "../i18n/catalogue.ts";
import { parsePublicId } from "../lib/ids.ts";
import { admit } from "../limits/admit.ts";
import { type AnswerOnceDeps, answerOnce } from "../partners/idempotency/answer-once.ts";
import { readIdempotencyKey, requireIdempotencyKey } from "../partners/idempotency/idempotency-key.ts";
import type { KeyHolder } from "../partners/key-book.ts";
import type { Asked } from "../partners/require-partner.ts";
import { admitSigning } from "./admit-signing.ts";
import { type AdmitVerificationDeps, admitVerification } from "./admit-verification.ts";
import { type EntryResult, type SignBatchDeps, signBatch } from "./sign-batch.ts";
import { signTest } from "./sign-test.ts";
import { clientAt, type SentSignature, signThroughPartner } from "./sign-through-partner.ts";
import {
  BrowserSubmission,
  NewSubmission,
  PartnerSubmission,
  Reference,
  SubmissionBatch,
  Verification,
  Withdrawal,
} from "./signatures.schema.ts";
import { submitSignature } from "./submit-signature.ts";
import { type VerifyDeps, verifyByCode, verifyByToken } from "./verify-signature.ts";
import { type WithdrawDeps, withdrawByToken } from "./withdraw-signature.ts";

export interface SignatureRouteDeps
  extends SignBatchDeps,
    AnswerOnceDeps,
    AdmitVerificationDeps,
    VerifyDeps,
    WithdrawDeps {
  /** Raises `unauthorized`, `rate_limited`, `server_key` and `not_found`. */
  readonly requirePartner: (headers: Headers, asked: Asked) => Promise<KeyHolder>;
}

/** What residents do with a signature over the API. */
export const signatureRoutes = (depsOf: (c: Context) => SignatureRouteDeps) =>
  new Hono()
    .post("/v1/petitions/:id/signatures", async (c) => {
      const deps = depsOf(c);
      const acceptLanguage = c.req.header("Accept-Language");
      // Whoever sends a key means to act with it: a wrong one does not make them a resident.
      if (c.req.raw.headers.has("Authorization")) {
        const { status, body } = await signWithKey(c, deps);
        return c.json(body, status);
      }
      const input = await parseJsonBody(c, NewSubmission);
      const petitionId = parsePublicId("pet", c.req.param("id"));
      if (!petitionId) throw new Problem("not_found");
      const client = clientOf(c);
      const [hold] = await Promise.all([
        admitSigning(deps, { client, email: input.email }, petitionId),
        deps.notices.requireKnown(deps.db, input.notices),
      ]);
      const locale = negotiateLocale({ requested: input.locale, acceptLanguage, offered: deps.locales });
      return sendData(c.req.path, await submitSignature(deps, { petitionId, locale, input, client, hold }), 202);
    })
    .post("/v1/petitions/:id/signatures/batch", async (c) => {
      const deps = depsOf(c);
      const { holder, petitionId } = await partnerAndPetition(c, deps);
      // Pages send one person's signature.
      if (holder.key.origins !== null) throw new Problem("not_found");
      const key = requireIdempotencyKey(c.req.raw.headers);
      const { text, json } = await readJsonBody(c, BATCH_BODY_BYTES);
      const { signatures: entries } = checkBody(SubmissionBatch, json);
      const acceptLanguage = c.req.header("Accept-Language");
      const { body } = await answerOnce(deps, { holder, key, request: requestOf(c, text) }, async (attempt) => {
        const { results, retryAfter } = await signBatch(deps, holder, { petitionId, entries, acceptLanguage, attempt });
        if (retryAfter !== null) c.header("Retry-After", String(retryAfter));
        return { status: 207, body: { results }, final: retryAfter === null };
      });
      return c.json({ results: withReferences(body.results, entries) }, 207);
    })
    .post("/v1/verifications", async (c) => {
      const deps = depsOf(c);
      const input = await parseJsonBody(c, Verification);
      await admitVerification(deps, clientOf(c), "token" in input ? "link" : "code");
      const { answer } = await ("token" in input
        ? verifyByToken(deps, input.token)
        : verifyByCode(deps, typedCode(input)));
      return sendData(c.req.path, answer);
    })
    .post("/v1/withdrawals", async (c) => {
      const deps = depsOf(c);
      const { token } = await parseJsonBody(c, Withdrawal);
      await admit(deps.limiter, limitSubject(clientOf(c)), [{ policy: "writes", scope: "" }]);
      return c.json(await withdrawByToken(deps, token));
    });

/** The partner who signs for somebody with a key of theirs, and the petition's UUID. Raises as `requirePartner` does. */
async function partnerAndPetition(
  c: Context,
  deps: SignatureRouteDeps,
): Promise<{ holder: KeyHolder; petitionId: string }> {
  const petitionId = parsePublicId("pet", c.req.param("id") ?? "");
  const holder = await deps.requirePartner(c.req.raw.headers, {
    scope: "signatures:write",
    petitionId: petitionId ?? undefined,
    tests: "too",
  });
  if (!petitionId) throw new Problem("not_found");
  return { holder, petitionId };
}

/** Signs with a partner's key, once for an idempotency key. */
async function signWithKey(c: Context, deps: SignatureRouteDeps) {
  const { holder, petitionId } = await partnerAndPetition(c, deps);
  const key = readIdempotencyKey(c.req.raw.headers);
  const { text, json } = await readJsonBody(c, RESIDENT_BODY_BYTES);
  const signature = { petitionId, ...sentBy(c, holder, json), acceptLanguage: c.req.header("Accept-Language") };
  const send = holder.key.test ? signTest : signThroughPartner;
  const { reference } = signature.input;
  const answered = (body: object) => ({ status: 202 as const, body: { ...body, ...(reference && { reference }) } });
  if (key === null) return answered(await send(deps, holder, signature));
  const { body } = await answerOnce(deps, { holder, key, request: requestOf(c, text) }, async (attempt) => {
    const stamp = { id: await attempt.idOf(0), acceptedAt: attempt.acceptedAt };
    return { status: 202, body: await send(deps, holder, { ...signature, stamp }), final: true };
  });
  return answered(body);
}

/** Results with the partner's own ids. Answers that are kept for a day are kept without them: they may be anything. */
const withReferences = (results: readonly EntryResult[], entries: readonly unknown[]): EntryResult[] =>
  results.map(({ problem, ...result }, place) => {
    const own = v.safeParse(Reference, (entries[place] as { reference?: unknown } | null)?.reference);
    return { ...result, ...(own.success && { reference: own.output }), ...(problem && { problem }) };
  });

/** A request as an idempotency key stands for it: its route and its body. */
const requestOf = (c: Context, body: string): string => `${c.req.method} ${c.req.path}\n${body}`;

/** What may stand in the body goes by the key: pages send the person's address by themselves, servers have to say it. */
function sentBy(c: Context, { key }: KeyHolder, json: unknown): SentSignature {
  if (key.origins !== null) return { input: checkBody(BrowserSubmission, json), client: clientOf(c) };
  const { signer_address, ...input } = checkBody(PartnerSubmission, json);
  return { input, client: clientAt(signer_address) };
}

/** A typed code as the verb takes it; a petition id that is none can't have a code. */
export function typedCode<Input extends { petition_id: string }>({ petition_id, ...rest }: Input) {
  const petitionId = parsePublicId("pet", petition_id);
  if (!petitionId) throw new Problem("code_invalid");
  return { ...rest, petitionId };
}
