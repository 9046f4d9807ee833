import {
  type ApiPart,
  BODY_PROBLEMS,
  EXAMPLE_PARTNER_KEY,
  EXAMPLE_PETITION,
  type Operation,
  type Parameter,
} from "../http/openapi.ts";
import {
  NewKeyBody,
  NewPartnerBody,
  NewPartnerKeyAnswer,
  PartnerAnswer,
  PartnerBody,
  PartnerKeyAnswer,
  PartnerKeyList,
  PartnerList,
  PartnersQuery,
  RotateKeyBody,
  SuspendBody,
} from "./partners.schema.ts";

const EXAMPLE_PARTNER = "par_01936d9e-8c4b-7f00-9a51-00005afe0101";
const EXAMPLE_KEY = "key_01936d9e-8c4b-7f00-9a51-00005afe0102";
const headers = { Authorization: "Bearer fm_staff_local" };
const at = `/v1/admin/partners/${EXAMPLE_PARTNER}`;

const idParameter: Parameter = {
  name: "id",
  in: "path",
  description: "The partner's id.",
  example: EXAMPLE_PARTNER,
};
const keyParameter: Parameter = { name: "key_id", in: "path", description: "The key's id.", example: EXAMPLE_KEY };

const said = {
  name: "Brackwater Tenants' Union",
  email: "office@tenants.example",
  locale: "en",
  website: "https://tenants.example",
};
const partner = {
  id: EXAMPLE_PARTNER,
  code: "tenants-union",
  ...said,
  created_at: "2026-11-23T14:05:09.000Z",
  suspended_at: null,
};
const terms = {
  label: "Campaign site",
  scopes: ["signatures:write"],
  petitions: [EXAMPLE_PETITION],
  origins: ["https://tenants.example"],
  signatures_per_minute: 30,
  signatures_per_day: null,
};
const key = {
  id: EXAMPLE_KEY,
  prefix: "fm_partner_0123",
  ...terms,
  test: false,
  created_at: "2026-11-23T14:05:09.000Z",
  expires_at: null,
  last_used_at: null,
};

const answer = <Status extends 200 | 201>(
  status: Status,
  description: string,
  schema: Operation["answer"]["schema"],
  example: unknown,
): Operation["answer"] => ({ status, description, schema, headers: ["Cache-Control"], example });

const PROBLEMS = ["unauthorized", "not_found", "unavailable"] as const;

const ofPartners: readonly Operation[] = [
  {
    method: "get",
    path: "/v1/admin/partners",
    id: "listPartners",
    summary: "List partners",
    description: "For admins of the whole municipality: partner organisations, in the order in which they were added.",
    staff: "admin",
    query: PartnersQuery,
    answer: {
      ...answer(200, "Partners.", PartnerList, { data: [partner], next_cursor: null }),
      headers: ["Cache-Control", "Link"],
    },
    problems: [...PROBLEMS, "invalid_request", "invalid_cursor"],
    examples: [{ summary: "List them", path: "/v1/admin/partners", headers }],
  },
  {
    method: "post",
    path: "/v1/admin/partners",
    id: "createPartner",
    summary: "Add a partner",
    description:
      "For admins of the whole municipality. It has no key yet. A channel with its code is registered for every petition: what it sends is counted there.",
    staff: "admin",
    body: NewPartnerBody,
    answer: answer(201, "The partner.", PartnerAnswer, partner),
    problems: [...BODY_PROBLEMS, ...PROBLEMS, "partner_taken"],
    examples: [
      { summary: "Add a union", path: "/v1/admin/partners", headers, body: { code: "tenants-union", ...said } },
    ],
  },
  {
    method: "get",
    path: "/v1/admin/partners/{id}",
    id: "readPartner",
    summary: "Read a partner",
    description: "For admins of the whole municipality.",
    staff: "admin",
    parameters: [idParameter],
    answer: answer(200, "The partner.", PartnerAnswer, partner),
    problems: PROBLEMS,
    examples: [{ summary: "Read one", path: at, headers }],
  },
  {
    method: "put",
    path: "/v1/admin/partners/{id}",
    id: "changePartner",
    summary: "Change a partner",
    description: "For admins of the whole municipality. Send all of it, as you read it and changed. Its code stays.",
    staff: "admin",
    parameters: [idParameter],
    body: PartnerBody,
    answer: answer(200, "The partner.", PartnerAnswer, partner),
    problems: [...BODY_PROBLEMS, ...PROBLEMS],
    examples: [{ summary: "Write to them in German", path: at, headers, body: { ...said, locale: "de" } }],
  },
  ...(["suspend", "resume"] as const).map(
    (act): Operation => ({
      method: "post",
      path: `/v1/admin/partners/{id}/${act}`,
      id: `${act}Partner`,
      summary: act === "suspend" ? "Suspend a partner" : "Let a suspended partner go on",
      description:
        act === "suspend"
          ? "For admins of the whole municipality. Within 15 seconds none of its keys works; what it sent before stays. Repeating it changes nothing."
          : "For admins of the whole municipality. Its keys work again. Repeating it changes nothing.",
      staff: "admin",
      parameters: [idParameter],
      body: SuspendBody,
      answer: answer(200, "The partner.", PartnerAnswer, {
        ...partner,
        suspended_at: act === "suspend" ? "2026-11-30T09:00:00.000Z" : null,
      }),
      problems: [...BODY_PROBLEMS, ...PROBLEMS],
      examples: [{ summary: "With a reason", path: `${at}/${act}`, headers, body: { reason: "Agreed by phone." } }],
    }),
  ),
];

