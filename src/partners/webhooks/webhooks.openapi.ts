import {
  type ApiPart,
  BODY_PROBLEMS,
  EXAMPLE_PARTNER_KEY,
  type Operation,
  PARTNER_HEADERS,
  PARTNER_PROBLEMS,
} from "../../http/openapi.ts";
import {
  DeliveriesQuery,
  DeliveryList,
  NothingMore,
  ReplayAnswer,
  ReplayBody,
  TestAnswer,
  TestBody,
  WebhookAnswer,
  WebhookBody,
  WebhookList,
  WebhookWithSecret,
} from "./webhooks.schema.ts";

const headers = { Authorization: `Bearer ${EXAMPLE_PARTNER_KEY}` };
const EXAMPLE_WEBHOOK = "whk_01936d9e-8c4b-7f00-9a51-00005afe0201";
const EXAMPLE_MESSAGE = "msg_9a510000-5afe-0201-0000-000000000007";
const LIST = "/v1/partner/webhooks";
const ONE = `${LIST}/{id}`;
const EXAMPLE_PATH = `${LIST}/${EXAMPLE_WEBHOOK}`;

const terms = {
  url: "https://hooks.tenants-union.example/folkmoot",
  label: "Member database",
  events: ["submission.verified", "petition.closed"],
};
const endpoint = {
  id: EXAMPLE_WEBHOOK,
  ...terms,
  petitions: null,
  created_at: "2026-11-23T14:05:09.000Z",
  state: "enabled",
  disabled_at: null,
  disabled_reason: null,
  failures: 0,
  last_sequence: 0,
  previous_secret_until: null,
};
const withSecret = { ...endpoint, secret: "whsec_c2hvd24gdGhpcyBvbmNlLCBhbmQgbmV2ZXIgYWdhaW4=" };

const answers = (
  answer: Pick<Operation["answer"], "description" | "schema" | "example"> & Partial<Operation["answer"]>,
): Operation["answer"] => ({ status: 200, headers: ["Cache-Control", ...PARTNER_HEADERS], ...answer });

const shared = { partner: { scope: "webhooks:manage" }, problems: PARTNER_PROBLEMS } as const;
const about = {
  ...shared,
  parameters: [{ name: "id", in: "path", description: "The endpoint's id.", example: EXAMPLE_WEBHOOK }],
} as const;
const writing = { ...about, problems: [...BODY_PROBLEMS, ...PARTNER_PROBLEMS] } as const;

const DESCRIPTION = `Where a partner is told what happens, in the format of [Standard Webhooks](https://www.standardwebhooks.com): \`webhook-id\`, \`webhook-timestamp\` and \`webhook-signature\`, and a JSON body \`{type, timestamp, sequence, data}\` whose \`timestamp\` says when it happened. A message is never personal data: read what its ids stand for with your key. For keys with the scope \`webhooks:manage\`; one that is for some petitions sees no endpoint that hears of others.

Answer with 2xx within 10 seconds; redirects are not followed, and of an answer nothing is read but its status and, with 429 and 503, \`Retry-After\`: until then, but for an hour at most, nothing is sent. What fails is tried again after 1, 2, 5, 10, 20 and 30 minutes and then each hour. When a message has failed for a day, or at once when you answer 410, the endpoint is disabled and your contact is told by mail; what happens then waits for 30 days.

Messages may come twice and out of order. The \`webhook-id\` is the same each time, and \`sequence\` counts up by one from message to message of an endpoint, without a gap.`;

/** Partners' webhooks, described. */
export const webhooksApi = (): ApiPart => ({
  name: "Webhooks",
  description: DESCRIPTION,
  schemas: { DeliveryList, WebhookAnswer, WebhookBody, WebhookList, WebhookWithSecret },
  operations: [...managing, ...delivering],
});

