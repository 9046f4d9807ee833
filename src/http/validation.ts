import type { Context } from "hono";
import * as v from "valibot";
import { concat } from "../lib/bytes.ts";
import { hasForbiddenCharacters, looksLikeFormula, textLength, tidy } from "../lib/text.ts";
import { inJsonSchema } from "./json-schema.ts";
import { Problem, type ProblemError } from "./problems.ts";

/** Bytes of a resident's request body. */
export const RESIDENT_BODY_BYTES = 32 * 1024;

/** Bytes of the body of many signatures at once. */
export const BATCH_BODY_BYTES = 256 * 1024;

const MAX_REPORTED_ERRORS = 20;

// A byte order mark is dropped, and what is not UTF-8 refused.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/**
 * The request's JSON body, checked against a schema. Raises `unsupported_media_type`, `payload_too_large`,
 * `invalid_json` or `invalid_request`.
 */
export async function parseJsonBody<Schema extends v.GenericSchema>(
  c: Context,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  return checkBody(schema, (await readJsonBody(c, RESIDENT_BODY_BYTES)).json);
}

/**
 * The request's JSON body of at most `limit` bytes, as sent and as a value. Raises `unsupported_media_type`,
 * `payload_too_large` or `invalid_json`.
 */
export async function readJsonBody(c: Context, limit: number): Promise<{ text: string; json: unknown }> {
  const type = c.req.header("Content-Type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new Problem("unsupported_media_type");
  const text = await readBody(c.req.raw, limit);
  return { text, json: parseJson(text) };
}

/** A JSON value, a body or a part of one, checked against a schema. Raises `invalid_request`; its pointers begin there. */
export const checkBody = <Schema extends v.GenericSchema>(schema: Schema, json: unknown): v.InferOutput<Schema> =>
  check(schema, json, "body");

/**
 * The request's body as plain text in UTF-8, of at most `limit` bytes. Raises `unsupported_media_type`,
 * `payload_too_large` or, when it is not UTF-8, `invalid_request`.
 */
export async function parseTextBody(c: Context, limit: number): Promise<string> {
  const type = c.req.header("Content-Type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "text/plain") throw new Problem("unsupported_media_type");
  return readBody(c.req.raw, limit).catch((error: unknown) => {
    if (!(error instanceof Problem) || error.code !== "invalid_json") throw error;
    throw new Problem("invalid_request", { errors: [flaw("", "forbidden_characters")] });
  });
}

/** The fields of a form sent by one of our own pages; same problems as `parseJsonBody`. */
export async function parseForm<Schema extends v.GenericSchema>(
  c: Context,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  return check(schema, await formFields(c), "body");
}

/**
 * The fields of a form sent by one of our own pages, or by a mail program (RFC 8058, which prefers `multipart/form-data`),
 * as typed; those that were left empty are left out. Raises `unsupported_media_type`, `payload_too_large` or `invalid_json`.
 */
export async function formFields(c: Context): Promise<Record<string, string>> {
  const type = c.req.header("Content-Type")?.split(";")[0]?.trim().toLowerCase();
  if (type === "multipart/form-data") return multipartFields(c);
  if (type !== "application/x-www-form-urlencoded") throw new Problem("unsupported_media_type");
  const fields = new URLSearchParams(await readBody(c.req.raw, RESIDENT_BODY_BYTES));
  return Object.fromEntries([...fields].filter(([, value]) => value !== ""));
}

async function multipartFields(c: Context): Promise<Record<string, string>> {
  const headers = { "Content-Type": c.req.header("Content-Type") ?? "" };
  const body = await readBody(c.req.raw, RESIDENT_BODY_BYTES);
  const fields = await new Response(body, { headers }).formData().catch(() => {
    throw new Problem("invalid_json");
  });
  return Object.fromEntries(
    [...fields].filter((field): field is [string, string] => typeof field[1] === "string" && field[1] !== ""),
  );
}

/** A form's fields, checked against a schema, or the names of those that are wrong: the page then says so. */
export function parseFields<Schema extends v.GenericSchema>(
  schema: Schema,
  fields: Record<string, string>,
): { output: v.InferOutput<Schema> } | { flaws: string[] } {
  const result = v.safeParse(schema, fields);
  if (result.success) return { output: result.output };
  return { flaws: result.issues.map((issue) => String(issue.path?.[0]?.key ?? "")) };
}

/** The query string, checked against a schema of strings. A parameter given twice is refused. */
export function parseQuery<Schema extends v.GenericSchema>(c: Context, schema: Schema): v.InferOutput<Schema> {
  const params = new URL(c.req.url).searchParams;
  const twice = [...new Set(params.keys())].find((name) => params.getAll(name).length > 1);
  if (twice !== undefined) throw new Problem("invalid_request", { errors: [flaw("", "repeated_parameter")] });
  return check(schema, Object.fromEntries(params), "query");
}

/**
 * A body's text, of at most `limit` bytes: a longer one is refused before it is held in memory. Raises
 * `payload_too_large` or, when it is not UTF-8, `invalid_json`.
 */
export async function readBody(request: Request, limit: number): Promise<string> {
  try {
    return decoder.decode(await readBytes(request, limit));
  } catch (error) {
    if (error instanceof TypeError) throw new Problem("invalid_json");
    throw error;
  }
}

/** A body's bytes, as `readBody` reads them. Raises `payload_too_large`. */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  const announced = Number(request.headers.get("Content-Length") ?? Number.NaN);
  if (announced > limit) throw new Problem("payload_too_large");
  if (announced <= limit) {
    // As nearly always: no more will come than was announced, and in one piece it comes in a fraction of the time.
    const whole = await request.bytes();
    if (whole.byteLength > limit) throw new Problem("payload_too_large");
    return whole;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > limit) throw new Problem("payload_too_large");
    chunks.push(chunk);
  }
  return concat(...chunks);
}

