import {
  type Answer,
  type ApiPart,
  BODY_PROBLEMS,
  EXAMPLE_PETITION,
  type Operation,
  type Parameter,
  petitionParameter,
} from "../http/openapi.ts";
import {
  MailingAnswer,
  MailingBody,
  MailingList,
  MailingPreview,
  MailingQuery,
  NothingMore,
  TestAnswer,
  TestBody,
} from "./mailings.schema.ts";

/** An id of the right form, for examples. */
export const EXAMPLE_MAILING = "mlg_01936d9e-8c4b-7f00-9a51-00005afe0005";

const headers = { Authorization: "Bearer fm_staff_local" };
const deciding = { ...headers, "If-Match": '"2"' };
const PATH = `/v1/admin/mailings/${EXAMPLE_MAILING}`;
const mailingParameter: Parameter = {
  name: "id",
  in: "path",
  description: "The mailing's id.",
  example: EXAMPLE_MAILING,
};

const texts = {
  en: {
    subject: "Come to the hearing on 14 January",
    body: "The council hears this petition on 14 January at 19:00 in the town hall.\nEverybody is welcome.",
  },
};

const draft = {
  id: EXAMPLE_MAILING,
  petition_id: EXAMPLE_PETITION,
  kind: "message",
  about: null,
  state: "draft",
  ended_because: null,
  error: null,
  version: 2,
  texts,
  expected_recipients: 480,
  recipients: 0,
  sent: 0,
  failed: 0,
  skipped: 0,
  bounced: 0,
  complained: 0,
  unsubscribed: 0,
  waiting: 0,
  progress: 0,
  by: "local",
  created_at: "2026-11-27T09:00:00.000Z",
  begins_at: "2026-11-27T09:00:00.000Z",
  started_at: null,
  ended_at: null,
};

const running = {
  ...draft,
  ...{ state: "running", version: 3, recipients: 240, sent: 236, failed: 1, skipped: 3, bounced: 2, unsubscribed: 4 },
  ...{ progress: 50, started_at: "2026-11-27T09:05:00.000Z" },
};

const one = (status: 200 | 201, example: unknown): Answer => ({
  status,
  description: "The mailing as it stands then.",
  schema: MailingAnswer,
  headers: ["ETag", "Cache-Control"],
  example,
});

const onOne = {
  staff: "moderator",
  parameters: [mailingParameter],
} as const satisfies Partial<Operation>;

const writing: readonly Operation[] = [
  {
    method: "post",
    path: "/v1/admin/petitions/{id}/mailings",
    id: "draftMailing",
    summary: "Write a message to those who asked for news of a petition",
    description:
      "For moderators. A draft: nobody gets it before it is confirmed. The petition must be open, closed or stopped. Those who would get it are counted at once, or within minutes for a very large petition; `expected_recipients` is null until then, and the version grows when it is known.",
    staff: "moderator",
    parameters: [petitionParameter],
    body: MailingBody,
    answer: one(201, draft),
    problems: [...BODY_PROBLEMS, "unauthorized", "not_found", "illegal_state", "unavailable"],
    examples: [
      { summary: "Write one", path: `/v1/admin/petitions/${EXAMPLE_PETITION}/mailings`, headers, body: { texts } },
    ],
  },
  {
    ...onOne,
    method: "put",
    path: "/v1/admin/mailings/{id}",
    id: "editMailing",
    summary: "Replace the texts of a draft",
    description: "For moderators. Those who would get it are counted anew.",
    decides: true,
    body: MailingBody,
    answer: one(200, { ...draft, version: 4 }),
    problems: [...BODY_PROBLEMS, "unauthorized", "not_found", "run_state", "unavailable"],
    examples: [{ summary: "Change it", path: PATH, headers: deciding, body: { texts } }],
  },
  {
    ...onOne,
    method: "get",
    path: "/v1/admin/mailings/{id}/preview",
    id: "previewMailing",
    summary: "See a mailing's mail in each language",
    description:
      "For staff: as if you had signed. A mail of your own would differ in the link that unsubscribes, which changes nothing here.",
    staff: "viewer",
    answer: {
      status: 200,
      description: "The mail in each of the municipality's languages.",
      schema: MailingPreview,
      headers: ["Cache-Control"],
      example: {
        data: [{ locale: "en", subject: texts.en.subject, text: "Hello Sam,\n…", html: "<!doctype html>…" }],
      },
    },
    problems: ["unauthorized", "not_found", "unavailable"],
    examples: [{ summary: "See it", path: `${PATH}/preview`, headers }],
  },
  {
    ...onOne,
    method: "post",
    path: "/v1/admin/mailings/{id}/test",
    id: "testMailing",
    summary: "Send a mailing's mail to yourself",
    description: "For moderators: to the address of your own entry in the list of staff, and to nobody else.",
    body: TestBody,
    answer: {
      status: 202,
      description: "It is on its way.",
      schema: TestAnswer,
      headers: ["Cache-Control"],
      example: { status: "on_its_way", locales: ["en", "de", "fr"] },
    },
    problems: [...BODY_PROBLEMS, "unauthorized", "not_found", "no_own_address", "unavailable"],
    examples: [{ summary: "In one language", path: `${PATH}/test`, headers, body: { locale: "en" } }],
  },
  {
    ...onOne,
    method: "post",
    path: "/v1/admin/mailings/{id}/confirm",
    id: "confirmMailing",
    summary: "Let a draft go out",
    description:
      "For moderators. `If-Match` names the version that was read, and with it the texts and the number of recipients. It begins within a minute and can't be taken back, only cancelled where it stands. `run_state` with `counting`: the recipients are still being counted.",
    decides: true,
    body: NothingMore,
    answer: one(200, { ...draft, state: "waiting", version: 3 }),
    problems: [
      ...BODY_PROBLEMS,
      "unauthorized",
      "not_found",
      "run_state",
      "mailing_under_way",
      "illegal_state",
      "unavailable",
    ],
    examples: [{ summary: "Confirm it", path: `${PATH}/confirm`, headers: deciding, body: {} }],
  },
];