const managing: Operation[] = [
  {
    ...shared,
    method: "get",
    path: LIST,
    id: "listWebhooks",
    summary: "List your endpoints",
    description: "The oldest first, ten at most.",
    answer: answers({
      description: "The endpoints.",
      schema: WebhookList,
      example: { data: [endpoint], next_cursor: null },
    }),
    examples: [{ summary: "List them", path: LIST, headers }],
  },
  {
    ...shared,
    method: "post",
    path: LIST,
    id: "createWebhook",
    summary: "Add an endpoint",
    description: "It is told from then on. Its secret is shown this once.",
    body: WebhookBody,
    answer: answers({ status: 201, description: "The endpoint.", schema: WebhookWithSecret, example: withSecret }),
    problems: [...BODY_PROBLEMS, ...PARTNER_PROBLEMS, "webhooks_full"],
    examples: [{ summary: "Hear of your verified signatures", path: LIST, headers, body: terms }],
  },
  {
    ...about,
    method: "get",
    path: ONE,
    id: "readWebhook",
    summary: "Read an endpoint",
    description: "As it is now; never its secret.",
    answer: answers({ description: "The endpoint.", schema: WebhookAnswer, example: endpoint }),
    examples: [{ summary: "Read it", path: EXAMPLE_PATH, headers }],
  },
  {
    ...writing,
    method: "put",
    path: ONE,
    id: "changeWebhook",
    summary: "Change an endpoint",
    description: "All of it; what waits goes to the new address, and a rest ends. Secret and sequence stay.",
    body: WebhookBody,
    answer: answers({ description: "The endpoint.", schema: WebhookAnswer, example: endpoint }),
    examples: [{ summary: "Move it", path: EXAMPLE_PATH, headers, body: { ...terms, label: null } }],
  },
  {
    ...about,
    method: "delete",
    path: ONE,
    id: "deleteWebhook",
    summary: "Delete an endpoint",
    description: "With all that it was told and that waits for it.",
    answer: answers({
      description: "Those that are left.",
      schema: WebhookList,
      example: { data: [], next_cursor: null },
    }),
    examples: [{ summary: "Delete it", path: EXAMPLE_PATH, headers }],
  },
  {
    ...writing,
    method: "post",
    path: `${ONE}/rotate-secret`,
    id: "rotateWebhookSecret",
    summary: "Make a new secret",
    description:
      "For 24 hours each message is signed with both, the new one first: `webhook-signature` holds two signatures with a blank between, and a message is good when one of them is. A second rotation within that time ends the oldest secret at once.",
    body: NothingMore,
    answer: answers({
      description: "The endpoint and its new secret.",
      schema: WebhookWithSecret,
      example: withSecret,
    }),
    examples: [{ summary: "Rotate it", path: `${EXAMPLE_PATH}/rotate-secret`, headers, body: {} }],
  },
  {
    ...writing,
    method: "post",
    path: `${ONE}/enable`,
    id: "enableWebhook",
    summary: "Enable an endpoint again",
    description: "What has waited is delivered. Enabling one that is enabled changes nothing.",
    body: NothingMore,
    answer: answers({ description: "The endpoint.", schema: WebhookAnswer, example: endpoint }),
    examples: [{ summary: "Enable it", path: `${EXAMPLE_PATH}/enable`, headers, body: {} }],
  },
];

const delivering: Operation[] = [
  {
    ...writing,
    method: "post",
    path: `${ONE}/test`,
    id: "testWebhook",
    summary: "Send a test message",
    description:
      "An example of an event, with `test: true` beside its `type`. It takes a number of the sequence like any, and goes out at once, also while the endpoint is left alone because it fails.",
    body: TestBody,
    answer: answers({
      status: 202,
      description: "The message that is on its way.",
      schema: TestAnswer,
      example: { message_id: EXAMPLE_MESSAGE, sequence: 7 },
    }),
    problems: [...writing.problems, "webhook_disabled"],
    examples: [{ summary: "Test it", path: `${EXAMPLE_PATH}/test`, headers, body: { type: "petition.closed" } }],
  },
  {
    ...about,
    method: "get",
    path: `${ONE}/deliveries`,
    id: "listDeliveries",
    summary: "List an endpoint's deliveries",
    description:
      "Of the last 30 days, the newest first. With `status` a page looks through a thousand, so it may be short and still have a next one.",
    query: DeliveriesQuery,
    answer: answers({
      description: "A page of deliveries.",
      headers: ["Cache-Control", "Link", ...PARTNER_HEADERS],
      schema: DeliveryList,
      example: {
        data: [
          {
            message_id: EXAMPLE_MESSAGE,
            sequence: 7,
            type: "submission.verified",
            test: false,
            timestamp: "2026-11-23T14:05:09.000Z",
            status: "failing",
            attempts: 2,
            last_attempt_at: "2026-11-23T14:07:11.000Z",
            next_attempt_at: "2026-11-23T14:09:11.000Z",
            response_status: 503,
            error: "http",
            duration_ms: 87,
          },
        ],
        next_cursor: null,
      },
    }),
    problems: [...PARTNER_PROBLEMS, "invalid_request", "invalid_cursor"],
    examples: [{ summary: "What has not arrived", path: `${EXAMPLE_PATH}/deliveries?status=failing`, headers }],
  },
  {
    ...writing,
    method: "post",
    path: `${ONE}/replay`,
    id: "replayDeliveries",
    summary: "Deliver once more",
    description:
      "One message, or those between two sequences or two moments, as far as they are kept: delivered or failing, each under the id that it had. A thousand at most; `next_sequence` says where to go on. It begins at once, also while the endpoint is left alone because it fails; a disabled one gets them once it is enabled.",
    body: ReplayBody,
    answer: answers({
      status: 202,
      description: "How many are on their way.",
      schema: ReplayAnswer,
      example: { replayed: 40, next_sequence: null },
    }),
    examples: [
      {
        summary: "A span of numbers",
        path: `${EXAMPLE_PATH}/replay`,
        headers,
        body: { from_sequence: 1, to_sequence: 40 },
      },
      { summary: "A span of time", path: `${EXAMPLE_PATH}/replay`, headers, body: { from: "2026-11-23T00:00:00Z" } },
    ],
  },
];
