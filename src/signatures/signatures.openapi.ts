import {
  type ApiPart,
  BODY_PROBLEMS,
  EXAMPLE_PARTNER_KEY,
  EXAMPLE_PETITION,
  IDEMPOTENCY_PROBLEMS,
  idempotencyParameter,
  languageParameter,
  type Operation,
  PARTNER_HEADERS,
  PARTNER_PROBLEMS,
  petitionParameter,
} from "../http/openapi.ts";
import { DEFAULT_POLICIES } from "../limits/policies.ts";
import {
  BatchAnswer,
  DescribedBatch,
  DescribedSubmission,
  SubmissionAccepted,
  Verification,
  VerificationAnswer,
  Withdrawal,
  WithdrawalAnswer,
} from "./signatures.schema.ts";

// Values of the right form, for examples; nothing was issued under them.
const VERIFY_TOKEN = "q83vEmSkD2lzXk4yvT0m1QeLr5cJ7wYgVnB8uH3xPiE6aKfZ0sRt9o";
const WITHDRAW_TOKEN = "q83vEmSkD2lzXk4yvT0m1Td5nWb2Lh7kQp9xCz";

const moved = {
  signature_id: "sig_0abc3f10-64a4-8f69-b35e-4e32bd3d26d5",
  petition_id: EXAMPLE_PETITION,
  signature_count: 1235,
};

/** What residents do with a signature, described. */
export const signaturesApi = (): ApiPart => ({
  name: "Signatures",
  description: `Signing takes two acts: submitting, and verifying by what the mail says. Only verified signatures count. Writes are limited to ${DEFAULT_POLICIES.writes.limit} in ${DEFAULT_POLICIES.writes.window} seconds from one network address, unless the municipality has set other figures.`,
  schemas: {
    NewSubmission: DescribedSubmission,
    SubmissionAccepted,
    SubmissionBatch: DescribedBatch,
    BatchAnswer,
    Verification,
    VerificationAnswer,
    Withdrawal,
    WithdrawalAnswer,
  },
  operations: [sign, signBatch, verify, withdraw],
  pages: [
    { method: "get", path: "/v/{token}", description: "The page behind a verification mail's link; changes nothing." },
    { method: "post", path: "/v/{token}", description: "Its button: verifies." },
    { method: "get", path: "/v", description: "The page for typed codes; `?petition=` fills in the petition." },
    { method: "post", path: "/v", description: "Its button: verifies by code." },
    {
      method: "get",
      path: "/s/{token}",
      description: "The page behind a petition's supporter link: its text, and a form.",
    },
    {
      method: "post",
      path: "/s/{token}",
      description: "Its form: signs as a supporter, and once it is open as anybody.",
    },
    { method: "get", path: "/w/{token}", description: "The page behind a withdrawal link; changes nothing." },
    { method: "post", path: "/w/{token}", description: "Its button: withdraws." },
  ],
});

const sign: Operation = {
  method: "post",
  path: "/v1/petitions/{id}/signatures",
  id: "submitSignature",
  summary: "Sign a petition",
  description:
    "Accepts a signature and sends a mail to verify it. The answer is the same for a new, a repeated and a suspicious submission: it tells nobody who has signed.\n\nIt is accepted while the database is down. Keep the data until the answer is 202; sending it again is harmless, because the same person counts once.\n\nBefore a petition opens only its first supporters may sign it: whoever has the `supporter_token` of the link that its creator shares. Without the token it reads like a petition that does not exist.\n\nResidents need no key. With a partner's key the signature is the partner's: counted as such, and named in the mail. `signer_address`, `reference` and `consent` need one; a server's key needs `signer_address`, and a browser key must not send it.",
  parameters: [petitionParameter, languageParameter, idempotencyParameter],
  partner: { scope: "signatures:write", may: true, tests: "too" },
  body: DescribedSubmission,
  answer: {
    status: 202,
    description: "Accepted; the person has to verify.",
    schema: SubmissionAccepted,
    headers: ["Cache-Control"],
    example: { submission_id: "sub_01936d9e-9f02-7c31-8a44-2b6f0d9c7e15", status: "pending" },
  },
  problems: [
    ...BODY_PROBLEMS,
    ...PARTNER_PROBLEMS,
    ...IDEMPOTENCY_PROBLEMS,
    "token_invalid",
    "petition_not_open",
    "supporters_full",
    "signing_paused",
  ],
  examples: [
    {
      summary: "The least that is needed",
      path: `/v1/petitions/${EXAMPLE_PETITION}/signatures`,
      body: { name: "Ada Anchorby", email: "ada@example.org", eligible: true },
    },
    {
      summary: "Everything that can be told",
      path: `/v1/petitions/${EXAMPLE_PETITION}/signatures`,
      headers: { "Accept-Language": "de, en;q=0.5" },
      body: {
        name: "Ada Anchorby",
        email: "ada@example.org",
        postcode: "BW1 1AA",
        country: "GB",
        eligible: true,
        updates: true,
        channel: "poster",
        locale: "de",
      },
    },
    {
      summary: "From a partner's server",
      path: `/v1/petitions/${EXAMPLE_PETITION}/signatures`,
      headers: { Authorization: `Bearer ${EXAMPLE_PARTNER_KEY}` },
      body: {
        name: "Ada Anchorby",
        email: "ada@example.org",
        eligible: true,
        signer_address: "1.2.3.4",
        reference: "member-4711",
        consent: true,
      },
    },
  ],
};

