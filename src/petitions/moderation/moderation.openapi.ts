import {
  type ApiPart,
  BODY_PROBLEMS,
  EXAMPLE_PETITION,
  type Operation,
  petitionParameter,
  publicAnswer,
} from "../../http/openapi.ts";
import type { ProblemCode } from "../../http/problems.ts";
import {
  ApproveBody,
  AssignBody,
  ExtendBody,
  NoteBody,
  RejectBody,
  RejectionReasonList,
  ReopenBody,
  RequestChangesBody,
  StaffPetition,
  StaffPetitionList,
  StaffPetitionQuery,
  StopBody,
} from "./moderation.schema.ts";

const Authorization = "Bearer fm_staff_local";

const summary = {
  id: EXAMPLE_PETITION,
  state: "moderation",
  version: 1,
  title: "Benches for the market square",
  locale: "en",
  area: "north",
  topics: ["parks"],
  department: "works",
  created_at: "2026-10-28T09:12:44.000Z",
  waiting_since: "2026-10-30T18:03:10.000Z",
  waiting_days: 3,
  approved_at: null,
  opens_at: null,
  closes_at: null,
  ended_at: null,
  signature_count: 6,
};

const text = {
  title: summary.title,
  background: "There is nowhere to sit between the library and the harbour.",
  details: "Six would do: two in the shade, one beside the tram stop.",
};

const petition = {
  ...summary,
  ...text,
  creator: { name: "Ada Anchorby" },
  supporters: { needed: 5, maximum: 20, reached_at: "2026-10-30T18:03:10.000Z" },
  approved_thresholds: null,
  thresholds: [],
  changes_requested: null,
  rejection: null,
  stop: null,
  similar: [
    {
      ...{ id: "pet_01936d9e-8c4b-7f00-9a51-0456deadbeef", state: "open", title: "More benches at the harbour" },
      signature_count: 212,
    },
  ],
  versions: [{ version: 1, ...text, written_at: "2026-10-28T09:12:44.000Z" }],
  notes: [],
};

const answer: Operation["answer"] = {
  status: 200,
  description: "The petition as it stands then, with the `ETag` of its new version.",
  schema: StaffPetition,
  headers: ["ETag", "Cache-Control"],
  example: petition,
};

/** Staff's petitions and decisions, described. */
export const moderationApi = (): ApiPart => ({
  name: "Moderation",
  description:
    "What staff read of petitions in every state, and what they decide. A decision needs the `ETag` of the petition as `If-Match`: who decides on what has changed since gets 412, and of two who decide at once the second does. What a petition's state does not allow is `illegal_state`; the error's `code` is the state.",
  schemas: { RejectionReasonList, StaffPetition, StaffPetitionList },
  operations: [list, read, ...decisions, note, reasons],
});

const list: Operation = {
  method: "get",
  path: "/v1/admin/petitions",
  id: "listPetitionsForStaff",
  summary: "List petitions in every state",
  description:
    "For staff: those in moderation with the longest wait first, all others with the newest first. Who is limited to a department sees no other's.",
  staff: "viewer",
  query: StaffPetitionQuery,
  answer: {
    status: 200,
    description: "A page.",
    schema: StaffPetitionList,
    headers: ["Cache-Control"],
    example: { data: [summary], next_cursor: null },
  },
  problems: ["invalid_request", "invalid_cursor", "unauthorized", "unavailable"],
  examples: [
    { summary: "What waits for a decision", path: "/v1/admin/petitions?waiting=true", headers: { Authorization } },
    {
      summary: "One department's open petitions that mention benches",
      path: "/v1/admin/petitions?state=open&department=works&q=bench",
      headers: { Authorization },
    },
  ],
};

const read: Operation = {
  method: "get",
  path: "/v1/admin/petitions/{id}",
  id: "readPetitionForStaff",
  summary: "Read a petition in any state",
  description:
    "For staff: its texts with every earlier one, state, thresholds, notes, and what was decided. Its `ETag` is what a decision needs as `If-Match`. Those who decide also read the creator's name; nobody reads the creator's address here.",
  staff: "viewer",
  parameters: [petitionParameter],
  answer: { ...answer, description: "The petition." },
  problems: ["unauthorized", "not_found", "unavailable"],
  examples: [{ summary: "Read one", path: `/v1/admin/petitions/${EXAMPLE_PETITION}`, headers: { Authorization } }],
};

const PROBLEMS = [
  ...BODY_PROBLEMS,
  ...["unauthorized", "not_found", "illegal_state", "unavailable"],
] as readonly ProblemCode[];

