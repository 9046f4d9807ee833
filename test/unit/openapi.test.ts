import { registerSchema, unregisterSchema, validate } from "@hyperjump/json-schema/openapi-3-1";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { inJsonSchema, type JsonSchema, jsonSchema } from "../../src/http/json-schema.ts";
import type { Operation } from "../../src/http/openapi.ts";
import type { ResponseObject } from "../../src/http/openapi-document.ts";
import { type ProblemCode, problemCatalogue } from "../../src/http/problems.ts";
import { apiParts, describeApi } from "../../src/openapi.ts";
import { NewPetition, PetitionQuery } from "../../src/petitions/petitions.schema.ts";
import { NewSubmission } from "../../src/signatures/signatures.schema.ts";

const OPENAPI = "https://spec.openapis.org/oas/3.1/schema-base";
const DIALECT = "https://spec.openapis.org/oas/3.1/dialect/base";

const document = describeApi({ municipality: "Town of Brackwater", publicUrl: "https://petitions.example" });
const operations = apiParts().flatMap((part) => part.operations);

/** What a JSON document of the same value is; `validate` takes nothing else. */
const asJson = (value: unknown) => JSON.parse(JSON.stringify(value));

async function accepts(schema: JsonSchema, value: unknown): Promise<boolean> {
  const id = "https://petitions.example/schema";
  registerSchema({ ...asJson(schema), $schema: DIALECT }, id);
  try {
    return (await validate(id, asJson(value))).valid;
  } finally {
    unregisterSchema(id);
  }
}

describe("the document", () => {
  test("is valid by the official schema of OpenAPI 3.1, its schemas by that of their dialect", async () => {
    const result = await validate(OPENAPI, asJson(document), "BASIC");
    expect(result).toEqual({ valid: true });
  });

  test.each([
    ["a response without description", { paths: { "/x": { get: { responses: { 200: {} } } } } }],
    ["a schema of an unknown type", { components: { schemas: { X: { type: "text" } } } }],
  ])("would not be valid with %s", async (_, broken) => {
    expect((await validate(OPENAPI, asJson({ ...document, ...broken }))).valid).toBe(false);
  });

  test("has every reference's target", () => {
    const text = JSON.stringify(document);
    const targets = new Set([...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map((match) => match[1] ?? ""));
    expect(targets.size).toBeGreaterThan(20);
    for (const target of targets) {
      const found = target.split("/").reduce((at: unknown, key) => (at as Record<string, unknown>)?.[key], document);
      expect(found, target).toBeDefined();
    }
  });

  test("names each operation once, and says of each in words what it does", () => {
    const ids = operations.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, summary, description, examples, path, parameters = [] } of operations) {
      expect(summary.length, id).toBeGreaterThan(5);
      expect(description.length, id).toBeGreaterThan(20);
      expect(examples.length, id).toBeGreaterThan(0);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect(parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name)).toEqual(inPath);
    }
  });

  test("shows every problem of the catalogue, with its status, under the operations where it can occur", () => {
    const shown = new Set<string>();
    const described = Object.values(document.paths).flatMap((path) => Object.values(path));
    const answers = [
      ...described.flatMap(({ responses }) => Object.entries(responses)),
      ...Object.values(document.components.responses).map((answer): [string, ResponseObject] => ["405", answer]),
    ];
    for (const [status, answer] of answers) {
      for (const code of Object.keys(answer.content?.["application/problem+json"]?.examples ?? {})) {
        shown.add(code);
        expect(String(problemCatalogue[code as ProblemCode].status), code).toBe(status);
      }
    }
    expect([...shown].sort()).toEqual(Object.keys(problemCatalogue).sort());
    expect(Object.keys(document.components.examples).sort()).toEqual(Object.keys(problemCatalogue).sort());
  });

  test("shows problems as they are sent", async () => {
    const { Problem } = document.components.schemas;
    for (const [code, { value }] of Object.entries(document.components.examples)) {
      expect(await accepts(Problem as JsonSchema, value), code).toBe(true);
    }
  });
});

