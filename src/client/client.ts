import { type Operations, routes } from "./described.ts";
import { errorOf, FolkmootProblem, PartlyDone, type ProblemCode, retryAfterOf, UnexpectedAnswer } from "./problem.ts";
import { RETRY_RULES, type RetryRules, wait, waitBefore } from "./retry.ts";

export type { Operations, ProblemCode };
export { FolkmootProblem, UnexpectedAnswer };

export type OperationId = keyof Operations;
type Args<Id extends OperationId> = Operations[Id]["args"];
type Answer<Id extends OperationId> = Operations[Id]["answer"];

/** Operations whose answer is a page of a list that has more. */
export type ListId = {
  [Id in OperationId]: Args<Id> extends { readonly cursor?: string } ? Id : never;
}[OperationId];
type Entry<Id extends ListId> = Answer<Id> extends { readonly data: readonly (infer One)[] } ? One : never;

export interface ClientOptions {
  /** Where the service is: `https://petitions.example`. */
  readonly url: string;
  /** A partner's key, or the token of a petition's creator. A resident's page has none. */
  readonly key?: string;
  /** Milliseconds until a try without an answer counts as failed; 20,000 unless said. */
  readonly timeoutMs?: number;
  readonly retry?: Partial<RetryRules>;
  /** Instead of the platform's. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** What makes the same request known again, 24 hours long; unless said, one that is made for this call and its retries. */
  readonly idempotencyKey?: string;
  /** The person's languages, for mails to residents; unless said, the body's `locale`. */
  readonly acceptLanguage?: string;
}

/** Operations without a method of their own argument may be called without one. */
type Given<Id extends OperationId> =
  Record<never, never> extends Args<Id>
    ? [args?: Args<Id>, options?: CallOptions]
    : [args: Args<Id>, options?: CallOptions];

/** A method for each operation, by its id in the API's description. */
export type Methods = { readonly [Id in OperationId]: (...given: Given<Id>) => Promise<Answer<Id>> };

export interface Client extends Methods {
  /** All entries of a list, page by page, as they are read. */
  readonly all: <Id extends ListId>(id: Id, args?: Args<Id>, options?: CallOptions) => AsyncGenerator<Entry<Id>, void>;
}

/**
 * What can be sent again although it may have been done: reading and replacing, and what counts once whoever sends it
 * twice. The rest is, when it carries an `Idempotency-Key`.
 */
const COUNTS_ONCE: ReadonlySet<OperationId> = new Set([
  "submitSignature",
  "verifySignature",
  "withdrawSignature",
  "unsubscribe",
]);

/**
 * A client of a municipality's petitions, for residents' pages and partners' servers.
 * Methods give what the description promises, and throw `FolkmootProblem` for what the service refuses, `UnexpectedAnswer`
 * for what is not its answer, and whatever `fetch` throws. They try again where that is safe; see `RetryRules`.
 */
export function createClient(options: ClientOptions): Client {
  const call = caller(options);
  const methods = Object.fromEntries(
    Object.keys(routes).map((id) => [
      id,
      (args?: Record<string, unknown>, given?: CallOptions) => call(id as OperationId, args ?? {}, given ?? {}),
    ]),
  ) as unknown as Methods;
  async function* all(id: OperationId, args: Record<string, unknown> = {}, given: CallOptions = {}) {
    let cursor: string | null | undefined;
    do {
      const asked = cursor === undefined ? args : { ...args, cursor };
      const page = (await call(id, asked, given)) as { data: readonly unknown[]; next_cursor: string | null };
      yield* page.data;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }
  return { ...methods, all: all as Client["all"] };
}

function caller({ url, key, timeoutMs = 20_000, retry = {}, fetch: send = fetch }: ClientOptions) {
  const rules: RetryRules = { ...RETRY_RULES, ...retry };
  const base = url.replace(/\/+$/, "");
  return async (id: OperationId, args: Record<string, unknown>, given: CallOptions): Promise<unknown> => {
    const { method, keyed } = routes[id];
    const idempotencyKey = given.idempotencyKey ?? (keyed && key ? crypto.randomUUID() : undefined);
    const repeatable = method !== "POST" || COUNTS_ONCE.has(id) || (keyed && idempotencyKey !== undefined);
    const init = {
      method,
      headers: headersOf(args, { ...given, ...(idempotencyKey !== undefined && { idempotencyKey }) }, key),
      ...(args.body !== undefined && { body: JSON.stringify(args.body) }),
    };
    for (let failed = 1; ; failed++) {
      const tried = await attempt(send, base + addressOf(id, args), { init, timeoutMs, signal: given.signal }).catch(
        (error: unknown) => ({ error }),
      );
      if ("error" in tried) given.signal?.throwIfAborted();
      const ms = waitBefore("error" in tried ? tried.error : tried.missing, { failed, repeatable, rules });
      if (ms !== undefined) await wait(ms, given.signal);
      else if ("error" in tried) throw tried.error;
      else return tried.value;
    }
  };
}

type Send = NonNullable<ClientOptions["fetch"]>;

async function attempt(
  send: Send,
  url: string,
  { init, timeoutMs, signal }: { init: RequestInit; timeoutMs: number; signal: AbortSignal | undefined },
): Promise<{ value: unknown; missing: PartlyDone | undefined }> {
  const late = AbortSignal.timeout(timeoutMs);
  const answer = await send(url, { ...init, signal: signal ? AbortSignal.any([signal, late]) : late });
  if (!answer.ok) throw await errorOf(answer);
  const text = await answer.text();
  const wait = retryAfterOf(answer.headers);
  const missing = wait === undefined ? undefined : new PartlyDone(wait);
  if (!answer.headers.get("Content-Type")?.startsWith("application/json")) return { value: text, missing };
  try {
    return { value: JSON.parse(text), missing };
  } catch {
    throw new UnexpectedAnswer(answer.status);
  }
}

function headersOf(
  { body }: Record<string, unknown>,
  { idempotencyKey, acceptLanguage }: CallOptions,
  key: string | undefined,
): Record<string, string> {
  return {
    Accept: "application/json",
    ...(body !== undefined && { "Content-Type": "application/json" }),
    ...(key !== undefined && { Authorization: `Bearer ${key}` }),
    ...(idempotencyKey !== undefined && { "Idempotency-Key": idempotencyKey }),
    ...(acceptLanguage !== undefined && { "Accept-Language": acceptLanguage }),
  };
}

/** The path of an operation with what a caller gives, and its query. */
function addressOf(id: OperationId, args: Record<string, unknown>): string {
  const { path, query } = routes[id];
  const at = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(args[name])));
  const asked = (query as readonly string[]).flatMap((name) =>
    args[name] === undefined ? [] : [[name, String(args[name])]],
  );
  return asked.length === 0 ? at : `${at}?${new URLSearchParams(asked)}`;
}
