// Written from the API's description by `npm run client:types`; a test holds it against the description.

export type Problem = { readonly type: string; readonly title: string; readonly status: number; readonly code: "invalid_json" | "invalid_request" | "invalid_cursor" | "idempotency_key_missing" | "idempotency_key_invalid" | "unauthorized" | "server_key" | "not_found" | "method_not_allowed" | "petition_not_open" | "petition_closed" | "signature_withdrawn" | "name_taken" | "name_fixed" | "verification_closed" | "signature_gone" | "nothing_drafted" | "supporters_full" | "channel_taken" | "channels_full" | "webhooks_full" | "webhook_disabled" | "illegal_state" | "petition_erased" | "data_held" | "count_not_final" | "creator_signature" | "signature_state" | "run_state" | "mailing_under_way" | "no_own_address" | "email_taken" | "partner_taken" | "keys_full" | "idempotency_under_way" | "own_access" | "last_admin" | "reference_in_use" | "precondition_failed" | "payload_too_large" | "unsupported_media_type" | "idempotency_key_reused" | "token_invalid" | "code_invalid" | "precondition_required" | "rate_limited" | "internal_error" | "unavailable" | "signing_paused" | "creation_paused" | "misconfigured"; readonly detail: string; readonly request_id: string; readonly errors?: readonly ({ readonly pointer: string; readonly code: "missing" | "unknown_field" | "repeated_parameter" | "wrong_type" | "empty" | "too_long" | "too_many" | "out_of_range" | "without_time" | "not_accepted" | "fixed" | "forbidden_characters" | "formula" | "link" | "email" | "not_an_entry" | "too_wide" | "bad_limit" | "unknown_word" | "contradiction" | "reason" | "repeated_name" | "unknown_value" | "not_confirmed" | "https_address" | "public_host" | "plain_address" | "origin" | "public_address" | "browser_key" | "encoding" | "header" | "cells" | "quotes" | "repeated" | "reserved" | "unknown_code" | "in_use" | "more" | "setting" | "erased" | "draft" | "gathering" | "moderation" | "open" | "closed" | "changes_requested" | "rejected" | "hidden" | "stopped" | "pending" | "verified" | "withdrawn" | "invalidated" | "running" | "done" | "cancelled" | "undoing" | "undone" | "counting" | "waiting" | "parked"; readonly detail: string })[] };
export type NewPetition = { readonly title: string; readonly background: string; readonly details?: string; readonly creator: { readonly name: string; readonly email: string; readonly postcode?: string }; readonly area?: string; readonly topics?: readonly (string)[]; readonly locale?: string; readonly notices?: { readonly privacy?: number; readonly eligibility?: number } };
export type PetitionDocument = { readonly id: string; readonly state: "open" | "closed" | "rejected" | "stopped"; readonly title: string; readonly background: string; readonly locale: string; readonly area: string | null; readonly topics: readonly (string)[]; readonly department: string | null; readonly created_at: string; readonly opens_at: string | null; readonly closes_at: string | null; readonly ended_at: string | null; readonly signing_paused: boolean; readonly signature_count: number; readonly details: string; readonly thresholds: readonly ({ readonly name: "response" | "hearing"; readonly signatures: number; readonly reached_at: string | null })[]; readonly response: { readonly summary: string; readonly details: string; readonly published_at: string; readonly amended_at: string | null } | null; readonly hearing: { readonly date: string; readonly outcome: string | null } | null; readonly rejection: { readonly code: string; readonly details: string | null } | null; readonly elsewhere: readonly ({ readonly source: string; readonly url: string | null; readonly as_of: string; readonly as_of_basis: "stated" | "latest_event"; readonly opened_at: string | null; readonly signatures: number | null; readonly thresholds: readonly ({ readonly name: string; readonly reached_at: string })[]; readonly response: { readonly summary: string; readonly details: string; readonly responded_on: string | null } | null; readonly areas: { readonly as_of: string; readonly counts: readonly ({ readonly code: string; readonly name: string; readonly signatures: number })[] } | null })[] | null };
export type PetitionList = { readonly data: readonly (PetitionSummary)[]; readonly next_cursor: string | null };
export type PetitionSubmitted = { readonly id: string; readonly state: "draft" };
export type PetitionSummary = { readonly id: string; readonly state: "open" | "closed" | "rejected" | "stopped"; readonly title: string; readonly background: string; readonly locale: string; readonly area: string | null; readonly topics: readonly (string)[]; readonly department: string | null; readonly created_at: string; readonly opens_at: string | null; readonly closes_at: string | null; readonly ended_at: string | null; readonly signing_paused: boolean; readonly signature_count: number };
export type CreatorsPetition = { readonly id: string; readonly state: "draft" | "gathering" | "moderation" | "open" | "closed" | "changes_requested" | "rejected" | "hidden" | "stopped"; readonly version: number; readonly title: string; readonly background: string; readonly details: string };
export type PetitionEdit = { readonly title: string; readonly background: string; readonly details?: string };
export type Resubmission = Readonly<Record<string, never>>;
export type Stop = { readonly reason: string };
export type NewSubmission = { readonly name: string; readonly email: string; readonly postcode?: string; readonly country?: string; readonly eligible: true; readonly updates?: boolean; readonly channel?: string; readonly locale?: string; readonly notices?: { readonly privacy?: number; readonly eligibility?: number; readonly partner_consent?: number }; readonly supporter_token?: string; readonly reference?: string; readonly consent?: true; readonly signer_address?: string };
export type SubmissionAccepted = { readonly submission_id: string; readonly status: "pending"; readonly reference?: string };
export type SubmissionBatch = { readonly signatures: readonly ({ readonly name: string; readonly email: string; readonly postcode?: string; readonly country?: string; readonly eligible: true; readonly updates?: boolean; readonly channel?: string; readonly locale?: string; readonly notices?: { readonly privacy?: number; readonly eligibility?: number; readonly partner_consent?: number }; readonly supporter_token?: string; readonly reference?: string; readonly consent?: true; readonly signer_address: string })[] };
export type BatchAnswer = { readonly results: readonly ({ readonly status: number; readonly submission_id?: string; readonly reference?: string; readonly problem?: { readonly type: string; readonly title: string; readonly status: number; readonly code: "invalid_json" | "invalid_request" | "invalid_cursor" | "idempotency_key_missing" | "idempotency_key_invalid" | "unauthorized" | "server_key" | "not_found" | "method_not_allowed" | "petition_not_open" | "petition_closed" | "signature_withdrawn" | "name_taken" | "name_fixed" | "verification_closed" | "signature_gone" | "nothing_drafted" | "supporters_full" | "channel_taken" | "channels_full" | "webhooks_full" | "webhook_disabled" | "illegal_state" | "petition_erased" | "data_held" | "count_not_final" | "creator_signature" | "signature_state" | "run_state" | "mailing_under_way" | "no_own_address" | "email_taken" | "partner_taken" | "keys_full" | "idempotency_under_way" | "own_access" | "last_admin" | "reference_in_use" | "precondition_failed" | "payload_too_large" | "unsupported_media_type" | "idempotency_key_reused" | "token_invalid" | "code_invalid" | "precondition_required" | "rate_limited" | "internal_error" | "unavailable" | "signing_paused" | "creation_paused" | "misconfigured"; readonly detail: string; readonly errors?: readonly ({ readonly pointer: string; readonly code: "missing" | "unknown_field" | "repeated_parameter" | "wrong_type" | "empty" | "too_long" | "too_many" | "out_of_range" | "without_time" | "not_accepted" | "fixed" | "forbidden_characters" | "formula" | "link" | "email" | "not_an_entry" | "too_wide" | "bad_limit" | "unknown_word" | "contradiction" | "reason" | "repeated_name" | "unknown_value" | "not_confirmed" | "https_address" | "public_host" | "plain_address" | "origin" | "public_address" | "browser_key" | "encoding" | "header" | "cells" | "quotes" | "repeated" | "reserved" | "unknown_code" | "in_use" | "more" | "setting" | "erased" | "draft" | "gathering" | "moderation" | "open" | "closed" | "changes_requested" | "rejected" | "hidden" | "stopped" | "pending" | "verified" | "withdrawn" | "invalidated" | "running" | "done" | "cancelled" | "undoing" | "undone" | "counting" | "waiting" | "parked"; readonly detail: string })[] } })[] };
export type Verification = ({ readonly token: string }) | ({ readonly petition_id: string; readonly email: string; readonly code: string });
export type VerificationAnswer = { readonly status: "verified"; readonly signature_id: string; readonly petition_id: string; readonly signature_count: number; readonly test?: true };
export type Withdrawal = { readonly token: string };
export type WithdrawalAnswer = { readonly status: "withdrawn"; readonly signature_id: string; readonly petition_id: string; readonly signature_count: number; readonly test?: true };
export type Unsubscription = { readonly status: "unsubscribed"; readonly scope: "petition" | "all" };
export type NoticeAnswer = { readonly kind: "privacy" | "eligibility" | "partner_consent"; readonly version: number; readonly texts: Readonly<Record<string, string>>; readonly url: string | null; readonly published_at: string | null };
export type NoticeList = { readonly data: readonly (NoticeAnswer)[]; readonly next_cursor: string | null };
export type PersonDataAnswer = { readonly petition_id: string; readonly petition_title: string | null; readonly signature: { readonly id: string; readonly submission_id: string; readonly name: string; readonly email: string; readonly postcode: string | null; readonly state: "pending" | "verified"; readonly role: "signer" | "creator" | "supporter"; readonly assurance: "email" | "register" | "paper" | "eid"; readonly locale: string; readonly country: string | null; readonly area: string | null; readonly channel: string | null; readonly partner: string | null; readonly partner_reference: string | null; readonly partner_consent: number | null; readonly updates: boolean; readonly submitted_at: string; readonly repeated_at: string | null; readonly verified_at: string | null; readonly verified_hour: string | null; readonly privacy_version: number | null; readonly eligibility_version: number | null; readonly corrected_names: number; readonly network_operator: number | null; readonly mail_trouble: "suppressed" | "bounced_soft" | "bounced_hard" | "complained" | null; readonly mail_trouble_at: string | null; readonly digests: readonly ("email" | "person" | "postcode" | "address" | "network" | "domain")[]; readonly kept_until: string | null } | null };
export type RejectionReasonList = { readonly data: readonly ({ readonly code: string; readonly names: Readonly<Record<string, string>> })[]; readonly next_cursor: null };
export type ResponseVersionList = { readonly data: readonly ({ readonly version: number; readonly summary: string; readonly details: string; readonly published_at: string })[]; readonly next_cursor: string | null };
export type PublicBar = { readonly key: string; readonly label: string; readonly count: number };
export type PetitionBreakdown = { readonly petition_id: string; readonly by: "area" | "day" | "channel"; readonly as_of: string | null; readonly data: readonly (PublicBar)[] };
export type PetitionCount = { readonly petition_id: string; readonly verified: number; readonly as_of: string };
export type IntegrityReport = { readonly petition_id: string; readonly as_of: string | null; readonly verified: Readonly<Record<string, number>>; readonly invalidated: Readonly<Record<string, number>>; readonly held: number; readonly reconciliation: { readonly day: string | null; readonly repaired_day: string | null } };
export type AreaList = { readonly data: readonly ({ readonly code: string; readonly name: string; readonly population: number | null })[]; readonly next_cursor: string | null };
export type TermList = { readonly data: readonly ({ readonly code: string; readonly names: Readonly<Record<string, string>>; readonly retired: boolean })[]; readonly next_cursor: string | null };
export type UsageAnswer = { readonly partner: { readonly id: string; readonly code: string; readonly name: string }; readonly key: { readonly id: string; readonly test: boolean; readonly scopes: readonly ("signatures:write" | "signatures:read" | "counts:read" | "webhooks:manage")[]; readonly petitions: readonly (string)[] | null; readonly expires_at: string | null }; readonly limits: readonly ({ readonly name: string; readonly limit: number; readonly window: number; readonly remaining: number; readonly resets_at: string | null })[] };
export type SentSubmission = { readonly submission_id: string; readonly petition_id: string; readonly reference: string | null; readonly status: "pending" | "verified" | "expired"; readonly submitted_at: string; readonly verified_at: string | null; readonly signer: { readonly name: string; readonly email: string; readonly postcode: string | null } | null; readonly test?: true };
export type SentList = { readonly data: readonly (SentSubmission)[]; readonly next_cursor: string | null };
export type SentCounts = { readonly from: string; readonly to: string; readonly data: readonly ({ readonly petition_id: string; readonly day: string; readonly submitted: number; readonly verified: number })[] };
export type TestMail = { readonly submission_id: string; readonly petition_id: string; readonly to: string; readonly sent_at: string; readonly subject: string; readonly text: string; readonly html: string; readonly links: { readonly verify: string; readonly withdraw: string; readonly code: string }; readonly code: string };
export type TestMailList = { readonly data: readonly (TestMail)[]; readonly next_cursor: string | null };
export type DeliveryList = { readonly data: readonly ({ readonly message_id: string; readonly sequence: number; readonly type: "petition.opened" | "petition.closed" | "threshold.reached" | "response.published" | "submission.verified" | "totals.daily"; readonly test: boolean; readonly timestamp: string; readonly status: "waiting" | "failing" | "delivered"; readonly attempts: number; readonly last_attempt_at: string | null; readonly next_attempt_at: string | null; readonly response_status: number | null; readonly error: "address" | "connection" | "timeout" | "redirect" | "http" | "gone" | null; readonly duration_ms: number | null })[]; readonly next_cursor: string | null };
export type WebhookAnswer = { readonly id: string; readonly url: string; readonly label: string | null; readonly events: readonly ("petition.opened" | "petition.closed" | "threshold.reached" | "response.published" | "submission.verified" | "totals.daily")[]; readonly petitions: readonly (string)[] | null; readonly created_at: string; readonly state: "enabled" | "disabled"; readonly disabled_at: string | null; readonly disabled_reason: "failing" | "gone" | null; readonly failures: number; readonly last_sequence: number; readonly previous_secret_until: string | null };
export type WebhookBody = { readonly url: string; readonly label?: string | null; readonly events: readonly ("petition.opened" | "petition.closed" | "threshold.reached" | "response.published" | "submission.verified" | "totals.daily")[]; readonly petitions?: readonly (string)[] | null };
export type WebhookList = { readonly data: readonly (WebhookAnswer)[]; readonly next_cursor: string | null };
export type WebhookWithSecret = { readonly id: string; readonly url: string; readonly label: string | null; readonly events: readonly ("petition.opened" | "petition.closed" | "threshold.reached" | "response.published" | "submission.verified" | "totals.daily")[]; readonly petitions: readonly (string)[] | null; readonly created_at: string; readonly state: "enabled" | "disabled"; readonly disabled_at: string | null; readonly disabled_reason: "failing" | "gone" | null; readonly failures: number; readonly last_sequence: number; readonly previous_secret_until: string | null; readonly secret: string };
export type Health = { readonly status: "ok" };
export type OpenApi = { readonly openapi: "3.1.0"; readonly info: Readonly<Record<string, unknown>>; readonly servers: readonly (Readonly<Record<string, unknown>>)[]; readonly tags: readonly (Readonly<Record<string, unknown>>)[]; readonly paths: Readonly<Record<string, unknown>>; readonly components: Readonly<Record<string, unknown>>; readonly "x-pages": readonly (Readonly<Record<string, unknown>>)[] };
export type ProblemDescription = { readonly code: "invalid_json" | "invalid_request" | "invalid_cursor" | "idempotency_key_missing" | "idempotency_key_invalid" | "unauthorized" | "server_key" | "not_found" | "method_not_allowed" | "petition_not_open" | "petition_closed" | "signature_withdrawn" | "name_taken" | "name_fixed" | "verification_closed" | "signature_gone" | "nothing_drafted" | "supporters_full" | "channel_taken" | "channels_full" | "webhooks_full" | "webhook_disabled" | "illegal_state" | "petition_erased" | "data_held" | "count_not_final" | "creator_signature" | "signature_state" | "run_state" | "mailing_under_way" | "no_own_address" | "email_taken" | "partner_taken" | "keys_full" | "idempotency_under_way" | "own_access" | "last_admin" | "reference_in_use" | "precondition_failed" | "payload_too_large" | "unsupported_media_type" | "idempotency_key_reused" | "token_invalid" | "code_invalid" | "precondition_required" | "rate_limited" | "internal_error" | "unavailable" | "signing_paused" | "creation_paused" | "misconfigured"; readonly status: number; readonly title: string; readonly detail: string };

