import type * as v from "valibot";
import { type JsonSchema, jsonSchema, jsonSchemas } from "./json-schema.ts";
import {
  ANYWHERE,
  type Answer,
  type ApiPart,
  answerHeaders,
  type HeaderName,
  type Method,
  type Operation,
  PARTNER_HEADERS,
  type PageRoute,
  problemCodes,
  problemHeaders,
  type RequestExample,
} from "./openapi.ts";
import { ProblemDocument } from "./problem.schema.ts";
import { type ProblemCode, problemBody, problemCatalogue } from "./problems.ts";

/** An OpenAPI 3.1 document, as far as this API uses it. */
export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Partial<Record<Method, OperationObject>>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly examples: Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>;
    readonly headers: Readonly<Record<string, { readonly description: string; readonly schema: JsonSchema }>>;
    readonly responses: Readonly<Record<string, ResponseObject>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
  readonly "x-pages": readonly PageRoute[];
}

export interface OperationObject {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  /** The role that a staff key needs at least. */
  readonly "x-role"?: string;
  /** The scope that a partner's key needs; null: any server's key will do. */
  readonly "x-scope"?: string | null;
  readonly parameters: readonly ParameterObject[];
  readonly requestBody?: {
    readonly required: true;
    readonly content: Readonly<Record<string, MediaType>>;
  };
  readonly responses: Readonly<Record<string, ResponseObject>>;
  /** Whole requests that get the 2xx answer of this operation. */
  readonly "x-requests": readonly RequestExample[];
}

export interface ParameterObject {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
  readonly example?: string;
}

export interface ResponseObject {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly $ref: string }>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}

interface MediaType {
  readonly schema: JsonSchema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, object>>;
}

const EXAMPLE_REQUEST = "01936d9e-8c4b-7f00-9a51-4c1f2b7d0e36";

/**
 * The document of the parts. Throws when a schema can't be told as JSON Schema.
 * @param about.publicUrl where the API is served, without a slash at the end
 */
export function openApiDocument(
  parts: readonly ApiPart[],
  about: { readonly title: string; readonly description: string; readonly publicUrl: string },
): OpenApiDocument {
  const named = Object.assign({ Problem: ProblemDocument }, ...parts.map(({ schemas }) => schemas ?? {}));
  const paths: Record<string, Partial<Record<Method, OperationObject>>> = {};
  for (const part of parts) {
    for (const operation of part.operations) {
      const { path, method } = operation;
      paths[path] = { ...paths[path], [method]: operationObject(operation, part.name, named) };
    }
  }
  return {
    openapi: "3.1.0",
    info: { title: about.title, version: "1", description: about.description },
    servers: [{ url: about.publicUrl }],
    tags: parts.flatMap(({ name, description, operations }) => (operations.length > 0 ? [{ name, description }] : [])),
    paths,
    components: {
      schemas: jsonSchemas(named),
      examples: Object.fromEntries(problemCodes.map((code) => [code, problemExample(code, about.publicUrl)])),
      headers: Object.fromEntries(
        Object.entries(answerHeaders).map(([name, description]) => [name, { description, schema: { type: "string" } }]),
      ),
      responses: { MethodNotAllowed: problemAnswer(["method_not_allowed"]) },
      securitySchemes: {
        staff: { type: "http", scheme: "bearer", description: "A key of the municipality's staff: `fm_staff_…`." },
        partner: { type: "http", scheme: "bearer", description: "A partner organisation's key: `fm_partner_…`." },
        creator: { type: "http", scheme: "bearer", description: "The token of the petition's creator." },
      },
    },
    "x-pages": parts.flatMap(({ pages }) => pages ?? []),
  };
}

type Named = Readonly<Record<string, v.GenericSchema>>;

