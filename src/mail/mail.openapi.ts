import type { ApiPart } from "../http/openapi.ts";
import { MailRates, RateQuery } from "./mail-rates.schema.ts";

/** What became of mail, and local mode's captured mail, described. */
export const mailApi = (): ApiPart => ({
  name: "Mail",
  description: "What became of the mails that went out.",
  schemas: { MailRates },
  operations: [
    {
      method: "get",
      path: "/v1/admin/mail/rates",
      id: "readMailRates",
      summary: "Read how many mails were sent, delivered and refused",
      description:
        "For staff: numbers of each of the municipality's days, the newest first. A day without mail is left out. A hard bounce or a complaint suppresses the address: it gets no further mail.",
      staff: "viewer",
      query: RateQuery,
      answer: {
        status: 200,
        description: "The rates.",
        schema: MailRates,
        headers: ["Cache-Control"],
        example: {
          as_of: "2026-11-23T14:05:09.000Z",
          days: [
            {
              day: "2026-11-23",
              sent: 120,
              delivered: 117,
              bounced_hard: 1,
              bounced_soft: 2,
              complained: 0,
              suppressed: 1,
            },
          ],
        },
      },
      problems: ["unauthorized", "invalid_request", "unavailable"],
      examples: [
        {
          summary: "Read the last week with local mode's staff key",
          path: "/v1/admin/mail/rates?days=7",
          headers: { Authorization: "Bearer fm_staff_local" },
        },
      ],
    },
  ],
  pages: [
    {
      method: "post",
      path: "/hooks/resend",
      description: "For Resend alone, where it is configured: signed events about our mails.",
    },
    { method: "get", path: "/dev/mail", description: "Local mode only: the mail that would have been sent." },
    {
      method: "get",
      path: "/dev/mail.json",
      description: "Local mode only: the same for programs; `?to=` narrows it.",
    },
    { method: "delete", path: "/dev/mail.json", description: "Local mode only: empties it." },
  ],
});
