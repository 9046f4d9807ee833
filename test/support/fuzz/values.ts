import fc from "fast-check";
import type { OpenApiDocument } from "../../../src/http/openapi-document.ts";

/** Stands in every made-up text: whoever meets it in a problem or a log line has found an echo. */
export const MARKER = "zqxmark";

/** A place that a real value takes when the request is sent: the nth known of a kind. */
export interface Place {
  readonly $place: string;
  readonly n: number;
}

type Schema = Readonly<Record<string, unknown>>;

const place = (kind: string): fc.Arbitrary<unknown> => fc.nat(999).map((n): Place => ({ $place: kind, n }));

/** Values that exist in the town, by the names of the fields that take them. */
const TOWN: Readonly<Record<string, readonly string[]>> = {
  area: ["north", "south", "west"],
  channel: ["poster", "letter", "none"],
  topics: ["parks", "roads"],
  topic: ["parks", "roads"],
  department: ["works"],
  postcode: ["BW1 1AA", "BW1 2BB", "XX9 9XX"],
  locale: ["en", "de", "fr", "pl", "de-CH"],
  country: ["GB", "DE"],
  code: ["duplicate", "poster", "parks", "works", "000000"],
  list: ["allow", "block", "domains"],
  kind: ["signing", "creating", "partner"],
  by: ["area", "channel", "hour", "area,channel"],
  format: ["csv", "json", "ndjson"],
};

const IDS: Readonly<Record<string, string>> = {
  petition: "pet",
  petitions: "pet",
  petition_id: "pet",
  ids: "sig",
  message_id: "msg",
  key_id: "key",
};

const moment = fc
  .integer({ min: -40 * 24, max: 40 * 24 })
  .map((hours) => new Date(Date.UTC(2026, 10, 27) + hours * 3_600_000).toISOString());

const text = (min: number, max: number) =>
  fc
    .tuple(fc.string({ unit: "grapheme", maxLength: Math.min(30, max) }), fc.boolean())
    .map(([more, long]) => `${MARKER} ${more}${long ? "x".repeat(Math.min(max, 600)) : ""}`.slice(0, max))
    .filter((made) => made.length >= min);

/** What nobody should send. */
export const hostile: fc.Arbitrary<unknown> = fc.constantFrom<unknown[]>(
  ...["", " ", "\u0000", `${MARKER}\u0000`, `\ud800${MARKER}`, `${MARKER}\udfff`, "\u202e\u2066abc", "__proto__"],
  ...["constructor", "toString", "%00", "../../etc", `<script>${MARKER}</script>`, `' OR 1=1 -- ${MARKER}`, "=1+1"],
  ...["x".repeat(5_000), "😀".repeat(300), "ﷺ".repeat(100), "\u0130\u0131ß", "a\r\nX-Injected: 1", "null", "NaN"],
  ...["2026-02-30", "0000-00-00", "9999-12-31T23:59:59.999Z", "+275760-09-13T00:00:00.001Z", "-000001-01-01"],
  ...["2026-11-27T25:00:00Z", "1e400", "-0", "0x10", "٣", "pet_", "pet_00000000-0000-0000-0000-000000000000"],
  ...[-1, 0, 1.5, 1e308, -1e308, 2 ** 53, 2 ** 31, -(2 ** 63), 1e-320],
  ...[null, true, false, [], {}, [[]], [null], { [MARKER]: MARKER }, { toString: 1 }, { length: 1e9 }],
);

/** Builds arbitraries of the document's JSON Schemas. */
export class Values {
  readonly #document: OpenApiDocument;

  constructor(document: OpenApiDocument) {
    this.#document = document;
  }