interface Described extends Pick<Operation, "id" | "summary" | "description" | "staff"> {
  /** The path's last part. */
  readonly act: string;
  readonly schema: NonNullable<Operation["body"]>;
  readonly body: unknown;
  /** What else than `PROBLEMS` can go wrong. */
  readonly also?: readonly ProblemCode[];
}

const decision = ({ act, staff = "moderator", schema, body, also = [], ...said }: Described): Operation => ({
  ...said,
  method: "post",
  path: `/v1/admin/petitions/{id}/${act}`,
  staff,
  decides: true,
  parameters: [petitionParameter],
  body: schema,
  answer,
  problems: [...PROBLEMS, ...also],
  examples: [
    {
      summary: said.summary,
      path: `/v1/admin/petitions/${EXAMPLE_PETITION}/${act}`,
      headers: { Authorization, "If-Match": '"1"' },
      body,
    },
  ],
});

const decisions: readonly Operation[] = [
  decision({
    act: "approve",
    id: "approvePetition",
    summary: "Accept a petition",
    description:
      "In `moderation`. It opens at once, or stays in `moderation` until `opens_at`; deciding again before then replaces that. Without `closes_at` it closes at the end of the day that the municipality's usual number of calendar months leads to.",
    schema: ApproveBody,
    body: {
      closes_at: "2030-05-31",
      thresholds: [{ name: "response", signatures: 200 }],
      department: "works",
    },
  }),
  decision({
    act: "request-changes",
    id: "requestPetitionChanges",
    summary: "Ask the creator for changes",
    description:
      "In `moderation`. The creator gets your message by mail with a link to edit and submit again; then the petition waits anew.",
    schema: RequestChangesBody,
    body: { message: "Please say which of the two squares you mean." },
  }),
  decision({
    act: "reject",
    id: "rejectPetition",
    summary: "Reject or hide a petition",
    description:
      "With a reason that may be shown the petition becomes `rejected`: in `moderation`, `changes_requested` or `hidden`. With one that may not it becomes `hidden`, a 404 to the public within 15 seconds: in every state but `draft` and `hidden`. The creator is told by mail.",
    schema: RejectBody,
    body: { code: "duplicate", details: "See the petition on benches at the harbour." },
  }),
  decision({
    act: "reopen",
    id: "reopenPetition",
    summary: "Take an end back",
    description:
      "What has `closed` or was `stopped` is open again; what was `rejected` or `hidden` is back in `moderation`. Not once its personal data is erased.",
    staff: "admin",
    also: ["petition_erased"],
    schema: ReopenBody,
    body: {},
  }),
  decision({
    act: "stop",
    id: "stopPetitionByStaff",
    summary: "End an open petition early",
    description: "It takes no more signatures; those that were submitted before can be verified for another 24 hours.",
    schema: StopBody,
    body: { reason: "The council decided on the matter on Tuesday." },
  }),
  decision({
    act: "extend",
    id: "extendPetition",
    summary: "Let an open petition close later",
    description: "To the end of a later day, at most five years ahead.",
    schema: ExtendBody,
    body: { closes_at: "2030-12-31" },
  }),
  decision({
    act: "assign",
    id: "assignPetition",
    summary: "Say which department answers for a petition",
    description:
      "In every state but `draft`. Staff who are limited to a department see the petition from then on, or no longer.",
    schema: AssignBody,
    body: { department: "works" },
  }),
];

const note: Operation = {
  method: "post",
  path: "/v1/admin/petitions/{id}/notes",
  id: "notePetition",
  summary: "Add a note for staff",
  description:
    "It is no decision: it needs no `If-Match`, and the petition's version stays. Nobody but staff reads it.",
  staff: "moderator",
  parameters: [petitionParameter],
  body: NoteBody,
  answer: { ...answer, description: "The petition, with the note." },
  problems: PROBLEMS,
  examples: [
    {
      summary: "Add a note",
      path: `/v1/admin/petitions/${EXAMPLE_PETITION}/notes`,
      headers: { Authorization },
      body: { text: "Works has been asked for the plans; answer expected on Friday." },
    },
  ],
};

const REASON = { code: "duplicate", names: { en: "There is already a petition that asks for the same." } };

const reasons: Operation = {
  method: "get",
  path: "/v1/rejection-reasons",
  id: "listRejectionReasons",
  summary: "List the reasons for not accepting a petition",
  description: "Those that may be shown: `rejection.code` of a petition is one of them.",
  answer: publicAnswer({
    description: "The reasons, by code.",
    schema: RejectionReasonList,
    example: { data: [REASON], next_cursor: null },
  }),
  problems: ["unavailable"],
  examples: [{ summary: "List them", path: "/v1/rejection-reasons" }],
};