/** The value of a JSON text. Raises `invalid_json`. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem("invalid_json");
  }
}

function check<Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
  place: "body" | "query",
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  const meant = optionMeant(schema, input);
  if (meant !== schema) return check(meant, input, place);
  const errors = result.issues.slice(0, MAX_REPORTED_ERRORS).map((issue) => describe(issue, schema, place));
  throw new Problem("invalid_request", { errors });
}

/** Of a union of objects the one with which the input shares the most fields: its errors are the ones to tell. */
function optionMeant(schema: v.GenericSchema, input: unknown): v.GenericSchema {
  if (!("options" in schema) || typeof input !== "object" || input === null) return schema;
  const shared = (option: v.GenericSchema) =>
    "entries" in option ? Object.keys(option.entries as object).filter((key) => key in input).length : 0;
  return (schema.options as v.GenericSchema[]).reduce((best, one) => (shared(one) > shared(best) ? one : best), schema);
}

/** Valibot's messages quote the input, and so does the key of an unknown field: only our own words go out. */
function describe(issue: v.BaseIssue<unknown>, schema: v.GenericSchema, place: "body" | "query"): ProblemError {
  if (issue.type === "strict_object") {
    const missing = issue.received === "undefined";
    return missing
      ? flaw(pointerOf(issue, schema, place), "missing")
      : issue.expected === "Object"
        ? flaw(pointerOf(issue, schema, place), "wrong_type")
        : flaw(place === "body" ? "" : "query", "unknown_field");
  }
  const code = issue.message in FLAWS ? (issue.message as Flaw) : "wrong_type";
  return flaw(pointerOf(issue, schema, place), issue.received === "undefined" ? "missing" : code);
}

function pointerOf(issue: v.BaseIssue<unknown>, schema: v.GenericSchema, place: "body" | "query"): string {
  const keys = (issue.path ?? []).map(({ key }) => String(key));
  const top = keys[0];
  const known = "entries" in schema && top !== undefined && Object.hasOwn(schema.entries as object, top);
  if (!known) return place === "body" ? "" : "query";
  return place === "body"
    ? ownKeys(keys, schema)
        .map((key) => `/${key}`)
        .join("")
    : top;
}

const LANGUAGE = /^[a-z]{2,3}(-[A-Za-z0-9]{2,4})?$/;

