import type * as v from "valibot";
import type { partnerScopes } from "../db/partner-schema.ts";
import type { staffRoles } from "../db/staff-schema.ts";
import { type ProblemCode, problemCatalogue } from "./problems.ts";

/** What one folder adds to the description of the API; kept beside its routes, in `*.openapi.ts`. */
export interface ApiPart {
  readonly name: string;
  readonly description: string;
  /** Schemas that the document names, by that name. */
  readonly schemas?: Readonly<Record<string, v.GenericSchema>>;
  readonly operations: readonly Operation[];
  /** Routes for people instead of programs: listed, not described. */
  readonly pages?: readonly PageRoute[];
}

export interface PageRoute {
  readonly method: Method;
  readonly path: string;
  readonly description: string;
}

export type Method = "get" | "post" | "put" | "delete";

/** One route as clients see it. */
export interface Operation {
  readonly method: Method;
  /** As OpenAPI writes it: `/v1/petitions/{id}`. */
  readonly path: string;
  /** Unique in the document; an anchor in `/docs`. */
  readonly id: string;
  readonly summary: string;
  /** Plain words; backticks for code, a blank line between paragraphs. */
  readonly description: string;
  /** Which role its staff key needs at least; without one it takes no key. */
  readonly staff?: (typeof staffRoles)[number];
  /** Whether it takes the token of the petition's creator. */
  readonly creator?: boolean;
  /**
   * What its partner's key needs: a scope, or `null` for any server's key. `may`: it works without a key too. `tests`:
   * whether it is for test keys too, or only; without it a test key sees nothing there.
   */
  readonly partner?: {
    readonly scope: (typeof partnerScopes)[number] | null;
    readonly may?: boolean;
    readonly tests?: "too" | "only";
  };
  /** Whether it decides on what somebody has read: it needs `If-Match`, 428 without and 412 when that has changed. */
  readonly decides?: boolean;
  readonly parameters?: readonly Parameter[];
  /** The schema that the query string is checked against: one parameter an entry. */
  readonly query?: v.GenericSchema & { readonly entries: Readonly<Record<string, v.GenericSchema>> };
  /** The schema that the JSON body is checked against; of a text it says what the text is. */
  readonly body?: v.GenericSchema;
  /** Of the body, when it is not JSON. */
  readonly bodyType?: "text/plain" | "text/csv";
  readonly answer: Answer;
  /** What it answers, with another status, to a request that only asks. */
  readonly otherAnswer?: Answer;
  /** What else than `ANYWHERE` can go wrong. */
  readonly problems: readonly ProblemCode[];
  /** Requests that get the answer. */
  readonly examples: readonly RequestExample[];
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "header";
  readonly description: string;
  readonly example: string;
}

/** The answer to a request that went well. */
export interface Answer {
  readonly status: 200 | 201 | 202 | 207;
  /** Of the body, when it is not JSON: the schema then says what the text is. */
  readonly contentType?: "text/csv" | "text/plain" | "application/x-ndjson";
  /** What it can be instead, when the query's `format` asks for it. */
  readonly otherType?: "text/csv" | "application/x-ndjson";
  readonly description: string;
  readonly schema: v.GenericSchema;
  readonly headers: readonly HeaderName[];
  readonly example: unknown;
  /** Whether the body is `ETag`ged, and 304 answers whoever holds it. */
  readonly conditional?: boolean;
}