const ofKeys: readonly Operation[] = [
  {
    method: "get",
    path: "/v1/admin/partners/{id}/keys",
    id: "listPartnerKeys",
    summary: "List a partner's keys",
    description:
      "For admins of the whole municipality: the keys that work, the newest first. The key itself is stored nowhere.",
    staff: "admin",
    parameters: [idParameter],
    answer: answer(200, "The keys.", PartnerKeyList, { data: [key], next_cursor: null }),
    problems: PROBLEMS,
    examples: [{ summary: "List them", path: `${at}/keys`, headers }],
  },
  {
    method: "post",
    path: "/v1/admin/partners/{id}/keys",
    id: "createPartnerKey",
    summary: "Give a partner a key",
    description:
      "For admins of the whole municipality. The answer has the key, this once. Give each site and service its own, with no more than it needs; a partner has at most 20. With `origins` it is a browser key: pages of these origins, and nobody else, sign with it, and it does nothing else.",
    staff: "admin",
    parameters: [idParameter],
    body: NewKeyBody,
    answer: answer(201, "The key.", NewPartnerKeyAnswer, { ...key, key: EXAMPLE_PARTNER_KEY }),
    problems: [...BODY_PROBLEMS, ...PROBLEMS, "keys_full"],
    examples: [
      { summary: "A browser key for one petition", path: `${at}/keys`, headers, body: terms },
      {
        summary: "A server's key",
        path: `${at}/keys`,
        headers,
        body: { label: "Members' register", scopes: ["signatures:write", "signatures:read", "counts:read"] },
      },
      {
        summary: "A key to try things out with",
        path: `${at}/keys`,
        headers,
        body: { label: "Trying it out", scopes: ["signatures:write", "signatures:read"], test: true },
      },
    ],
  },
  {
    method: "post",
    path: "/v1/admin/partners/{id}/keys/{key_id}/rotate",
    id: "rotatePartnerKey",
    summary: "Replace a partner's key by a new one",
    description:
      "For admins of the whole municipality. The new key has the same terms and works at once. The old one goes on working for `overlap_hours`; 0 ends it, which holds everywhere within 15 seconds.",
    staff: "admin",
    parameters: [idParameter, keyParameter],
    body: RotateKeyBody,
    answer: answer(201, "The new key.", NewPartnerKeyAnswer, { ...key, key: EXAMPLE_PARTNER_KEY }),
    problems: [...BODY_PROBLEMS, ...PROBLEMS, "keys_full"],
    examples: [
      {
        summary: "Let the old one work until tomorrow",
        path: `${at}/keys/${EXAMPLE_KEY}/rotate`,
        headers,
        body: { overlap_hours: 24 },
      },
    ],
  },
  {
    method: "delete",
    path: "/v1/admin/partners/{id}/keys/{key_id}",
    id: "revokePartnerKey",
    summary: "End a partner's key",
    description: "For admins of the whole municipality. Within 15 seconds it works nowhere any more.",
    staff: "admin",
    parameters: [idParameter, keyParameter],
    answer: answer(200, "The keys that are left.", PartnerKeyList, { data: [], next_cursor: null }),
    problems: PROBLEMS,
    examples: [{ summary: "End it", path: `${at}/keys/${EXAMPLE_KEY}`, headers }],
  },
];

/** Partners and their keys as staff manage them, described. */
export const partnersApi = (): ApiPart => ({
  name: "Partners",
  description:
    "Organisations that put petitions on sites of their own and send signatures from there. Staff make partners and their keys; what partners do with a key is under “For partners”.",
  schemas: { PartnerAnswer, PartnerList, PartnerKeyAnswer, PartnerKeyList, NewPartnerKeyAnswer },
  operations: [...ofPartners, ...ofKeys],
});
