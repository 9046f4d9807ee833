import type { RequestExample } from "../../../src/http/openapi.ts";
import { realise } from "../examples.ts";
import type { coldIsolate } from "../isolate.ts";
import { freshAddress } from "../resident.ts";
import type { newKeys } from "./keys.ts";
import type { Known } from "./known.ts";
import type { Described, Plan } from "./plans.ts";
import { broken } from "./values.ts";

/** A request as it goes out. */
export interface Sent {
  readonly verb: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
}

interface Town {
  readonly isolate: ReturnType<typeof coldIsolate>;
  readonly known: Known;
  readonly keys: Awaited<ReturnType<typeof newKeys>>;
}

/** An ID of a kind by the collection that it stands below, as far as its prefix does not begin the folder's name. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/\/petitions\/\{id\}/, "pet"],
  [/\/mailings\/\{id\}/, "mlg"],
  [/\/signatures\/\{id\}/, "sig"],
  [/\/alerts\/\{id\}/, "alarm"],
  [/\/releases\/\{id\}/, "rel"],
  [/\/invalidations\/\{id\}/, "inv"],
  [/\/parked\/\{id\}/, "job"],
  [/\/staff\/\{id\}/, "stf"],
  [/\/partners\/\{id\}/, "par"],
  [/\/webhooks\/\{id\}/, "whk"],
];

/** The request of a plan. */
export async function requestOf(town: Town, operation: Described, plan: Plan, n: number): Promise<Sent> {
  const { path, headers, body } =
    plan.from === "example" ? await fromExample(town, operation, plan) : fromSchemas(town, operation, plan, n);
  const verb = plan.verb === "own" ? operation.method.toUpperCase() : plan.verb;
  const bodyless = verb === "GET" || verb === "HEAD";
  return { verb, path, headers: sendable(headers), body: bodyless ? undefined : body };
}

async function fromExample({ isolate, keys }: Town, { method, object }: Described, plan: Plan) {
  const examples = object["x-requests"] as readonly RequestExample[];
  const example = examples[plan.example % examples.length] as RequestExample;
  const { path, init } = await realise(isolate, object.operationId, example, method);
  const headers = plan.key < 0 ? init.headers : { ...init.headers, ...keys.all[plan.key % keys.all.length] };
  if (plan.raw !== null) return { path, headers, body: plan.raw };
  if (plan.flaw === null || init.body === undefined) return { path, headers, body: init.body };
  if (!headers["Content-Type"]?.includes("json"))
    return { path, headers, body: `${init.body}${textOf(plan.flaw.value)}` };
  return { path, headers, body: JSON.stringify(broken(JSON.parse(init.body), plan.flaw)) };
}

function fromSchemas({ known, keys }: Town, operation: Described, plan: Plan, n: number) {
  const kind = KINDS.find(([pattern]) => pattern.test(operation.path))?.[1] ?? "pet";
  const parameters = known.fill(plan.path) as Record<string, unknown>;
  // Most ids exist; the rest are what the plan made up.
  if ("id" in parameters && n % 8 !== 0) parameters.id = known.fill({ $place: kind, n });
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => encoded(textOf(parameters[name])));
  const query = Object.entries(known.fill(plan.query) as Record<string, unknown>)
    .map(([name, value]) => `${name}=${encoded(textOf(value))}`)
    .join("&");
  const given = { ...(known.fill(plan.headers) as Record<string, unknown>) };
  if (given["If-Match"] === '"1"') given["If-Match"] = known.version(path) ?? '"1"';
  if (given["If-None-Match"] === '"1"') given["If-None-Match"] = known.version(path) ?? '"1"';
  const credentials = plan.key < 0 ? keys.wanted(operation) : (keys.all[plan.key % keys.all.length] ?? {});
  const value = plan.flaw === null ? plan.body : broken(plan.body, plan.flaw);
  const written = value === undefined ? undefined : JSON.stringify(known.fill(value));
  return {
    path: query === "" ? path : `${path}?${query}`,
    headers: {
      "CF-Connecting-IP": freshAddress(),
      ...(operation.object.requestBody && { "Content-Type": plan.contentType ?? "" }),
      ...given,
      ...credentials,
    },
    body: plan.raw ?? written,
  };
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

/** As a URL may have it; broken Unicode in the bytes that a careless program sends. */
const encoded = (text: string): string =>
  [...text].map((char) => (/[\ud800-\udfff]/u.test(char) ? "%ED%A0%80" : encodeURIComponent(char))).join("");

/** Headers as HTTP can carry them. */
function sendable(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const kept = Object.entries(headers).map(([name, value]) => [name, textOf(value).replace(/[^\x20-\x7e]/g, "?")]);
  return Object.fromEntries(kept.filter(([, value]) => value !== "")) as Record<string, string>;
}