/** Mail to those who asked for news, described. */
export const mailingsApi = (): ApiPart => ({
  name: "Mailings",
  description:
    "Mail to those who signed a petition and asked for news. A threshold that is reached, the municipality's answer, and the end begin by themselves, once each; staff write others. One mail goes to a mailbox, in the signer's language.",
  schemas: { MailingAnswer, MailingList, MailingPreview },
  operations: [
    ...writing,
    {
      method: "get",
      path: "/v1/admin/mailings",
      id: "listMailings",
      summary: "List mailings",
      description:
        "For staff: the newest first, with how far each has come. Numbers only, nothing of who. Whoever is limited to a department sees those of its petitions.",
      staff: "viewer",
      query: MailingQuery,
      answer: {
        status: 200,
        description: "Mailings.",
        schema: MailingList,
        headers: ["Cache-Control", "Link"],
        example: { data: [running], next_cursor: null },
      },
      problems: ["unauthorized", "not_found", "invalid_request", "invalid_cursor", "unavailable"],
      examples: [{ summary: "Those that run", path: "/v1/admin/mailings?state=running", headers }],
    },
    {
      ...onOne,
      method: "get",
      path: "/v1/admin/mailings/{id}",
      id: "readMailing",
      summary: "Read a mailing and how far it has come",
      description: "For staff. Its `ETag` is what a decision on it needs as `If-Match`.",
      staff: "viewer",
      answer: one(200, running),
      problems: ["unauthorized", "not_found", "unavailable"],
      examples: [{ summary: "Read it", path: PATH, headers }],
    },
    {
      ...onOne,
      method: "post",
      path: "/v1/admin/mailings/{id}/cancel",
      id: "cancelMailing",
      summary: "End a mailing where it stands, or discard a draft",
      description:
        "For moderators, also for one that begins by itself. A few mails that are on their way still go out; nobody gets it after that.",
      answer: one(200, {
        ...running,
        state: "cancelled",
        version: 4,
        ended_because: "cancelled",
        ended_at: "2026-11-27T09:07:00.000Z",
      }),
      problems: ["unauthorized", "not_found", "run_state", "unavailable"],
      examples: [{ summary: "Cancel it", path: `${PATH}/cancel`, headers }],
    },
    {
      ...onOne,
      method: "post",
      path: "/v1/admin/mailings/{id}/resume",
      id: "resumeMailing",
      summary: "Let a parked mailing go on",
      description: "For moderators, once whoever operates the service has seen to the mail provider.",
      answer: one(200, { ...running, version: 4 }),
      problems: ["unauthorized", "not_found", "run_state", "unavailable"],
      examples: [{ summary: "Go on", path: `${PATH}/resume`, headers }],
    },
  ],
});
