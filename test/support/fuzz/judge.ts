import { dereference, type Schema, validate } from "@cfworker/json-schema";
import { answerHeaders } from "../../../src/http/openapi.ts";
import type { OpenApiDocument } from "../../../src/http/openapi-document.ts";
import type { Described } from "./plans.ts";
import { MARKER } from "./values.ts";

/** Switches that staff may have set; nothing else may be out of order here. */
const PAUSED = new Set(["signing_paused", "creation_paused"]);
/** Absent on a list's last page, without a partner's key, or when nothing of a batch is left to be sent again. */
const SOMETIMES = new Set(["Link", "RateLimit", "RateLimit-Policy", "Retry-After"]);
const KNOWN = Object.keys(answerHeaders);

interface Response_ {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly schema: object; readonly examples?: object }>>;
}

/** Says what contradicts the document in an answer. */
export class Judge {
  readonly #document: OpenApiDocument;
  readonly #schemas: ReturnType<typeof dereference>;

  constructor(document: OpenApiDocument) {
    this.#document = structuredClone(document);
    // Only the schemas: the library takes an example's `id` for a schema's.
    const answers = Object.values(this.#document.paths)
      .flatMap((methods) => Object.values(methods))
      .flatMap(({ responses }) => Object.values(responses) as Response_[])
      .flatMap(({ content = {} }) => Object.values(content).map(({ schema }) => schema));
    const schemas = { components: { schemas: this.#document.components.schemas }, allOf: answers };
    this.#schemas = dereference(schemas as Schema);
  }

  /** The contradictions in an answer to an operation's own method or `HEAD`. */
  async contradictions({ method, path }: Described, answer: Response, verb: string): Promise<string[]> {
    const documented = this.#document.paths[path]?.[method]?.responses[answer.status] as Response_ | undefined;
    const text = await answer.text();
    if (!documented) return [`status ${answer.status} is not documented: ${text.slice(0, 200)}`];
    const found = this.#headers(documented, answer);
    if (verb === "HEAD" || answer.status === 304) return text === "" ? found : [...found, "a body where none may be"];
    const type = answer.headers.get("Content-Type")?.split(";")[0] ?? "";
    const content = documented.content?.[type];
    if (!content) return [...found, `content type ${type} is not documented`];
    if (answer.status >= 400) found.push(...problems(text, content.examples ?? {}, answer.status));
    return [...found, ...this.#body(content.schema, type, text)];
  }

  #headers({ headers = {} }: Response_, answer: Response): string[] {
    const has = KNOWN.filter((name) => answer.headers.has(name));
    const more = has.filter((name) => !(name in headers)).map((name) => `header ${name} is not documented`);
    if (answer.status >= 400) return more;
    const absent = Object.keys(headers).filter((name) => !has.includes(name) && !SOMETIMES.has(name));
    return [...more, ...absent.map((name) => `header ${name} is absent`)];
  }

  #body(schema: object, type: string, text: string): string[] {
    let value: unknown = text;
    if (/[/+]json$/.test(type)) {
      try {
        value = JSON.parse(text);
      } catch {
        return [`not JSON: ${text.slice(0, 100)}`];
      }
    }
    const { valid, errors } = validate(value, schema as Schema, "2020-12", this.#schemas, true);
    return valid ? [] : [`body against its schema: ${JSON.stringify(errors.at(-1))} ${text.slice(0, 400)}`];
  }
}

/** What is wrong with a problem, whatever operation it is of. */
export function problems(text: string, codes: object, status: number): string[] {
  let problem: { code?: string; status?: number };
  try {
    problem = JSON.parse(text) as typeof problem;
  } catch {
    return [`not a problem: ${text.slice(0, 200)}`];
  }
  const found: string[] = [];
  const code = String(problem.code);
  if (!(code in codes)) found.push(`code ${code} is not documented`);
  if (problem.status !== status) found.push(`status ${status} says ${problem.status}`);
  if (status >= 500 && !PAUSED.has(code)) found.push(`${status} ${code}`);
  if (text.toLowerCase().includes(MARKER)) found.push(`echo: ${text}`);
  return found;
}
