import { type ConversionConfig, toJsonSchema, toJsonSchemaDefs } from "@valibot/to-json-schema";
import type * as v from "valibot";

/** A JSON Schema (2020-12) with the keywords that the API's description uses. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly format?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** What an action means to a client: keywords of JSON Schema, and in words what no keyword says. */
interface Meaning extends Omit<JsonSchema, "description" | "pattern"> {
  readonly says?: string;
  /** `undefined` takes back the pattern of an earlier action. */
  readonly pattern?: string | undefined;
}

/**
 * Tells what a check or a transformation means, for which JSON Schema can't know it: the description of the API has it.
 * @example v.pipe(v.string(), inJsonSchema(v.check(isOneLine, "forbidden_characters"), { says: "One line." }))
 */
export const inJsonSchema = <Action extends object>(action: Action, meaning: Meaning): Action & { meaning: Meaning } =>
  Object.assign(action, { meaning });

// Where sentences wait while a pipe is being converted: Valibot's own `description` would replace them.
const SAYINGS = "x-says";

type Convert = NonNullable<ConversionConfig["overrideAction"]>;
type Converted = Parameters<Convert>[0]["jsonSchema"];

/** Without a meaning, a check or a transformation has no override, and the conversion throws. */
const convertAction: Convert = ({ valibotAction, jsonSchema, errors }) => {
  const { meaning, type, requirement } = valibotAction as { meaning?: Meaning; type: string; requirement?: unknown };
  const schema = jsonSchema as Converted & { [SAYINGS]?: string[] };
  if (meaning) {
    const { says, ...keywords } = meaning;
    const sayings = [...(schema[SAYINGS] ?? []), ...(says ? [says] : [])];
    return { ...schema, ...keywords, [SAYINGS]: sayings } as Converted;
  }
  // Patterns of JSON Schema are Unicode-aware by themselves (2020-12, 6.4): the flag is not lost.
  const unicodeOnly = type === "regex" && (requirement as RegExp).flags === "u" && errors?.length === 1;
  return unicodeOnly ? { ...schema, pattern: (requirement as RegExp).source } : undefined;
};

const config = (names: readonly (readonly [v.GenericSchema, string])[]): ConversionConfig => ({
  target: "draft-2020-12",
  errorMode: "throw",
  overrideAction: convertAction,
  definitions: Object.fromEntries(names.map(([schema, name]) => [name, schema])),
  overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
});

/** Schemas by name, as `components.schemas`. Throws for one that says less as JSON Schema than it checks. */
export function jsonSchemas(named: Readonly<Record<string, v.GenericSchema>>): Record<string, JsonSchema> {
  const converted = toJsonSchemaDefs(named, config([]));
  return Object.fromEntries(Object.entries(converted).map(([name, schema]) => [name, settle(schema as JsonSchema)]));
}

/** One schema, with references to the named ones. Throws like `jsonSchemas`. */
export function jsonSchema(schema: v.GenericSchema, named: Readonly<Record<string, v.GenericSchema>> = {}): JsonSchema {
  const names = Object.entries(named).map(([name, definition]) => [definition, name] as const);
  const { $schema: _, $defs: __, ...converted } = toJsonSchema(schema, config(names));
  return settle(converted as JsonSchema);
}

/** Sentences into the description, defaults into their schema's type, nothing that says nothing. */
function settle({ [SAYINGS]: sayings = [], ...schema }: JsonSchema & { [SAYINGS]?: string[] }): JsonSchema {
  const { properties, required, items, anyOf, description } = schema;
  const texts = [...new Set([...(description ? [description] : []), ...sayings])];
  const [or, nothing] = anyOf ?? [];
  if (or?.type && nothing?.type === "null" && !or.enum) {
    const { anyOf: _, ...around } = schema;
    return settle({ ...or, ...around, [SAYINGS]: sayings, type: [or.type as string, "null"] });
  }
  const whole = {
    ...schema,
    ...(texts.length > 0 ? { description: texts.join(" ") } : {}),
    ...(schema.type === "integer" && typeof schema.default === "string" ? { default: Number(schema.default) } : {}),
    ...(items ? { items: settle(items) } : {}),
    ...(anyOf ? { anyOf: anyOf.map(settle) } : {}),
    ...(properties
      ? { properties: Object.fromEntries(Object.entries(properties).map(([name, of]) => [name, settle(of)])) }
      : {}),
    required: required?.length ? required : undefined,
  };
  return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined)) as JsonSchema;
}
