import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonSchema } from "../src/http/json-schema.ts";
import type { OpenApiDocument } from "../src/http/openapi-document.ts";
import { describeApi } from "../src/openapi.ts";

type Schema = Readonly<Record<string, unknown>>;

/** Where the client's types stand, below the project's folder. */
export const CLIENT_TYPES = "src/client/described.ts";

/** A JSON Schema as TypeScript says it; formats, lengths and patterns are the server's to check. */
function typeOf(schema: Schema): string {
  if (typeof schema.$ref === "string") return schema.$ref.replace("#/components/schemas/", "");
  if (Array.isArray(schema.enum)) return [...new Set(schema.enum)].map((value) => JSON.stringify(value)).join(" | ");
  if ("const" in schema) return JSON.stringify(schema.const);
  const either = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  if (either) return either.map((one) => (one.type === "object" ? `(${typeOf(one)})` : typeOf(one))).join(" | ");
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(" | ");
  if (schema.type === "array") return `readonly (${typeOf((schema.items ?? {}) as Schema)})[]`;
  if (schema.type === "object") return objectType(schema);
  const plain: Record<string, string> = {
    integer: "number",
    number: "number",
    string: "string",
    boolean: "boolean",
    null: "null",
  };
  return plain[String(schema.type)] ?? "unknown";
}

function objectType({ properties = {}, required = [], additionalProperties }: Schema): string {
  const fields = Object.entries(properties as Record<string, Schema>).map(
    ([name, property]) =>
      `readonly ${named(name)}${(required as string[]).includes(name) ? "" : "?"}: ${typeOf(property)}`,
  );
  const more = typeof additionalProperties === "object" ? typeOf(additionalProperties as Schema) : undefined;
  if (fields.length === 0) return more ? `Readonly<Record<string, ${more}>>` : "Readonly<Record<string, never>>";
  return `{ ${fields.join("; ")} }`;
}

const named = (name: string): string => (/^[a-z_]\w*$/i.test(name) ? name : JSON.stringify(name));

type Described = NonNullable<OpenApiDocument["paths"][string]["get"]>;

/** What a caller gives: path and query parameters by their names, and the body. */
function argumentsOf({ parameters = [], requestBody }: Described): string {
  const fields = parameters
    .filter((parameter) => parameter.in !== "header")
    .map(({ name, in: where, required, schema }) => {
      const type = where === "path" ? "string" : typeOf(schema as Schema);
      return `readonly ${named(name)}${required ? "" : "?"}: ${type}`;
    });
  const [content] = Object.values(requestBody?.content ?? {});
  if (content) fields.push(`readonly body: ${typeOf(content.schema as Schema)}`);
  return fields.length === 0 ? "Readonly<Record<string, never>>" : `{ ${fields.join("; ")} }`;
}

function answerOf({ responses }: Described): string {
  const good = Object.entries(responses).filter(([status]) => status.startsWith("2"));
  const types = good.flatMap(([, { content = {} }]) =>
    Object.entries(content).map(([type, { schema }]) =>
      type === "application/json" ? typeOf(schema as Schema) : "string",
    ),
  );
  return [...new Set(types)].join(" | ");
}

/** Schemas that some types speak of, with those that they speak of in turn. */
function spokenOf(texts: readonly string[], schemas: Readonly<Record<string, JsonSchema>>): string[] {
  const found = new Set<string>();
  const visit = (text: string): void => {
    for (const [name, schema] of Object.entries(schemas)) {
      if (found.has(name) || !new RegExp(`\\b${name}\\b`).test(text.replace(/"[^"]*"/g, ""))) continue;
      found.add(name);
      visit(typeOf(schema as Schema));
    }
  };
  for (const text of texts) visit(text);
  return Object.keys(schemas).filter((name) => found.has(name));
}

/** The client's types and routes: everything that needs no key of staff. */
export function clientTypes(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, object]) => object["x-role"] === undefined)
      .map(([method, object]) => ({ path, method: method.toUpperCase(), object })),
  );
  const signatures = operations.map(({ object }) => ({
    id: object.operationId,
    text: `{ args: ${argumentsOf(object)}; answer: ${answerOf(object)} }`,
    summary: object.summary,
  }));
  const names = spokenOf([...signatures.map(({ text }) => text), "Problem"], document.components.schemas);
  const schemas = names.map((name) => `export type ${name} = ${typeOf(document.components.schemas[name] as Schema)};`);
  const routes = operations.map(({ path, method, object }) => {
    const query = (object.parameters ?? []).filter((one) => one.in === "query").map(({ name }) => name);
    const keyed = (object.parameters ?? []).some(({ name }) => name === "Idempotency-Key");
    return `  ${object.operationId}: { method: "${method}", path: "${path}", query: ${JSON.stringify(query)}, keyed: ${keyed} },`;
  });
  return `// Written from the API's description by \`npm run client:types\`; a test holds it against the description.

${schemas.join("\n")}

/** What each operation takes and gives. */
export interface Operations {
${signatures.map(({ id, text, summary }) => `  /** ${summary}. */\n  ${id}: ${text};`).join("\n")}
}

/** Where each operation is; \`keyed\`: whether it takes an \`Idempotency-Key\`. */
export const routes = {
${routes.join("\n")}
} as const;
`;
}

if (import.meta.main) {
  const document = describeApi({ municipality: "", publicUrl: "http://localhost" });
  writeFileSync(join(import.meta.dirname, "..", CLIENT_TYPES), clientTypes(document));
}
