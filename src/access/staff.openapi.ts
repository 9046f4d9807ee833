import { type ApiPart, BODY_PROBLEMS, type Operation, type Parameter } from "../http/openapi.ts";
import {
  NewKeyAnswer,
  NewStaffAnswer,
  NewStaffBody,
  OwnAnswer,
  OwnSettingsBody,
  RevokeBody,
  RotateBody,
  StaffAnswer,
  StaffBody,
  StaffKeyAnswer,
  StaffKeyList,
  StaffList,
  StaffQuery,
} from "./staff.schema.ts";

const EXAMPLE_STAFF = "stf_01936d9e-8c4b-7f00-9a51-00005afe0001";
const EXAMPLE_KEY = "key_01936d9e-8c4b-7f00-9a51-00005afe0002";
// Of the form of a key, and none.
const EXAMPLE_SECRET = "fm_staff_0123456789abcdefghijklmnopqrstuvExampl";
const headers = { Authorization: "Bearer fm_staff_local" };

const idParameter: Parameter = {
  name: "id",
  in: "path",
  description: "The staff member's id.",
  example: EXAMPLE_STAFF,
};
const keyParameter: Parameter = { name: "key_id", in: "path", description: "The key's id.", example: EXAMPLE_KEY };

const said = {
  name: "Sam Steward",
  email: "sam.steward@brackwater.example",
  role: "moderator",
  department: null,
  locale: "en",
  reminders: true,
} as const;
const member = { id: EXAMPLE_STAFF, ...said, created_at: "2026-11-23T14:05:09.000Z", revoked_at: null };
const own = { id: EXAMPLE_STAFF, ...said };
const key = {
  id: EXAMPLE_KEY,
  prefix: "fm_staff_0123",
  created_at: "2026-11-23T14:05:09.000Z",
  expires_at: null,
  last_used_at: null,
};
const keyList = { data: [{ ...key, last_used_at: "2026-11-23T15:00:00.000Z" }], next_cursor: null };

const answer = <Status extends 200 | 201>(
  status: Status,
  description: string,
  schema: Operation["answer"]["schema"],
  example: unknown,
): Operation["answer"] => ({ status, description, schema, headers: ["Cache-Control"], example });

/** The three operations on one person's keys. */
const keyOperations = (whose: {
  path: string;
  name: string;
  of: string;
  staff: "viewer" | "admin";
  parameters: readonly Parameter[];
}): Operation[] => {
  const base = `${whose.path.replace("{id}", EXAMPLE_STAFF)}/keys`;
  const problems = ["unauthorized", "not_found", "unavailable"] as const;
  return [
    {
      method: "get",
      path: `${whose.path}/keys`,
      id: `list${whose.name}Keys`,
      summary: `List ${whose.of} keys`,
      description:
        "The keys that work, the newest first: how each begins, when it was made and last used, and when it ends. The key itself is stored nowhere.",
      staff: whose.staff,
      parameters: whose.parameters,
      answer: answer(200, "The keys.", StaffKeyList, keyList),
      problems: whose.staff === "viewer" ? ["unauthorized", "unavailable"] : problems,
      examples: [{ summary: "List them", path: base, headers }],
    },
    {
      method: "post",
      path: `${whose.path}/keys/rotate`,
      id: `rotate${whose.name}Keys`,
      summary: `Replace ${whose.of} keys by a new one`,
      description:
        "The new key works at once. The others go on working for `overlap_hours`, so that programs can be changed over; 0 ends them at once. Nobody has more than five keys: the oldest beyond that end at once.",
      staff: whose.staff,
      parameters: whose.parameters,
      body: RotateBody,
      answer: answer(201, "The new key.", NewKeyAnswer, { ...key, key: EXAMPLE_SECRET }),
      problems: [...BODY_PROBLEMS, ...problems],
      examples: [
        { summary: "Let the others work until tomorrow", path: `${base}/rotate`, headers, body: { overlap_hours: 24 } },
      ],
    },
    {
      method: "delete",
      path: `${whose.path}/keys/{key_id}`,
      id: `revoke${whose.name}Key`,
      summary: `End one of ${whose.of} keys at once`,
      description: "From the next request on it lets nobody in.",
      staff: whose.staff,
      parameters: [...whose.parameters, keyParameter],
      answer: answer(200, "The keys that are left.", StaffKeyList, keyList),
      problems: [...problems, "last_admin"],
      examples: [{ summary: "End it", path: `${base}/${EXAMPLE_KEY}`, headers }],
    },
  ];
};