describe("examples", () => {
  test.each(operations.map((operation): [string, Operation] => [operation.id, operation]))(
    "of %s are valid by the schemas that check requests, and by their JSON Schema",
    async (_, { answer, otherAnswer, body, query, examples }) => {
      for (const { schema, example } of otherAnswer ? [answer, otherAnswer] : [answer]) {
        expect(v.safeParse(schema, example).issues).toBeUndefined();
        expect(await accepts(jsonSchema(schema), example)).toBe(true);
      }
      for (const example of examples) {
        expect(example.body === undefined).toBe(body === undefined);
        if (body) {
          expect(v.safeParse(body, example.body).issues).toBeUndefined();
          expect(await accepts(jsonSchema(body), example.body)).toBe(true);
        }
        const asked = Object.fromEntries(new URL(example.path, "https://petitions.example").searchParams);
        if (query) expect(v.safeParse(query, asked).issues).toBeUndefined();
        else expect(asked).toEqual({});
      }
    },
  );
});

describe("what the schemas check", () => {
  const person = { name: "Ada Anchorby", email: "ada@example.org", eligible: true };
  const petition = { title: "Benches", background: "To sit on.", creator: { name: "Ada", email: "ada@example.org" } };

  test.each<[string, v.GenericSchema, unknown, boolean]>([
    ["a name of 255 characters", NewSubmission, { ...person, name: "🪑".repeat(255) }, true],
    ["a name of 256 characters", NewSubmission, { ...person, name: "🪑".repeat(256) }, false],
    ["an empty name", NewSubmission, { ...person, name: "" }, false],
    ["no name", NewSubmission, { ...person, name: undefined }, false],
    ["a field that is not known", NewSubmission, { ...person, shoe_size: 42 }, false],
    ["an eligibility that is not stated", NewSubmission, { ...person, eligible: false }, false],
    ["a country in lower case", NewSubmission, { ...person, country: "gb" }, false],
    ["a postcode with a slash", NewSubmission, { ...person, postcode: "BW1/1" }, false],
    ["a postcode in another script", NewSubmission, { ...person, postcode: "北京 100" }, true],
    ["a title of 100 characters", NewPetition, { ...petition, title: "é".repeat(100) }, true],
    ["a title of 101 characters", NewPetition, { ...petition, title: "é".repeat(101) }, false],
    ["five topics", NewPetition, { ...petition, topics: Array(5).fill("parks") }, true],
    ["six topics", NewPetition, { ...petition, topics: Array(6).fill("parks") }, false],
    ["a creator without address", NewPetition, { ...petition, creator: { name: "Ada" } }, false],
  ])("of %s, their JSON Schema says the same", async (_, schema, value, verdict) => {
    expect(v.safeParse(schema, asJson(value)).success).toBe(verdict);
    expect(await accepts(jsonSchema(schema), value)).toBe(verdict);
  });

  test("and JSON Schema has no word for, the description says", () => {
    const { properties } = jsonSchema(NewSubmission);
    expect(properties?.name?.description).toBe(
      "The person's name. No control characters, no broken Unicode. Blanks at either end are dropped. One line. Does not begin with `=`, `+`, `-` or `@`. No link.",
    );
    expect(properties?.email).toMatchObject({ type: "string", format: "idn-email", maxLength: 320 });
  });

  test("of a number in a query is told as a number", () => {
    expect(jsonSchema(PetitionQuery).properties?.limit).toEqual({
      type: "integer",
      minimum: 1,
      maximum: 50,
      default: 20,
      description: "How many at once.",
    });
  });

  test("is a pattern that every validator reads", () => {
    const patterns = [...JSON.stringify(document).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)];
    expect(patterns.length).toBeGreaterThan(5);
    for (const [, pattern] of patterns) expect(() => new RegExp(JSON.parse(pattern ?? ""), "u")).not.toThrow();
  });
});

describe("a schema that JSON Schema can't tell", () => {
  const isText = (value: string) => value !== "";

  test.each<[string, v.GenericSchema]>([
    [
      "a check without words",
      v.pipe(
        v.string(),
        v.check((text) => text !== "no"),
      ),
    ],
    ["a transformation without words", v.pipe(v.string(), v.transform(Number))],
    [
      "a check behind one with words",
      v.pipe(v.string(), inJsonSchema(v.check(isText), { says: "Yes." }), v.check(isText)),
    ],
    ["a pattern that ignores case", v.pipe(v.string(), v.regex(/^a$/iu))],
    ["a second pattern", v.pipe(v.string(), v.regex(/^a/), v.regex(/b$/u))],
    ["a type that JSON doesn't have", v.date()],
    ["one of them deep within", v.strictObject({ list: v.array(v.optional(v.pipe(v.string(), v.check(isText)))) })],
  ])("is refused: %s", (_, schema) => {
    expect(() => jsonSchema(schema)).toThrow();
  });
});