/** The keys of a path as far as they are ours: what stands where a sender chooses the names ends it, unless it is a language. */
function ownKeys(keys: readonly string[], schema: unknown): readonly string[] {
  let at = schema as {
    wrapped?: unknown;
    entries?: Record<string, unknown>;
    item?: unknown;
    value?: unknown;
    type?: string;
  };
  for (const [index, key] of keys.entries()) {
    while (at?.wrapped) at = at.wrapped as typeof at;
    if (at?.type === "record" && !LANGUAGE.test(key)) return keys.slice(0, index);
    at = (at?.type === "record" ? at.value : (at?.entries?.[key] ?? at?.item)) as typeof at;
  }
  return keys;
}

/** What can be wrong with a field, by code, in our own words: none of them repeats what was sent. */
export const FLAWS = {
  missing: "is required",
  unknown_field: "has a field that is not known",
  repeated_parameter: "a query parameter is given more than once",
  wrong_type: "is not of the type or form that is expected",
  empty: "is empty",
  too_long: "is too long",
  too_many: "has too many entries",
  out_of_range: "is outside the range that is allowed",
  without_time: "has no time: `from` and `to` go with `day` and `hour`",
  not_accepted: "must be true",
  fixed: "can't be changed",
  forbidden_characters: "has control characters or broken Unicode",
  formula: "must not start with = + - or @",
  link: "must not contain a link",
  email: "is not an e-mail address",
  not_an_entry: "is neither an IP address, a range of them, a mail domain nor an e-mail address",
  too_wide: "covers too much: at least /8 for IPv4, /16 for IPv6, and two labels of a domain",
  bad_limit: "has a limit that is not one whole number from 1 to 100,000",
  unknown_word: "has a word that means nothing here; a note begins with #",
  contradiction: "names what an earlier line names, with another limit or another word",
  reason: "does not fit the reason",
  repeated_name: "has a name twice",
  unknown_value: "is not known here",
  not_confirmed: "is neither the petition's title nor its id",
  https_address: "is not an https address",
  public_host: "leads to no name of the internet, or to this service",
  plain_address: "has credentials, a port or a fragment",
  origin: "is not an origin: a scheme, a host and perhaps a port, such as https://union.example",
  public_address: "is not an IP address of the public internet",
  browser_key: "is more than signing, all that a key with origins may do",
  encoding: 'is not UTF-8: save the file as "CSV UTF-8"',
  header: "does not name the columns that are expected, each once",
  cells: "has not as many cells as the first line",
  quotes: "has a quotation mark that is not closed, or that stands beside other text",
  repeated: "names what an earlier line names",
  reserved: "has a meaning of its own",
} as const;

/** What can be wrong with a field; used as the message of a schema's check. */
export type Flaw = keyof typeof FLAWS;

const flaw = (pointer: string, code: Flaw): ProblemError => ({ pointer, code, detail: FLAWS[code] });

/** The problem of one field whose flaw no schema can see. `pointer`: a JSON pointer, or a query parameter's name. */
export const flawed = (pointer: string, code: Flaw): Problem =>
  new Problem("invalid_request", { errors: [flaw(pointer, code)] });

/** A flaw as a schema's message, checked by the compiler. */
export const because = (name: Flaw): Flaw => name;

/** Refuses control characters (but tab and line ends) and lone surrogates. */
export const plainText = () =>
  inJsonSchema(
    v.check((text: string) => !hasForbiddenCharacters(text), because("forbidden_characters")),
    { says: "No control characters, no broken Unicode." },
  );

/** Refuses a text of several lines, or with a tab. */
export const oneLine = () =>
  inJsonSchema(
    v.check((text: string) => !/[\r\n\t]/.test(text), because("forbidden_characters")),
    { says: "One line." },
  );

/** Refuses what a spreadsheet would run. */
export const noFormula = () =>
  inJsonSchema(
    v.check((text: string) => !looksLikeFormula(text), because("formula")),
    { says: "Does not begin with `=`, `+`, `-` or `@`." },
  );

/** Free text: Unicode NFC, trimmed, from 1 to `max` characters, without control characters or lone surrogates. */
export const textField = (max: number) =>
  v.pipe(
    v.string(),
    plainText(),
    inJsonSchema(v.transform(tidy), { says: "Blanks at either end are dropped." }),
    v.minLength(1, because("empty")),
    // JSON Schema counts characters as we do: code points (2020-12, 6.3.1).
    inJsonSchema(
      v.check((text: string) => textLength(text) <= max, because("too_long")),
      { maxLength: max },
    ),
  );