  /** Values that a schema takes, most of them; `name` is the field's, by which values are chosen that mean something. */
  valid(given: unknown, name = "", depth = 0): fc.Arbitrary<unknown> {
    const schema = this.#resolved(given);
    if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]));
    if ("const" in schema) return fc.constant(schema.const);
    const either = (schema.anyOf ?? schema.oneOf) as unknown[] | undefined;
    if (either) return fc.oneof(...either.map((one) => this.valid(one, name, depth)));
    if (Array.isArray(schema.type)) {
      return fc.oneof(...schema.type.map((type) => this.valid({ ...schema, type }, name, depth)));
    }
    if (schema.type === "object") return this.#object(schema, depth);
    if (schema.type === "array") return this.#array(schema, name, depth);
    if (schema.type === "boolean") return fc.boolean();
    if (schema.type === "null") return fc.constant(null);
    if (schema.type === "integer" || schema.type === "number") {
      const { minimum: min = 0, maximum: max = 1_000 } = schema as { minimum?: number; maximum?: number };
      return fc.oneof(fc.integer({ min: Math.ceil(min), max: Math.floor(max) }), fc.constantFrom(min, max));
    }
    if (schema.type === "string") return this.#string(schema, name);
    return fc.constantFrom<unknown>(MARKER, 1, null);
  }

  #resolved(schema: unknown): Schema {
    const ref = (schema as Schema).$ref;
    if (typeof ref !== "string") return schema as Schema;
    const found = this.#document.components.schemas[ref.replace("#/components/schemas/", "")];
    if (!found) throw new Error(`no schema ${ref}`);
    return found as Schema;
  }

  #object(schema: Schema, depth: number): fc.Arbitrary<unknown> {
    const {
      properties = {},
      required = [],
      additionalProperties,
      propertyNames,
    } = schema as {
      properties?: Record<string, Schema>;
      required?: string[];
      additionalProperties?: Schema | boolean;
      propertyNames?: Schema;
    };
    const fields = fc.record(
      Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, this.valid(property, name, depth + 1)]),
      ),
      { requiredKeys: required },
    );
    if (typeof additionalProperties !== "object" || depth > 4) return fields;
    const names = (propertyNames ? this.valid(propertyNames, "locale") : fc.constantFrom("en", "de")).map(String);
    const more = fc.dictionary(names, this.valid(additionalProperties, "", depth + 1), { maxKeys: 3 });
    return fc.tuple(fields, more).map(([known, others]) => ({ ...others, ...known }));
  }

  #array(schema: Schema, name: string, depth: number): fc.Arbitrary<unknown> {
    const {
      items = {},
      minItems = 0,
      maxItems = 5,
    } = schema as {
      items?: Schema;
      minItems?: number;
      maxItems?: number;
    };
    return fc.array(this.valid(items, name, depth + 1), {
      minLength: minItems,
      maxLength: Math.max(minItems, Math.min(maxItems, 4)),
    });
  }

  #string(schema: Schema, name: string): fc.Arbitrary<unknown> {
    const {
      pattern,
      format,
      minLength = 0,
      maxLength = 2_000,
    } = schema as {
      pattern?: string;
      format?: string;
      minLength?: number;
      maxLength?: number;
    };
    const prefix = /^\^?([a-z]+)_\[0-9a-f/.exec(pattern ?? "")?.[1] ?? IDS[name];
    if (prefix) return place(prefix);
    if (name === "token" || name.endsWith("_token")) return place("token");
    if (name === "cursor") return place("cursor");
    const known = TOWN[name];
    if (known) return fc.oneof(fc.constantFrom(...known), this.#shaped(pattern, minLength, maxLength));
    if (format === "date-time" || /_at$|^from$|^to$/.test(name)) {
      return fc.tuple(moment, fc.boolean()).map(([at, day]) => (day && format !== "date-time" ? at.slice(0, 10) : at));
    }
    if (format === "date" || name === "date") return moment.map((at) => at.slice(0, 10));
    if (format === "idn-email" || name === "email") {
      return fc.integer({ min: 1, max: 5_000 }).map((n) => `${MARKER}${n}@example.org`);
    }
    if (name === "url" || name === "website") {
      return fc.integer({ min: 1, max: 500 }).map((n) => `https://h${n}.${MARKER}.org/hook`);
    }
    if (name === "origins") return fc.integer({ min: 1, max: 50 }).map((n) => `https://h${n}.example.org`);
    return this.#shaped(pattern, minLength, maxLength);
  }

  #shaped(pattern: string | undefined, min: number, max: number): fc.Arbitrary<unknown> {
    if (!pattern) return text(min, max);
    return fc.stringMatching(new RegExp(pattern, "u"), { maxLength: max }).filter((made) => made.length >= min);
  }
}

/** Every place in a value that can be broken: the objects and arrays that hold it, and its key. */
function spots(value: unknown): { holder: Record<string, unknown>; key: string }[] {
  if (value === null || typeof value !== "object" || "$place" in value) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...spots(holder[key])]);
}

export interface Break {
  readonly how: "drop" | "replace" | "add" | "twice";
  readonly at: number;
  readonly value: unknown;
}

export const breaks: fc.Arbitrary<Break> = fc.record({
  how: fc.constantFrom("drop", "replace", "replace", "replace", "add", "twice" as const),
  at: fc.nat(9_999),
  value: hostile,
});

/** A value with one thing wrong. */
export function broken(value: unknown, { how, at, value: wrong }: Break): unknown {
  const copy: unknown = structuredClone(value);
  const all = spots(copy);
  const spot = all[at % Math.max(1, all.length)];
  if (!spot) return wrong;
  const { holder, key } = spot;
  if (how === "drop") delete holder[key];
  else if (how === "replace") holder[key] = wrong;
  else if (how === "add") holder[`${MARKER}_field`] = wrong;
  else if (Array.isArray(holder)) holder.push(structuredClone(holder[Number(key)]));
  else holder[key] = [holder[key], holder[key]];
  return copy;
}
