import {
  type ApiPart,
  EXAMPLE_PARTNER_TEST_KEY,
  EXAMPLE_PETITION,
  PARTNER_HEADERS,
  PARTNER_PROBLEMS,
} from "../http/openapi.ts";
import { TestMail, TestMailList, TestMailsQuery } from "./test-mails.schema.ts";

/** What test keys are for, described. */
export const testMailsApi = (): ApiPart => ({
  name: "Partners' tests",
  description:
    "A key that begins with `fm_partner_test_` signs as a live one does: the same checks, answers and errors. But it counts nothing, touches nobody else's limits, and no mail leaves: what would have been sent is read here. When a test is verified your webhooks hear `submission.verified`, marked `test: true`. What it sent is forgotten after 24 hours, and one partner may send 1,000 in that time.",
  schemas: { TestMail, TestMailList },
  operations: [
    {
      method: "get",
      path: "/v1/partner/test-mails",
      id: "listTestMails",
      summary: "Read the mails that your test keys would have sent",
      description:
        "For test keys only, the newest first. The link and the code work: they verify the test, and say that it is one.",
      partner: { scope: "signatures:read", tests: "only" },
      query: TestMailsQuery,
      answer: {
        status: 200,
        description: "The mails.",
        schema: TestMailList,
        headers: ["Cache-Control", "Link", ...PARTNER_HEADERS],
        example: {
          data: [
            {
              submission_id: "sub_01936d9e-9f02-7c31-8a44-2b6f0d9c7e15",
              petition_id: EXAMPLE_PETITION,
              to: "ada@example.org",
              sent_at: "2026-11-23T14:05:09.000Z",
              subject: "Please confirm your signature: “Benches at the harbour”",
              text: "Hello Ada Anchorby, …",
              html: "<!doctype html>…",
              links: {
                verify: "https://petitions.example.org/v/AZNtnp8CfDGKRCtvDZx-Fd6tvu8?lang=en",
                withdraw: "https://petitions.example.org/w/AZNtnp8CfDGKRCtvDZx-Fd6tvu8?lang=en",
                code: `https://petitions.example.org/v?lang=en&petition=${EXAMPLE_PETITION}`,
              },
              code: "314159",
            },
          ],
          next_cursor: null,
        },
      },
      problems: [...PARTNER_PROBLEMS, "invalid_request", "invalid_cursor"],
      examples: [
        {
          summary: "The latest",
          path: "/v1/partner/test-mails?limit=1",
          headers: { Authorization: `Bearer ${EXAMPLE_PARTNER_TEST_KEY}` },
        },
      ],
    },
  ],
});