/** What each operation takes and gives. */
export interface Operations {
  /** List petitions. */
  listPetitions: { args: { readonly state?: "open" | "closed" | "rejected" | "stopped"; readonly area?: string; readonly topic?: string; readonly department?: string; readonly q?: string; readonly sort?: "newest" | "popular" | "trending" | "closing"; readonly limit?: number; readonly cursor?: string }; answer: PetitionList };
  /** Submit a petition. */
  submitPetition: { args: { readonly body: NewPetition }; answer: PetitionSubmitted };
  /** Find open petitions like a title. */
  findSimilarPetitions: { args: { readonly q: string; readonly limit?: number }; answer: PetitionList };
  /** Read a petition. */
  readPetition: { args: { readonly id: string }; answer: PetitionDocument };
  /** Change a petition's text. */
  editPetition: { args: { readonly id: string; readonly body: PetitionEdit }; answer: CreatorsPetition };
  /** Send a petition in again. */
  resubmitPetition: { args: { readonly id: string; readonly body: Resubmission }; answer: CreatorsPetition };
  /** End an open petition. */
  stopPetition: { args: { readonly id: string; readonly body: Stop }; answer: CreatorsPetition };
  /** Sign a petition. */
  submitSignature: { args: { readonly id: string; readonly body: NewSubmission }; answer: SubmissionAccepted };
  /** Send up to 100 signatures at once. */
  submitSignatures: { args: { readonly id: string; readonly body: SubmissionBatch }; answer: BatchAnswer };
  /** Verify a signature. */
  verifySignature: { args: { readonly body: Verification }; answer: VerificationAnswer };
  /** Withdraw a signature. */
  withdrawSignature: { args: { readonly body: Withdrawal }; answer: WithdrawalAnswer };
  /** Unsubscribe from news. */
  unsubscribe: { args: { readonly body: { readonly token: string; readonly scope?: "petition" | "all" } }; answer: Unsubscription };
  /** Read the notices that hold now. */
  listNotices: { args: Readonly<Record<string, never>>; answer: NoticeList };
  /** Read any version of a notice. */
  readNotice: { args: { readonly kind: string; readonly version: string }; answer: NoticeAnswer };
  /** Ask for the link to one's data. */
  requestPersonLink: { args: { readonly body: { readonly petition_id: string; readonly email: string } }; answer: { readonly status: "accepted" } };
  /** Read what is held about a person. */
  readPersonData: { args: { readonly body: { readonly token: string } }; answer: PersonDataAnswer };
  /** Correct a person's name. */
  correctName: { args: { readonly body: { readonly token: string; readonly name: string } }; answer: { readonly status: "corrected"; readonly petition_id: string } };
  /** Erase what is held about a person. */
  erasePersonData: { args: { readonly body: { readonly token: string } }; answer: { readonly status: "erased"; readonly petition_id: string } };
  /** List the reasons for not accepting a petition. */
  listRejectionReasons: { args: Readonly<Record<string, never>>; answer: RejectionReasonList };
  /** Read every text of the municipality's answer. */
  listResponses: { args: { readonly id: string }; answer: ResponseVersionList };
  /** Count a petition's signatures. */
  countPetition: { args: { readonly id: string }; answer: PetitionCount };
  /** Read where and when a petition was signed. */
  breakDownPetition: { args: { readonly id: string; readonly by: "area" | "day" | "channel" }; answer: PetitionBreakdown };
  /** Read a petition's integrity report. */
  readIntegrity: { args: { readonly id: string }; answer: IntegrityReport };
  /** List areas. */
  listAreas: { args: Readonly<Record<string, never>>; answer: AreaList };
  /** List topics. */
  listTopics: { args: Readonly<Record<string, never>>; answer: TermList };
  /** List departments. */
  listDepartments: { args: Readonly<Record<string, never>>; answer: TermList };
  /** Read what your key may do, and what is left of its limits. */
  readUsage: { args: Readonly<Record<string, never>>; answer: UsageAnswer };
  /** Read what became of the signatures that you sent. */
  listSent: { args: { readonly limit?: number; readonly cursor?: string; readonly petition?: string; readonly status?: "pending" | "verified" | "expired" }; answer: SentList };
  /** Count the signatures that you sent, by petition and day. */
  countSent: { args: { readonly petition?: string; readonly from?: string; readonly to?: string }; answer: SentCounts };
  /** Read the mails that your test keys would have sent. */
  listTestMails: { args: { readonly limit?: number; readonly cursor?: string }; answer: TestMailList };
  /** List your endpoints. */
  listWebhooks: { args: Readonly<Record<string, never>>; answer: WebhookList };
  /** Add an endpoint. */
  createWebhook: { args: { readonly body: WebhookBody }; answer: WebhookWithSecret };
  /** Read an endpoint. */
  readWebhook: { args: { readonly id: string }; answer: WebhookAnswer };
  /** Change an endpoint. */
  changeWebhook: { args: { readonly id: string; readonly body: WebhookBody }; answer: WebhookAnswer };
  /** Delete an endpoint. */
  deleteWebhook: { args: { readonly id: string }; answer: WebhookList };
  /** Make a new secret. */
  rotateWebhookSecret: { args: { readonly id: string; readonly body: Readonly<Record<string, never>> }; answer: WebhookWithSecret };
  /** Enable an endpoint again. */
  enableWebhook: { args: { readonly id: string; readonly body: Readonly<Record<string, never>> }; answer: WebhookAnswer };
  /** Send a test message. */
  testWebhook: { args: { readonly id: string; readonly body: { readonly type?: "petition.opened" | "petition.closed" | "threshold.reached" | "response.published" | "submission.verified" | "totals.daily" } }; answer: { readonly message_id: string; readonly sequence: number } };
  /** List an endpoint's deliveries. */
  listDeliveries: { args: { readonly id: string; readonly status?: "waiting" | "failing" | "delivered"; readonly limit?: number; readonly cursor?: string }; answer: DeliveryList };
  /** Deliver once more. */
  replayDeliveries: { args: { readonly id: string; readonly body: ({ readonly message_id: string }) | ({ readonly from_sequence: number; readonly to_sequence?: number }) | ({ readonly from: string; readonly to?: string }) }; answer: { readonly replayed: number; readonly next_sequence: number | null } };
  /** Ask whether the service runs. */
  readHealth: { args: Readonly<Record<string, never>>; answer: Health };
  /** Read what a problem means. */
  readProblem: { args: { readonly code: string }; answer: ProblemDescription };
  /** Read this description for programs. */
  readDescription: { args: Readonly<Record<string, never>>; answer: OpenApi };
}

