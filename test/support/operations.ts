import { env } from "cloudflare:workers";
import { partnerScopes } from "../../src/db/partner-schema.ts";
import { EXAMPLE_PARTNER_KEY, EXAMPLE_PETITION, type Operation } from "../../src/http/openapi.ts";
import { problemsOf } from "../../src/http/openapi-document.ts";
import type { ProblemCode } from "../../src/http/problems.ts";
import { durableLimiter } from "../../src/limits/durable-limiter.ts";
import { Limiter } from "../../src/limits/limiter.ts";
import { DEFAULT_POLICIES } from "../../src/limits/policies.ts";
import { defaultRules } from "../../src/limits/rule-book.ts";
import { coldIsolate, faultyDatabase } from "./isolate.ts";
import { newKey, newPartner } from "./partners.ts";
import { freshAddress } from "./resident.ts";
import { staffKey } from "./staff.ts";
import { openPetition, rootKeys } from "./town.ts";

declare global {
  interface ImportMeta {
    /** Vite's: all modules that match. */
    glob(pattern: string, options: { eager: true }): Record<string, unknown>;
  }
}

/** A request that gets a problem. */
export type Trigger = () => Promise<Response>;

type Triggers = Readonly<Record<string, Partial<Record<ProblemCode, Trigger>>>>;

/** Makes what an operation's example speaks of: what to put in the place of its ids and other values. */
type Stage = () => Promise<Record<string, string>>;

/** What a feature knows of its operations, by their ids: test/api/operations/. */
interface Knowledge {
  readonly stages?: Readonly<Record<string, Stage>>;
  /** Problems that no rule for all of staff's operations brings about. */
  readonly problems?: Triggers;
}

const features = Object.values(import.meta.glob("../api/operations/*.ts", { eager: true })) as Knowledge[];

export const stages: Readonly<Record<string, Stage>> = Object.assign({}, ...features.map(({ stages: own }) => own));
// Two features may know problems of one operation.
const known = Map.groupBy(
  features.flatMap(({ problems = {} }) => Object.entries(problems)),
  ([id]) => id,
);
export const problemTriggers: Triggers = Object.fromEntries(
  [...known].map(([id, all]) => [id, Object.assign({}, ...all.map(([, own]) => own))]),
);

const LOCAL_KEY = "fm_staff_local";

/** The first example of one of staff's operations as a request, with what exists in it; `key: null` sends none. */
export async function staffRequest(
  { id, method, examples: [example] }: Operation,
  {
    key = LOCAL_KEY,
    body,
    petition,
    headers: more = {},
  }: { key?: string | null; body?: string; petition?: string; headers?: Record<string, string | null> } = {},
): Promise<{ path: string; init: RequestInit }> {
  if (!example) throw new Error(`${id} has no example`);
  const named = { [EXAMPLE_PETITION]: "", ...(await stages[id]?.()) };
  named[EXAMPLE_PETITION] = petition ?? (named[EXAMPLE_PETITION] || (await openPetition()).id);
  const here = (text: string) => Object.entries(named).reduce((all, [from, to]) => all.replaceAll(from, to), text);
  const isText = typeof example.body === "string";
  const headers = {
    "CF-Connecting-IP": freshAddress(),
    ...(example.body === undefined ? {} : { "Content-Type": isText ? "text/plain" : "application/json" }),
    ...Object.fromEntries(Object.entries(example.headers ?? {}).map(([name, value]) => [name, here(value)])),
    Authorization: key === null ? null : `Bearer ${key}`,
    ...more,
  };
  const sent = body ?? (isText ? String(example.body) : JSON.stringify(example.body));
  return {
    path: here(example.path),
    init: {
      method: method.toUpperCase(),
      headers: Object.fromEntries(
        Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null),
      ),
      ...(example.body === undefined ? {} : { body: here(sent) }),
    },
  };
}

