import { type ApiPart, BODY_PROBLEMS } from "../http/openapi.ts";
import { Unsubscription, UnsubscriptionAnswer } from "./unsubscriptions.schema.ts";

/** The token of the examples. */
export const UNSUBSCRIBE_TOKEN = "q83vEmSkD2lzXk4yvT0m1QeLr5cJ7wYgVnB8uH3xPiE6aKfZ0sRt9oWb2dNcTqLkUy4hXjMvPzGe7fAi";

/** Ending the news about a petition, described. */
export const unsubscriptionsApi = (): ApiPart => ({
  name: "Unsubscribing",
  description: "Ending the news that a signer has asked for. The signature stays as it is.",
  schemas: { Unsubscription: UnsubscriptionAnswer },
  operations: [
    {
      method: "post",
      path: "/v1/unsubscriptions",
      id: "unsubscribe",
      summary: "Unsubscribe from news",
      description:
        "By the token of the link in a mail of news. It ends them for everybody who signed this petition with that mailbox. With `all` no petition's news reach the address, until its person asks for news when signing anew: then it gets those. Repeating it is a success, and the answer is the same whether or not the signature is still there.",
      body: Unsubscription,
      answer: {
        status: 200,
        description: "Unsubscribed, now or before.",
        schema: UnsubscriptionAnswer,
        headers: ["Cache-Control"],
        example: { status: "unsubscribed", scope: "petition" },
      },
      problems: [...BODY_PROBLEMS, "token_invalid", "rate_limited", "unavailable"],
      examples: [
        { summary: "By the token of the link", path: "/v1/unsubscriptions", body: { token: UNSUBSCRIBE_TOKEN } },
        {
          summary: "From all petitions",
          path: "/v1/unsubscriptions",
          body: { token: UNSUBSCRIBE_TOKEN, scope: "all" },
        },
      ],
    },
  ],
  pages: [
    { method: "get", path: "/u/{token}", description: "The page behind a mail's unsubscribe link; shows, never acts." },
    {
      method: "post",
      path: "/u/{token}",
      description:
        "Its buttons, and what mail programs send by themselves: `List-Unsubscribe=One-Click` (RFC 8058), which ends the news of that petition at once.",
    },
  ],
});