function operationObject(operation: Operation, tag: string, named: Named): OperationObject {
  const { body, answer, otherAnswer, examples } = operation;
  const forPartners = operation.partner ? PARTNER_HEADERS : [];
  const bodies = examples.filter((example) => example.body !== undefined);
  return {
    operationId: operation.id,
    tags: [tag],
    summary: operation.summary,
    description: operation.description,
    security: securityOf(operation),
    ...(operation.staff && { "x-role": operation.staff }),
    ...(operation.partner && { "x-scope": operation.partner.scope }),
    parameters: parametersOf(operation),
    ...(body && {
      requestBody: {
        required: true,
        content: {
          [operation.bodyType ?? "application/json"]: {
            schema: jsonSchema(body, named),
            examples: Object.fromEntries(
              bodies.map(({ summary, body: value }, index) => [`example_${index + 1}`, { summary, value }]),
            ),
          },
        },
      },
    }),
    responses: {
      [answer.status]: answerObject(answer, named, forPartners),
      ...(otherAnswer && { [otherAnswer.status]: answerObject(otherAnswer, named, forPartners) }),
      ...(answer.conditional && {
        304: { description: "What you hold is still right.", headers: headerRefs(answer.headers) },
      }),
      ...problemAnswers(problemsOf(operation), forPartners),
    },
    "x-requests": examples,
  };
}

function securityOf({ staff, creator, partner }: Operation): Record<string, readonly string[]>[] {
  if (staff) return [{ staff: [] }];
  if (creator) return [{ creator: [] }];
  if (!partner) return [];
  return partner.may ? [{}, { partner: [] }] : [{ partner: [] }];
}

/** `headers`: what it may carry beside its own. */
const answerObject = (answer: Answer, named: Named, headers: readonly HeaderName[]): ResponseObject => ({
  description: answer.description,
  headers: headerRefs([...new Set([...answer.headers, ...headers])]),
  content: {
    [answer.contentType ?? "application/json"]: { schema: jsonSchema(answer.schema, named), example: answer.example },
    ...(answer.otherType && { [answer.otherType]: { schema: { type: "string" } } }),
  },
});

/** Everything that can go wrong with an operation. */
export const problemsOf = ({ decides, problems }: Operation): ProblemCode[] => [
  ...problems,
  ...(decides ? (["precondition_required", "precondition_failed"] as const) : []),
  ...ANYWHERE,
];

function parametersOf({ parameters = [], query, answer, decides }: Operation): ParameterObject[] {
  const given = parameters.map((parameter) => ({
    ...parameter,
    required: parameter.in === "path",
    schema: { type: "string" },
  }));
  const { properties = {}, required = [] } = query ? jsonSchema(query) : {};
  const asked = Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query" as const,
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
  }));
  const condition = {
    name: "If-None-Match",
    in: "header" as const,
    required: false,
    description: "The `ETag` that you hold.",
    schema: { type: "string" },
  };
  const decision = {
    name: "If-Match",
    in: "header" as const,
    required: true,
    description: "The `ETag` of what you decide on, from reading it.",
    schema: { type: "string" },
    example: '"1"',
  };
  return [...given, ...asked, ...(answer.conditional ? [condition] : []), ...(decides ? [decision] : [])];
}

/** One response a status; the codes are the keys of its examples. `headers`: what each may carry beside its own. */
function problemAnswers(codes: readonly ProblemCode[], headers: readonly HeaderName[]): Record<string, ResponseObject> {
  const statuses = Map.groupBy(codes, (code) => problemCatalogue[code].status);
  return Object.fromEntries([...statuses].map(([status, alike]) => [status, problemAnswer(alike, headers)]));
}

function problemAnswer(codes: readonly ProblemCode[], headers: readonly HeaderName[] = []): ResponseObject {
  return {
    description: codes.map((code) => `\`${code}\`: ${problemCatalogue[code].title}.`).join(" "),
    headers: headerRefs([...new Set([...codes.flatMap(problemHeaders), ...headers])]),
    content: {
      "application/problem+json": {
        schema: { $ref: "#/components/schemas/Problem" },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  };
}

const ERRORS: Partial<Record<ProblemCode, { pointer: string; code: string; detail: string }>> = {
  invalid_request: { pointer: "/email", code: "email", detail: "is not an e-mail address" },
  illegal_state: { pointer: "/state", code: "closed", detail: "is the state that the petition is in" },
  misconfigured: { pointer: "ROOT_KEY", code: "setting", detail: "ROOT_KEY is missing" },
};

function problemExample(code: ProblemCode, publicUrl: string): { summary: string; value: unknown } {
  const errors = ERRORS[code] ? [ERRORS[code]] : [];
  return {
    summary: problemCatalogue[code].title,
    value: problemBody(code, { errors, requestId: EXAMPLE_REQUEST, typeBase: publicUrl }),
  };
}

const headerRefs = (names: readonly string[]): Record<string, { $ref: string }> =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