/** Where each operation is; `keyed`: whether it takes an `Idempotency-Key`. */
export const routes = {
  listPetitions: { method: "GET", path: "/v1/petitions", query: ["state","area","topic","department","q","sort","limit","cursor"], keyed: false },
  submitPetition: { method: "POST", path: "/v1/petitions", query: [], keyed: false },
  findSimilarPetitions: { method: "GET", path: "/v1/petitions/similar", query: ["q","limit"], keyed: false },
  readPetition: { method: "GET", path: "/v1/petitions/{id}", query: [], keyed: false },
  editPetition: { method: "PUT", path: "/v1/petitions/{id}", query: [], keyed: false },
  resubmitPetition: { method: "POST", path: "/v1/petitions/{id}/resubmission", query: [], keyed: false },
  stopPetition: { method: "POST", path: "/v1/petitions/{id}/stop", query: [], keyed: false },
  submitSignature: { method: "POST", path: "/v1/petitions/{id}/signatures", query: [], keyed: true },
  submitSignatures: { method: "POST", path: "/v1/petitions/{id}/signatures/batch", query: [], keyed: true },
  verifySignature: { method: "POST", path: "/v1/verifications", query: [], keyed: false },
  withdrawSignature: { method: "POST", path: "/v1/withdrawals", query: [], keyed: false },
  unsubscribe: { method: "POST", path: "/v1/unsubscriptions", query: [], keyed: false },
  listNotices: { method: "GET", path: "/v1/notices", query: [], keyed: false },
  readNotice: { method: "GET", path: "/v1/notices/{kind}/{version}", query: [], keyed: false },
  requestPersonLink: { method: "POST", path: "/v1/data-requests", query: [], keyed: false },
  readPersonData: { method: "POST", path: "/v1/person-data", query: [], keyed: false },
  correctName: { method: "POST", path: "/v1/corrections", query: [], keyed: false },
  erasePersonData: { method: "POST", path: "/v1/erasures", query: [], keyed: false },
  listRejectionReasons: { method: "GET", path: "/v1/rejection-reasons", query: [], keyed: false },
  listResponses: { method: "GET", path: "/v1/petitions/{id}/responses", query: [], keyed: false },
  countPetition: { method: "GET", path: "/v1/petitions/{id}/count", query: [], keyed: false },
  breakDownPetition: { method: "GET", path: "/v1/petitions/{id}/breakdown", query: ["by"], keyed: false },
  readIntegrity: { method: "GET", path: "/v1/petitions/{id}/integrity", query: [], keyed: false },
  listAreas: { method: "GET", path: "/v1/areas", query: [], keyed: false },
  listTopics: { method: "GET", path: "/v1/topics", query: [], keyed: false },
  listDepartments: { method: "GET", path: "/v1/departments", query: [], keyed: false },
  readUsage: { method: "GET", path: "/v1/partner/usage", query: [], keyed: false },
  listSent: { method: "GET", path: "/v1/partner/submissions", query: ["limit","cursor","petition","status"], keyed: false },
  countSent: { method: "GET", path: "/v1/partner/counts", query: ["petition","from","to"], keyed: false },
  listTestMails: { method: "GET", path: "/v1/partner/test-mails", query: ["limit","cursor"], keyed: false },
  listWebhooks: { method: "GET", path: "/v1/partner/webhooks", query: [], keyed: false },
  createWebhook: { method: "POST", path: "/v1/partner/webhooks", query: [], keyed: false },
  readWebhook: { method: "GET", path: "/v1/partner/webhooks/{id}", query: [], keyed: false },
  changeWebhook: { method: "PUT", path: "/v1/partner/webhooks/{id}", query: [], keyed: false },
  deleteWebhook: { method: "DELETE", path: "/v1/partner/webhooks/{id}", query: [], keyed: false },
  rotateWebhookSecret: { method: "POST", path: "/v1/partner/webhooks/{id}/rotate-secret", query: [], keyed: false },
  enableWebhook: { method: "POST", path: "/v1/partner/webhooks/{id}/enable", query: [], keyed: false },
  testWebhook: { method: "POST", path: "/v1/partner/webhooks/{id}/test", query: [], keyed: false },
  listDeliveries: { method: "GET", path: "/v1/partner/webhooks/{id}/deliveries", query: ["status","limit","cursor"], keyed: false },
  replayDeliveries: { method: "POST", path: "/v1/partner/webhooks/{id}/replay", query: [], keyed: false },
  readHealth: { method: "GET", path: "/health", query: [], keyed: false },
  readProblem: { method: "GET", path: "/problems/{code}", query: [], keyed: false },
  readDescription: { method: "GET", path: "/openapi.json", query: [], keyed: false },
} as const;