/** The first example of a partner's operation as a request with a key: one that may do everything, unless another is given. */
export async function partnerRequest(
  { id, method, examples }: Operation,
  { key, headers = {} }: { key?: string | null; headers?: Record<string, string> } = {},
): Promise<{ path: string; init: RequestInit }> {
  const example = examples.find((one) => one.headers?.Authorization) ?? examples[0];
  if (!example) throw new Error(`${id} has no example`);
  const petition = (await openPetition()).id;
  const named: Record<string, string> = { [EXAMPLE_PETITION]: petition, ...(await stages[id]?.()) };
  const own = key === undefined ? (named[EXAMPLE_PARTNER_KEY] ?? (await newKey(await newPartner())).key) : key;
  const here = (text: string) => Object.entries(named).reduce((all, [from, to]) => all.replaceAll(from, to), text);
  return {
    path: here(example.path),
    init: {
      method: method.toUpperCase(),
      headers: {
        "CF-Connecting-IP": freshAddress(),
        ...example.headers,
        ...(example.body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(own === null ? { Authorization: "" } : { Authorization: `Bearer ${own}` }),
        ...headers,
      },
      ...(example.body === undefined ? {} : { body: here(JSON.stringify(example.body)) }),
    },
  };
}

/** A key with which as many requests have been sent as may be. */
async function busyKey(): Promise<string> {
  const { id, key } = await newKey(await newPartner());
  const limiter = new Limiter(durableLimiter(env.LIMITER), rootKeys, Date.now, async () => defaultRules(true));
  const use = { policy: "partner_requests", scope: "" } as const;
  await limiter.count(
    `partner-key:${id.slice(4)}`,
    Array.from({ length: DEFAULT_POLICIES[use.policy].limit }, () => use),
  );
  return key;
}

/** Ways to the problems that partners' operations have in common. */
export function partnerTriggers(operation: Operation): Partial<Record<ProblemCode, Trigger>> {
  const send = async (variant: Parameters<typeof partnerRequest>[1], at = coldIsolate(), query = "") => {
    const { path, init } = await partnerRequest(operation, variant);
    return at.fetch(query === "" ? path : `${path}${path.includes("?") ? "&" : "?"}${query}`, init);
  };
  const other = partnerScopes.find((scope) => scope !== operation.partner?.scope) as string;
  const all: Partial<Record<ProblemCode, Trigger>> = {
    unauthorized: () => send({ key: null }),
    server_key: () => send({ headers: { Origin: "https://page.example" } }),
    not_found: async () => {
      const terms =
        operation.partner?.scope === null
          ? { scopes: ["signatures:write"], origins: ["https://a.example"] }
          : { scopes: [other] };
      const headers = operation.partner?.scope === null ? { Origin: "https://a.example" } : {};
      return send({ key: (await newKey(await newPartner(), terms)).key, headers });
    },
    invalid_request: () => send({}, coldIsolate(), "nothing=known"),
    invalid_cursor: () => send({}, coldIsolate(), "cursor=made-up"),
    rate_limited: async () => send({ key: await busyKey() }),
    unavailable: () => send({}, coldIsolate({ DB: faultyDatabase(() => true) })),
  };
  const documented = problemsOf(operation);
  return Object.fromEntries(Object.entries(all).filter(([code]) => documented.includes(code as ProblemCode)));
}

/** Ways to the problems that staff's operations have in common, for those that the operation documents. */
export function staffTriggers(operation: Operation): Partial<Record<ProblemCode, Trigger>> {
  type Variant = Parameters<typeof staffRequest>[1];
  const send = async (variant: Variant, at = coldIsolate(), query = "") => {
    const { path, init } = await staffRequest(operation, variant);
    return at.fetch(query === "" ? path : `${path}${path.includes("?") ? "&" : "?"}${query}`, init);
  };
  const withBody = operation.body !== undefined;
  const all: Partial<Record<ProblemCode, Trigger>> = {
    unauthorized: () => send({ key: null }),
    unavailable: () => send({}, coldIsolate({ DB: faultyDatabase(() => true) })),
    invalid_json: () => send({ body: "{" }),
    payload_too_large: () => send({ body: `"${"x".repeat(300_000)}"` }),
    unsupported_media_type: () => send({ headers: { "Content-Type": "text/html" } }),
    invalid_request: () =>
      withBody ? send({ body: '{"nothing":"known"}' }) : send({}, coldIsolate(), "nothing=known"),
    invalid_cursor: () => send({}, coldIsolate(), "cursor=made-up"),
    not_found: async () =>
      operation.staff === "viewer" ? send({ petition: EXAMPLE_PETITION }) : send({ key: await staffKey("viewer") }),
    precondition_required: () => send({ headers: { "If-Match": null } }),
    precondition_failed: () => send({ headers: { "If-Match": '"999"' } }),
  };
  const documented = problemsOf(operation);
  return Object.fromEntries(Object.entries(all).filter(([code]) => documented.includes(code as ProblemCode)));
}