const ofOwn: readonly Operation[] = [
  {
    method: "get",
    path: "/v1/admin/me",
    id: "readOwnAccess",
    summary: "Read who you are here",
    description: "Your own entry: name, role, department, and what you have chosen for mails.",
    staff: "viewer",
    answer: answer(200, "Your entry.", OwnAnswer, own),
    problems: ["unauthorized", "unavailable"],
    examples: [{ summary: "Read it", path: "/v1/admin/me", headers }],
  },
  {
    method: "put",
    path: "/v1/admin/me",
    id: "changeOwnSettings",
    summary: "Choose your language and whether you are reminded",
    description: "The language of mails to you, and whether you get the daily mail about what waits.",
    staff: "viewer",
    body: OwnSettingsBody,
    answer: answer(200, "Your entry.", OwnAnswer, own),
    problems: [...BODY_PROBLEMS, "unauthorized", "not_found", "unavailable"],
    examples: [
      { summary: "No more reminders", path: "/v1/admin/me", headers, body: { locale: "de", reminders: false } },
    ],
  },
  ...keyOperations({ path: "/v1/admin/me", name: "Own", of: "your", staff: "viewer", parameters: [] }),
];

const ofAll: readonly Operation[] = [
  {
    method: "get",
    path: "/v1/admin/staff",
    id: "listStaff",
    summary: "List staff",
    description:
      "For admins: who has access, in the order in which they were added. An admin of one department sees that department's.",
    staff: "admin",
    query: StaffQuery,
    answer: {
      ...answer(200, "Staff.", StaffList, { data: [member], next_cursor: null }),
      headers: ["Cache-Control", "Link"],
    },
    problems: ["unauthorized", "not_found", "invalid_request", "invalid_cursor", "unavailable"],
    examples: [{ summary: "List the moderators", path: "/v1/admin/staff?role=moderator", headers }],
  },
  {
    method: "post",
    path: "/v1/admin/staff",
    id: "createStaff",
    summary: "Add a member of staff",
    description:
      "For admins. The answer has the member's key, this once. Hand it over in a way that nobody else reads. An admin of one department adds members of that department only.",
    staff: "admin",
    body: NewStaffBody,
    answer: answer(201, "The member, with a key.", NewStaffAnswer, { ...member, key: EXAMPLE_SECRET }),
    problems: [...BODY_PROBLEMS, "unauthorized", "not_found", "email_taken", "unavailable"],
    examples: [{ summary: "Add a moderator", path: "/v1/admin/staff", headers, body: said }],
  },
  {
    method: "get",
    path: "/v1/admin/staff/{id}",
    id: "readStaff",
    summary: "Read a member of staff",
    description: "For admins. Whoever acted once can be read after their access has ended too.",
    staff: "admin",
    parameters: [idParameter],
    answer: answer(200, "The member.", StaffAnswer, member),
    problems: ["unauthorized", "not_found", "unavailable"],
    examples: [{ summary: "Read one", path: `/v1/admin/staff/${EXAMPLE_STAFF}`, headers }],
  },
  {
    method: "put",
    path: "/v1/admin/staff/{id}",
    id: "changeStaff",
    summary: "Change a member of staff",
    description:
      "For admins. Send all of it, as you read it and changed: what is left out is refused. It holds from the next request on. Nobody changes their own role or department.",
    staff: "admin",
    parameters: [idParameter],
    body: StaffBody,
    answer: answer(200, "The member.", StaffAnswer, member),
    problems: [...BODY_PROBLEMS, "unauthorized", "not_found", "email_taken", "own_access", "last_admin", "unavailable"],
    examples: [{ summary: "Make them moderator", path: `/v1/admin/staff/${EXAMPLE_STAFF}`, headers, body: said }],
  },
  {
    method: "post",
    path: "/v1/admin/staff/{id}/revoke",
    id: "revokeStaff",
    summary: "End a member's access",
    description:
      "For admins. From the next request on neither a key nor single sign-on lets them in. The e-mail address is free again; the name stays, because the audit log says who acted. Repeating it changes nothing. Nobody ends their own access.",
    staff: "admin",
    parameters: [idParameter],
    body: RevokeBody,
    answer: answer(200, "The member.", StaffAnswer, {
      ...member,
      email: null,
      revoked_at: "2026-11-30T09:00:00.000Z",
    }),
    problems: [...BODY_PROBLEMS, "unauthorized", "not_found", "own_access", "last_admin", "unavailable"],
    examples: [
      {
        summary: "End it",
        path: `/v1/admin/staff/${EXAMPLE_STAFF}/revoke`,
        headers,
        body: { reason: "Left the press office." },
      },
    ],
  },
  ...keyOperations({
    path: "/v1/admin/staff/{id}",
    name: "Staff",
    of: "a member's",
    staff: "admin",
    parameters: [idParameter],
  }),
];

/** Staff and their keys, described. */
export const staffApi = (): ApiPart => ({
  name: "Staff",
  description:
    "Who has access, with which role, and their keys. A role may do what those before it may: `viewer`, `moderator`, `admin`. Whoever is limited to a department sees that department's petitions only.",
  schemas: { StaffAnswer, StaffList, NewStaffAnswer, OwnAnswer, StaffKeyAnswer, StaffKeyList, NewKeyAnswer },
  operations: [...ofOwn, ...ofAll],
});
