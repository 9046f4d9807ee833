import type { ContentfulStatusCode } from "hono/utils/http-status";

interface ProblemKind {
  readonly status: ContentfulStatusCode;
  readonly title: string;
  readonly detail: string;
}

/** Every error that an answer may carry (RFC 9457). The texts are fixed: nothing of the request can get into them. */
export const problemCatalogue = {
  invalid_json: {
    status: 400,
    title: "Body is not valid JSON",
    detail: "Send one JSON object encoded in UTF-8.",
  },
  invalid_request: {
    status: 400,
    title: "Request is not valid",
    detail: "`errors` names what to change: JSON pointers into the body, lines of a text, or query parameters.",
  },
  invalid_cursor: {
    status: 400,
    title: "Cursor is not valid",
    detail: "A cursor belongs to the query it came from. Start again without one.",
  },
  idempotency_key_missing: {
    status: 400,
    title: "Idempotency-Key is missing",
    detail: "Choose a key for this request, such as a UUID, and repeat the request under the same one.",
  },
  idempotency_key_invalid: {
    status: 400,
    title: "Idempotency-Key is not valid",
    detail: "Send 1 to 255 printable ASCII characters, in quotation marks or without.",
  },
  unauthorized: {
    status: 401,
    title: "Key is missing or not valid",
    detail: "Send `Authorization: Bearer <key>`.",
  },
  server_key: {
    status: 403,
    title: "Key is for servers only",
    detail: "A page that holds this key shows it to everybody. Revoke it, and ask for a key with your page's origin.",
  },
  not_found: {
    status: 404,
    title: "Not found",
    detail: "There is nothing here that you may see.",
  },
  method_not_allowed: {
    status: 405,
    title: "Method is not allowed here",
    detail: "`Allow` names the methods that are.",
  },
  petition_not_open: {
    status: 409,
    title: "Petition is not open for signatures",
    detail: "It has not opened yet, or it has ended. Its state is in `GET /v1/petitions/{id}`.",
  },
  petition_closed: {
    status: 409,
    title: "Petition has ended and its count is final",
    detail: "Signatures can't be withdrawn any more; the personal data can still be erased: `POST /v1/erasures`.",
  },
  signature_withdrawn: {
    status: 409,
    title: "Signature was withdrawn",
    detail: "Whoever withdrew may sign again.",
  },
  name_taken: {
    status: 409,
    title: "Another signature of the mailbox has this name",
    detail: "One person counts once. Withdraw or erase the signature that is too many.",
  },
  name_fixed: {
    status: 409,
    title: "Name was corrected as often as it may be",
    detail: "A name may be corrected five times. Write to the municipality.",
  },
  verification_closed: {
    status: 409,
    title: "Verification has closed",
    detail: "A signature can be verified until 24 hours after the petition ended.",
  },
  signature_gone: {
    status: 410,
    title: "Signature is no longer there",
    detail: "It was not verified in time, or a newer submission took its place. Sign again.",
  },
  nothing_drafted: {
    status: 409,
    title: "There is no draft to publish",
    detail: "Write the answer with `PUT …/response` first.",
  },
  supporters_full: {
    status: 409,
    title: "Petition has all its first supporters",
    detail: "No more supporters are needed. Once it is open everybody may sign it.",
  },
  channel_taken: {
    status: 409,
    title: "Channel's code is taken",
    detail: "Every petition has a channel with this code already. Choose another code.",
  },
  channels_full: {
    status: 409,
    title: "There are as many channels as may be",
    detail: "50 for every petition, 50 of each petition's own, and 10 of each partner's: more codes could mark people.",
  },
  webhooks_full: {
    status: 409,
    title: "There are as many endpoints as may be",
    detail: "10. Delete one that nobody uses.",
  },
  webhook_disabled: {
    status: 409,
    title: "Endpoint is disabled",
    detail: "Enable it with `POST …/enable` first.",
  },
  illegal_state: {
    status: 409,
    title: "The petition's state does not allow that",
    detail: "`errors` names the state that it is in.",
  },
  petition_erased: {
    status: 409,
    title: "The petition's personal data is erased",
    detail: "It can't be brought back, so nothing more is decided about its signatures, and it can't be opened again.",
  },
  data_held: {
    status: 409,
    title: "The petition's personal data is held for legal reasons",
    detail: "Release it with `DELETE …/retention-hold` first.",
  },
  count_not_final: {
    status: 409,
    title: "The petition's count is not final yet",
    detail: "Signatures can be verified until 24 hours after the petition ended: erase it then.",
  },
  creator_signature: {
    status: 409,
    title: "Signature is the creator's",
    detail: "A petition keeps its creator's signature. Reject, hide or stop the petition instead.",
  },
  signature_state: {
    status: 409,
    title: "The signature's state does not allow that",
    detail: "`errors` names the state that it is in: only what is pending or verified can be released or taken out.",
  },
  run_state: {
    status: 409,
    title: "The state of what is to be changed does not allow that",
    detail:
      "`errors` names the state that it is in: what is over can't be cancelled, and nothing is done or undone twice.",
  },
  mailing_under_way: {
    status: 409,
    title: "Another mailing of the petition is under way",
    detail: "Wait until it is over, or cancel it: `GET /v1/admin/mailings` lists them.",
  },
  no_own_address: {
    status: 409,
    title: "There is no address to send it to",
    detail: "A test goes to your own e-mail address, and your entry in the list of staff has none.",
  },
  email_taken: {
    status: 409,
    title: "E-mail address is taken",
    detail: "Another member of staff has it. An address with a tag (`name+tag@`) counts as the one without.",
  },
  partner_taken: {
    status: 409,
    title: "Partner's code is taken",
    detail: "A partner or a channel has it already, and it stays with them for good. Choose another code.",
  },
  keys_full: {
    status: 409,
    title: "Partner has as many keys as may be",
    detail: "20, those that are being replaced among them. Revoke one that nobody uses.",
  },
  idempotency_under_way: {
    status: 409,
    title: "The same request is under way",
    detail: "Repeat it after `Retry-After`: it then gets the answer that the first one got.",
  },
  own_access: {
    status: 409,
    title: "Nobody changes their own access",
    detail: "Another admin can change your role or your department, or end your access.",
  },
  last_admin: {
    status: 409,
    title: "The last admin has to stay",
    detail: "Nobody else who can get in is an admin of the whole municipality. Add another one first.",
  },
  reference_in_use: {
    status: 409,
    title: "It is in use",
    detail: "`errors` says by how much. What is in use can be retired: no longer offered, still readable.",
  },
  precondition_failed: {
    status: 412,
    title: "It has changed since you read it",
    detail: "Read it again, and send the `ETag` of what you decide on as `If-Match`.",
  },
  payload_too_large: {
    status: 413,
    title: "Body is too large",
    detail: "The limit is 32 KB; 256 KB for batches and staff's lists, 2 MB for tables.",
  },
  unsupported_media_type: {
    status: 415,
    title: "Content type is not supported",
    detail: "Send `Content-Type: application/json`; for staff's lists `text/plain`, for tables `text/csv`.",
  },
  idempotency_key_reused: {
    status: 422,
    title: "Idempotency-Key was used for another request",
    detail: "Within 24 hours a key stands for one route and one body, to the byte. Choose a new one.",
  },
  token_invalid: {
    status: 422,
    title: "Token is not valid",
    detail: "It is incomplete or was made for something else. Use the whole link from the mail.",
  },
  code_invalid: {
    status: 422,
    title: "Code is not valid",
    detail: "Check petition, address and code. A code can be tried five times; the link in the mail keeps working.",
  },
  precondition_required: {
    status: 428,
    title: "If-Match is required",
    detail: "Send the `ETag` of what you decide on as `If-Match`, so that nobody overwrites what they have not seen.",
  },
  rate_limited: {
    status: 429,
    title: "Too many requests",
    detail: "Wait as long as `Retry-After` says.",
  },
  internal_error: {
    status: 500,
    title: "Something went wrong here",
    detail: "It has been recorded under `request_id`.",
  },
  unavailable: {
    status: 503,
    title: "Temporarily unavailable",
    detail: "Keep your data and try again after `Retry-After`.",
  },
  signing_paused: {
    status: 503,
    title: "Signing is paused",
    detail: "The municipality has paused signing for every petition. Keep your data and try again after `Retry-After`.",
  },
  creation_paused: {
    status: 503,
    title: "New petitions are paused",
    detail: "The municipality takes no new petitions for now. Keep your text and try again after `Retry-After`.",
  },
  misconfigured: {
    status: 503,
    title: "Service is not configured",
    detail: "`errors` names the settings that are missing or malformed.",
  },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problemCatalogue;

/** One thing that is wrong with a request. */
export interface ProblemError {
  /** JSON pointer into the body (RFC 6901), or the name of a query parameter or setting. */
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

/** An error that the caller is told about. Thrown by verbs and parsers, rendered in one place. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly errors: readonly ProblemError[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, more: { errors?: readonly ProblemError[]; headers?: Record<string, string> } = {}) {
    super(code);
    this.name = "Problem";
    this.code = code;
    this.errors = more.errors ?? [];
    this.headers = more.headers ?? {};
  }

  get status(): ContentfulStatusCode {
    return problemCatalogue[this.code].status;
  }
}
