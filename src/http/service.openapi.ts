import { type ApiPart, publicAnswer } from "./openapi.ts";
import { ProblemDescription } from "./problem.schema.ts";
import { problemCatalogue } from "./problems.ts";
import { Health, OpenApi } from "./service.schema.ts";

/** What belongs to no feature, described. */
export const serviceApi = (): ApiPart => ({
  name: "Service",
  description: "The service itself.",
  schemas: { Health, OpenApi, ProblemDescription },
  operations: [
    {
      method: "get",
      path: "/health",
      id: "readHealth",
      summary: "Ask whether the service runs",
      description: "Answers as soon as the Worker runs and its settings are fit. It does not ask the database.",
      answer: {
        status: 200,
        description: "It runs.",
        schema: Health,
        headers: ["Cache-Control"],
        example: { status: "ok" },
      },
      problems: [],
      examples: [{ summary: "Ask", path: "/health" }],
    },
    {
      method: "get",
      path: "/problems/{code}",
      id: "readProblem",
      summary: "Read what a problem means",
      description: "What stands behind the `type` of a problem.",
      parameters: [{ name: "code", in: "path", description: "The problem's code.", example: "petition_not_open" }],
      answer: {
        status: 200,
        description: "The problem's description.",
        schema: ProblemDescription,
        headers: ["Cache-Control"],
        example: { code: "petition_not_open", ...problemCatalogue.petition_not_open },
      },
      problems: ["not_found"],
      examples: [{ summary: "Read one", path: "/problems/petition_not_open" }],
    },
    {
      method: "get",
      path: "/openapi.json",
      id: "readDescription",
      summary: "Read this description for programs",
      description: "The OpenAPI 3.1 document of this API. Other origins may read it.",
      answer: publicAnswer({
        description: "The document.",
        schema: OpenApi,
        example: {
          openapi: "3.1.0",
          info: { title: "Petitions", version: "1", description: "…" },
          servers: [],
          tags: [],
          paths: {},
          components: {},
          "x-pages": [],
        },
      }),
      problems: [],
      examples: [{ summary: "Read it", path: "/openapi.json" }],
    },
  ],
  pages: [
    { method: "get", path: "/docs", description: "This description for people." },
    { method: "get", path: "/style.css", description: "The stylesheet of all pages." },
  ],
});
