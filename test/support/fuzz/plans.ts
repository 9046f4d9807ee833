import fc from "fast-check";
import type { Method } from "../../../src/http/openapi.ts";
import type { OpenApiDocument } from "../../../src/http/openapi-document.ts";
import { type Break, breaks, hostile, MARKER, Values } from "./values.ts";

/** An operation of the document. */
export interface Described {
  readonly method: Method;
  readonly path: string;
  readonly object: NonNullable<OpenApiDocument["paths"][string][Method]>;
}

/** What to send, but for the values that only the town knows. */
export interface Plan {
  /** `example`: one of the document's, of things made for it, perhaps broken. `made`: all of it from the schemas. */
  readonly from: "example" | "made";
  readonly example: number;
  /** Which kind of key, by number; -1: the one that the operation wants. */
  readonly key: number;
  readonly path: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  /** One thing wrong with the body. */
  readonly flaw: Break | null;
  /** Bytes instead of the body. */
  readonly raw: string | null;
  readonly contentType: string | null;
  readonly verb: "own" | "HEAD" | "OPTIONS" | "PATCH" | "DELETE" | "POST";
}

const RAW = [
  ...["", "{", "null", "[]", '""', "0", "\ufeff{}", '{"name":"a","name":"b"}', `{"__proto__":{"${MARKER}":1}}`],
  ...[`{"constructor":{"prototype":{"x":"${MARKER}"}}}`, "[".repeat(5_000), '{"a":'.repeat(3_000), "\u0000", "1e999"],
  ...[
    `{"token":"${"x".repeat(40_000)}"}`,
    `"${"x".repeat(300_000)}"`,
    "a=1&b=2",
    `code,name\n${MARKER},x\n`,
    '"\\ud800"',
  ],
  ...["code,label,population\nnorth,North Ward,1000\nsouth,South Ward,3000\n", "postcode,area\nBW1 1AA,north\n"],
  ...['code,label\n"never closed', "2001:db8::/32\n", "example.org\n", `${MARKER}\n`, "\r\n\r\n"],
];

const TYPES = ["text/html", "", "application/json; charset=utf-16", "application/x-www-form-urlencoded", "text/csv"];

/** The document's content type with what some programs add. */
const contentTypes = (own: string) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(own) },
    { weight: 1, arbitrary: fc.constant(`${own}; charset=UTF-8`) },
    { weight: 1, arbitrary: fc.constantFrom(...TYPES) },
  );

const IF_MATCH = ['"1"', '"0"', '"2"', "*", "", "1", 'W/"1"', '"99999999999999999999"', `"${MARKER}"`];

/** Plans of requests to an operation. */
export function plans(document: OpenApiDocument, { object }: Described): fc.Arbitrary<Plan> {
  const values = new Values(document);
  const parameters = object.parameters ?? [];
  const mostly = (arbitrary: fc.Arbitrary<unknown>) =>
    fc.oneof({ weight: 9, arbitrary }, { weight: 1, arbitrary: hostile });
  const of = (where: string, optional: boolean) =>
    fc.record(
      Object.fromEntries(
        parameters
          .filter((parameter) => parameter.in === where)
          .map(({ name, schema }) => [
            name,
            name === "If-Match" || name === "If-None-Match"
              ? fc.constantFrom(...IF_MATCH)
              : mostly(where === "path" ? values.valid({ type: "string" }, name) : values.valid(schema, name)),
          ]),
      ),
      optional ? { requiredKeys: [] } : {},
    );
  const [type, content] = Object.entries(object.requestBody?.content ?? {})[0] ?? [];
  const seldom = <Value>(arbitrary: fc.Arbitrary<Value>, weight: number) =>
    fc.oneof({ weight: 10, arbitrary: fc.constant(null) }, { weight, arbitrary });
  return fc.record({
    from: fc.constantFrom("example", "made", "made", "made", "made"),
    example: fc.nat(9),
    key: fc.oneof({ weight: 5, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: fc.nat(99) }),
    path: of("path", false),
    query: of("query", true),
    headers: of("header", true),
    body: content ? values.valid(content.schema) : fc.constant(undefined),
    flaw: seldom(breaks, 6),
    raw: seldom(fc.constantFrom(...RAW), type === "application/json" ? 1 : 20),
    contentType: contentTypes(type ?? "application/json"),
    verb: fc.oneof(
      { weight: 24, arbitrary: fc.constant("own" as const) },
      { weight: 1, arbitrary: fc.constantFrom("HEAD", "OPTIONS", "PATCH", "DELETE", "POST" as const) },
    ),
  });
}
