import type { JsonSchema } from "./json-schema.ts";

interface Row {
  readonly name: string;
  /** Whether it must be there, and where. */
  readonly note: string;
  readonly schema: JsonSchema;
}

type Schemas = Readonly<Record<string, JsonSchema>>;

/** A table of fields with what they hold and how they are constrained. A schema with alternatives is several tables. */
export function Fields({
  caption,
  rows,
  schema,
  schemas,
}: {
  caption: string;
  rows?: readonly Row[];
  schema?: JsonSchema;
  schemas: Schemas;
}) {
  if (rows) return <Table caption={caption} rows={rows} />;
  const whole = resolve(schema ?? {}, schemas);
  const forms = whole.anyOf ?? [whole];
  return (
    <>
      {forms.map((form, index) => (
        <>
          {index > 0 ? <p>or</p> : null}
          <Table
            caption={forms.length > 1 ? `${caption}, form ${index + 1}` : caption}
            rows={rowsOf(form, schemas, "")}
          />
        </>
      ))}
    </>
  );
}

function Table({ caption, rows }: { caption: string; rows: readonly Row[] }) {
  return (
    <table>
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">What it holds</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, note, schema }) => (
          <tr>
            <th scope="row">
              <code>{name}</code>
              {note ? <span class="quiet">{note}</span> : null}
            </th>
            <td>
              <Prose text={[describe(schema), schema.description].filter(Boolean).join("\n\n")} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Text with `code` in backticks; a blank line parts paragraphs. */
export function Prose({ text }: { text: string }) {
  return (
    <>
      {text.split("\n\n").map((paragraph) => (
        <p>{paragraph.split("`").map((part, index) => (index % 2 === 1 ? <code>{part}</code> : part))}</p>
      ))}
    </>
  );
}

/** One row a field, fields of objects and of lists' entries included: `creator.name`, `data[].id`. */
function rowsOf(schema: JsonSchema, schemas: Schemas, prefix: string): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, given]) => {
    const field = { ...resolve(given, schemas), ...(given.description ? { description: given.description } : {}) };
    const path = `${prefix}${name}`;
    const note = schema.required?.includes(name) ? "required" : "optional";
    const item = field.items && resolve(field.items, schemas);
    return [
      { name: path, note, schema: item ? { ...field, items: item } : field },
      ...rowsOf(field, schemas, `${path}.`),
      ...(item ? rowsOf(item, schemas, `${path}[].`) : []),
    ];
  });
}

function resolve(schema: JsonSchema, schemas: Schemas): JsonSchema {
  const name = schema.$ref?.replace("#/components/schemas/", "");
  return name === undefined ? schema : (schemas[name] ?? schema);
}

const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "time (ISO 8601)",
  "idn-email": "e-mail address",
  uuid: "UUID",
};

/** Type and constraints in words. */
function describe(schema: JsonSchema): string {
  const { minLength, maxLength, minimum, maximum, minItems, maxItems, pattern } = schema;
  const range = (least: number | undefined, most: number | undefined, of: string) => {
    if (most !== undefined) return `${least === undefined ? "to" : `${least} to`} ${most}${of}`;
    return least === undefined || least === 0 ? undefined : `from ${least}${of}`;
  };
  const said = [
    typeOf(schema),
    range(minLength, maxLength, " characters"),
    range(minItems, maxItems, " entries"),
    range(minimum, maximum, ""),
    // A backtick would end the code that a pattern is shown as; none of ours has one.
    pattern === undefined ? undefined : `pattern \`${pattern}\``,
    schema.default === undefined ? undefined : `default \`${JSON.stringify(schema.default)}\``,
  ];
  const words = said.filter((text) => text !== undefined && text !== "");
  return words.length > 0 ? `${words.join(", ")}.` : "";
}

function typeOf({ const: only, enum: values, type, format, items, additionalProperties, anyOf }: JsonSchema): string {
  if (only !== undefined) return `\`${JSON.stringify(only)}\``;
  if (values) return values.map((value) => `\`${value}\``).join(", ");
  if (anyOf) return anyOf.map(typeOf).join(" or ");
  const names = [type ?? []].flat();
  const first = names[0] ?? "";
  const shown =
    (format && FORMATS[format]) ??
    (items ? `list of ${typeOf(items) || "values"}s` : undefined) ??
    (typeof additionalProperties === "object" ? `object of ${typeOf(additionalProperties)}s by name` : undefined) ??
    first;
  return [shown, ...names.slice(1)].join(" or ");
}
