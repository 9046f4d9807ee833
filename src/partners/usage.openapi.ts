import {
  type ApiPart,
  EXAMPLE_PARTNER_KEY,
  EXAMPLE_PETITION,
  PARTNER_HEADERS,
  PARTNER_PROBLEMS,
} from "../http/openapi.ts";
import { UsageAnswer } from "./usage.schema.ts";

/** What a partner reads of its own key, described. */
export const usageApi = (): ApiPart => ({
  name: "For partners",
  description:
    "What a partner organisation does with its key, beside signing (“Sign a petition”). A key that is missing, wrong, ended or revoked is `unauthorized`; what a key is not for reads like what does not exist. Every answer to a key says in `RateLimit` what is left of its limits.",
  schemas: { UsageAnswer },
  operations: [
    {
      method: "get",
      path: "/v1/partner/usage",
      id: "readUsage",
      summary: "Read what your key may do, and what is left of its limits",
      description: "For any server's key. Looking at what is left uses up one request and no signature.",
      partner: { scope: null, tests: "too" },
      answer: {
        status: 200,
        description: "The key and its limits.",
        schema: UsageAnswer,
        headers: ["Cache-Control", ...PARTNER_HEADERS],
        example: {
          partner: {
            id: "par_01936d9e-8c4b-7f00-9a51-00005afe0101",
            code: "tenants-union",
            name: "Brackwater Tenants' Union",
          },
          key: {
            id: "key_01936d9e-8c4b-7f00-9a51-00005afe0102",
            test: false,
            scopes: ["signatures:write", "signatures:read"],
            petitions: [EXAMPLE_PETITION],
            expires_at: null,
          },
          limits: [
            { name: "partner_requests", limit: 600, window: 60, remaining: 599, resets_at: "2026-11-23T14:06:00.000Z" },
          ],
        },
      },
      problems: PARTNER_PROBLEMS,
      examples: [
        {
          summary: "Read it",
          path: "/v1/partner/usage",
          headers: { Authorization: `Bearer ${EXAMPLE_PARTNER_KEY}` },
        },
      ],
    },
  ],
});