export interface RequestExample {
  readonly summary: string;
  /** With values in it: `/v1/petitions?limit=2`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** An id of the right form, for examples. */
export const EXAMPLE_PETITION = "pet_01936d9e-8c4b-7f00-9a51-0123deadbeef";

/** Of the form of a partner's key, and none. */
export const EXAMPLE_PARTNER_KEY = "fm_partner_0123456789abcdefghijklmnopqrstuvExampl";

/** Of the form of a partner's test key, and none. */
export const EXAMPLE_PARTNER_TEST_KEY = "fm_partner_test_0123456789abcdefghijklmnopqrstuvExampl";

/** The parameter of every route about one petition. */
export const petitionParameter: Parameter = {
  name: "id",
  in: "path",
  description: "The petition's id.",
  example: EXAMPLE_PETITION,
};

/** The parameter by which residents are written to in their language when the body doesn't name one. */
export const languageParameter: Parameter = {
  name: "Accept-Language",
  in: "header",
  description: "The person's languages, as the browser sends them; used when the body has no `locale`.",
  example: "de, en;q=0.5",
};

/** The parameter by which a partner repeats a request without repeating what it does. */
export const idempotencyParameter: Parameter = {
  name: "Idempotency-Key",
  in: "header",
  description:
    "With a partner's key: 1 to 255 printable characters that you choose for this request, such as a UUID. Within 24 hours the same request under it gets the same answer and does nothing twice.",
  example: "6f1c5b0e-3f0a-4f52-9d0e-7a1f2b3c4d5e",
};

/** What else may be answered where an `Idempotency-Key` is read. */
export const IDEMPOTENCY_PROBLEMS = [
  "idempotency_key_invalid",
  "idempotency_under_way",
  "idempotency_key_reused",
] as const satisfies readonly ProblemCode[];

/** An answer that all may read and caches may keep. */
export const publicAnswer = (answer: Pick<Answer, "description" | "schema" | "example">): Answer => ({
  status: 200,
  headers: ["ETag", "Cache-Control"],
  conditional: true,
  ...answer,
});

/** What can be wrong with any JSON body. */
export const BODY_PROBLEMS = [
  "invalid_json",
  "invalid_request",
  "payload_too_large",
  "unsupported_media_type",
] as const satisfies readonly ProblemCode[];

/** What every request with a partner's key may be answered. */
export const PARTNER_PROBLEMS = [
  "unauthorized",
  "server_key",
  "not_found",
  "rate_limited",
  "unavailable",
] as const satisfies readonly ProblemCode[];

/** What answers to a partner's key say of its limits. */
export const PARTNER_HEADERS = ["RateLimit", "RateLimit-Policy"] as const satisfies readonly HeaderName[];

/** What every route may answer. */
export const ANYWHERE = ["internal_error", "misconfigured"] as const satisfies readonly ProblemCode[];

/** Headers of answers, with what they say. */
export const answerHeaders = {
  ETag: "The version of the body, for `If-None-Match`.",
  "Cache-Control": "`public, max-age=…` for what all may read; `no-store` for everything else.",
  Link: 'The address of the next page, with `rel="next"`; absent on the last.',
  "Retry-After": "Seconds to wait before the next try.",
  RateLimit:
    "Of the limit that was reached, or of each that a partner's key has: what is left (`r`), and the seconds until there is more (`t`).",
  "RateLimit-Policy": "The limits' names, their quotas (`q`) and their windows in seconds (`w`).",
  "WWW-Authenticate": "`Bearer`.",
  Allow: "The methods that the address has.",
} as const;

export type HeaderName = keyof typeof answerHeaders;

const PROBLEM_HEADERS: Partial<Record<ProblemCode, readonly HeaderName[]>> = {
  unauthorized: ["WWW-Authenticate"],
  method_not_allowed: ["Allow"],
  rate_limited: ["Retry-After", "RateLimit", "RateLimit-Policy"],
  idempotency_under_way: ["Retry-After"],
  unavailable: ["Retry-After"],
  signing_paused: ["Retry-After"],
  creation_paused: ["Retry-After"],
  misconfigured: ["Retry-After"],
};

/** The headers that a problem's answer has. */
export const problemHeaders = (code: ProblemCode): readonly HeaderName[] => [
  "Cache-Control",
  ...(PROBLEM_HEADERS[code] ?? []),
];

/** The codes of the whole catalogue. */
export const problemCodes = Object.keys(problemCatalogue) as readonly ProblemCode[];
