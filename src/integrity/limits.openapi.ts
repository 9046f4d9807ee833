import { type ApiPart, BODY_PROBLEMS, type Parameter } from "../http/openapi.ts";
import { DEFAULT_POLICIES, policyNames } from "../limits/policies.ts";
import { ListChanged, ListText, PoliciesDocument } from "./limits.schema.ts";

const Authorization = "Bearer fm_staff_local";
const document = { policies: DEFAULT_POLICIES, fast_seconds: 2 };
const policiesBody = {
  policies: Object.fromEntries(
    policyNames.map((name) => {
      const { limit, window } = DEFAULT_POLICIES[name];
      return [name, { limit: name === "sign_day" ? 30 : limit, window }];
    }),
  ),
  fast_seconds: 2,
};

const LIST =
  "203.0.113.0/24  # the night of 3 March\nspam.example\n**.spam.example  # whatever is below it\nten-minutes.example disposable\n";

const FORMAT =
  "An entry is an IPv4 or IPv6 address or CIDR range (IPv6 is seen by /64), a mail domain (`school.example` itself, `*.school.example` exactly one label below it, `**.school.example` anything below it) or an e-mail address in its canonical form. `#` begins a note; notes and blank lines are kept.";

const ORDER =
  "The first that knows the sender decides: blocked address, blocked domain, blocked e-mail address, allowed address, allowed domain or e-mail address, then the limits.";

const BLOCKED =
  "What comes from somebody on `blocked` is held for review with the reason `list`, or `disposable` when that word stands behind a domain. The sender sees and gets what everybody does.";

const ALLOWED =
  "Somebody on `allowed` has the entry's own limit in place of all limits that hold: `limit=N` is N signatures of one petition a day for the entry as a whole; without it the policy `allowed_entry` says how many. Under hard limits an allowed address has this figure too, if it is larger.";

const listParameter: Parameter = {
  name: "list",
  in: "path",
  description: "`blocked` or `allowed`.",
  example: "blocked",
};

/** Limits and lists, described. */
export const limitsApi = (): ApiPart => ({
  name: "Limits and lists",
  description:
    "How often one address, network or mail domain may do what, and who is held or let through whatever they do. Changed by staff without a deploy, and true everywhere within 15 seconds.",
  schemas: { PoliciesDocument, ListChanged },
  operations: [
    {
      method: "get",
      path: "/v1/admin/policies",
      id: "readPolicies",
      summary: "Read the limits",
      description: "For staff: every limit that there is, with its figures and what it leads to.",
      staff: "viewer",
      answer: {
        status: 200,
        description: "The limits.",
        schema: PoliciesDocument,
        headers: ["ETag", "Cache-Control"],
        example: document,
      },
      problems: ["unauthorized", "unavailable"],
      examples: [{ summary: "Read them", path: "/v1/admin/policies", headers: { Authorization } }],
    },
    {
      method: "put",
      path: "/v1/admin/policies",
      id: "putPolicies",
      summary: "Change the limits",
      description:
        "For admins of the whole municipality. Send all of them, as reading gives them. A longer window must allow more than a shorter one of the same subject (`sign_day` more than `sign_burst`). What a limit leads to is fixed: `consequence` may be left out, and another one is refused. Uses counted under a window of another length are forgotten when it changes.",
      staff: "admin",
      decides: true,
      body: PoliciesDocument,
      answer: {
        status: 200,
        description: "The limits.",
        schema: PoliciesDocument,
        headers: ["ETag", "Cache-Control"],
        example: document,
      },
      problems: [...BODY_PROBLEMS, "unauthorized", "not_found", "unavailable"],
      examples: [
        {
          summary: "Allow 30 signatures a day from one address",
          path: "/v1/admin/policies",
          headers: { Authorization, "If-Match": '"0"' },
          body: policiesBody,
        },
      ],
    },
    {
      method: "get",
      path: "/v1/admin/lists/{list}",
      id: "readList",
      summary: "Read a list",
      description: `For moderators of the whole municipality: it may name people. ${FORMAT}`,
      staff: "moderator",
      parameters: [listParameter],
      answer: {
        status: 200,
        contentType: "text/plain",
        description: "The list, as it was sent.",
        schema: ListText,
        headers: ["ETag", "Cache-Control"],
        example: LIST,
      },
      problems: ["unauthorized", "not_found", "unavailable"],
      examples: [{ summary: "Who is blocked", path: "/v1/admin/lists/blocked", headers: { Authorization } }],
    },
    {
      method: "put",
      path: "/v1/admin/lists/{list}",
      id: "putList",
      summary: "Replace a list",
      description: `For moderators of the whole municipality. ${BLOCKED}\n\n${ALLOWED}\n\n${ORDER}\n\n${FORMAT} At most 10,000 entries and 256 KB. A bad line refuses the whole list, and \`errors\` names it as \`line 17\`. A list holds everywhere within 15 seconds; what has been signed before stays as it is.`,
      staff: "moderator",
      decides: true,
      parameters: [listParameter],
      body: ListText,
      bodyType: "text/plain",
      answer: {
        status: 200,
        description: "How many entries it has, and what has changed.",
        schema: ListChanged,
        headers: ["ETag", "Cache-Control"],
        example: { entries: 4, added: 4, removed: 0 },
      },
      problems: [
        "invalid_request",
        "payload_too_large",
        "unsupported_media_type",
        "unauthorized",
        "not_found",
        "unavailable",
      ],
      examples: [
        {
          summary: "Block a network and two domains",
          path: "/v1/admin/lists/blocked",
          headers: { Authorization, "If-Match": '"0"' },
          body: LIST,
        },
        {
          summary: "Give a school a limit of its own",
          path: "/v1/admin/lists/allowed",
          headers: { Authorization, "If-Match": '"0"' },
          body: "198.51.100.7 limit=300  # Brackwater school\n*.schools.example limit=1000\n",
        },
      ],
    },
  ],
});