const signBatch: Operation = {
  method: "post",
  path: "/v1/petitions/{id}/signatures/batch",
  id: "submitSignatures",
  summary: "Send up to 100 signatures at once",
  description:
    "For a partner's server: what was collected elsewhere, or while a connection was down. Each entry is what “Sign a petition” takes from a server's key, is judged and limited as if it had come alone, and has a result of its own: one that is refused stops no other. The body may have 256 KB.\n\nIt needs an `Idempotency-Key`. When results of 429 or 503 are among the others, `Retry-After` says when to send the same request again, under the same key: what was accepted keeps its `submission_id` and is not sent twice, the rest is tried again.",
  parameters: [petitionParameter, languageParameter, idempotencyParameter],
  partner: { scope: "signatures:write", tests: "too" },
  body: DescribedBatch,
  answer: {
    status: 207,
    description: "A result for each entry.",
    schema: BatchAnswer,
    headers: ["Cache-Control", ...PARTNER_HEADERS],
    example: {
      results: [
        { status: 202, submission_id: "sub_01936d9e-9f02-7c31-8a44-2b6f0d9c7e15" },
        {
          status: 400,
          problem: {
            type: "https://petitions.example.org/problems/invalid_request",
            title: "Request is not valid",
            status: 400,
            code: "invalid_request",
            detail: "`errors` names what to change: JSON pointers into the body, lines of a text, or query parameters.",
            errors: [{ pointer: "/email", code: "email", detail: "is not an e-mail address" }],
          },
        },
      ],
    },
  },
  problems: [
    ...BODY_PROBLEMS,
    ...PARTNER_PROBLEMS,
    "idempotency_key_missing",
    ...IDEMPOTENCY_PROBLEMS,
    "petition_not_open",
    "signing_paused",
  ],
  examples: [
    {
      summary: "Two people, one of them with your own id",
      path: `/v1/petitions/${EXAMPLE_PETITION}/signatures/batch`,
      headers: {
        Authorization: `Bearer ${EXAMPLE_PARTNER_KEY}`,
        "Idempotency-Key": "6f1c5b0e-3f0a-4f52-9d0e-7a1f2b3c4d5e",
      },
      body: {
        signatures: [
          { name: "Ada Anchorby", email: "ada@example.org", eligible: true, signer_address: "1.2.3.4" },
          {
            name: "Bran Brinewell",
            email: "bran@example.org",
            eligible: true,
            signer_address: "1.2.3.5",
            reference: "member-4711",
          },
        ],
      },
    },
  ],
};

const verify: Operation = {
  method: "post",
  path: "/v1/verifications",
  id: "verifySignature",
  summary: "Verify a signature",
  description: `By the token of the mail's link, or by petition, address and the code in the mail. Send it only after the person has acted: mail scanners open links too. Repeating it is a success and changes nothing.\n\nA code can be tried five times, and one network address may try ${DEFAULT_POLICIES.verify.limit} times in ${DEFAULT_POLICIES.verify.window} seconds, unless the municipality has set other figures.`,
  body: Verification,
  answer: {
    status: 200,
    description: "Verified, now or before.",
    schema: VerificationAnswer,
    headers: ["Cache-Control"],
    example: { status: "verified", ...moved },
  },
  problems: [
    ...BODY_PROBLEMS,
    "token_invalid",
    "code_invalid",
    "signature_withdrawn",
    "verification_closed",
    "supporters_full",
    "signature_gone",
    "rate_limited",
    "unavailable",
  ],
  examples: [
    { summary: "By the token of the link", path: "/v1/verifications", body: { token: VERIFY_TOKEN } },
    {
      summary: "By the code in the mail",
      path: "/v1/verifications",
      body: { petition_id: EXAMPLE_PETITION, email: "ada@example.org", code: "482913" },
    },
  ],
};

const withdraw: Operation = {
  method: "post",
  path: "/v1/withdrawals",
  id: "withdrawSignature",
  summary: "Withdraw a signature",
  description:
    "By the token of the withdrawal link in the mail. The signature stops counting and its personal data is erased; the person may sign again. Repeating it is a success and changes nothing.",
  body: Withdrawal,
  answer: {
    status: 200,
    description: "Withdrawn, now or before.",
    schema: WithdrawalAnswer,
    headers: ["Cache-Control"],
    example: { status: "withdrawn", ...moved, signature_count: 1234 },
  },
  problems: [...BODY_PROBLEMS, "token_invalid", "petition_closed", "signature_gone", "rate_limited", "unavailable"],
  examples: [{ summary: "By the token of the link", path: "/v1/withdrawals", body: { token: WITHDRAW_TOKEN } }],
};
