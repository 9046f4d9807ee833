import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { CLIENT_TYPES, clientTypes } from "../../scripts/client-types.ts";
import { createClient, FolkmootProblem, UnexpectedAnswer } from "../../src/client/client.ts";
import { routes } from "../../src/client/described.ts";
import { type ProblemCode, problemBody, problemCatalogue } from "../../src/http/problems.ts";
import { describeApi } from "../../src/openapi.ts";

afterEach(() => void vi.useRealTimers());

const ID = "pet_01936d9e-8c4b-7f00-9a51-0123deadbeef";
const signature = { id: ID, body: { name: "Ada Anchorby", email: "ada@example.org", eligible: true as const } };
const batch = { id: ID, body: { signatures: [{ ...signature.body, signer_address: "1.2.3.4" }] } };
const json = (body: unknown, status = 200) => Response.json(body, { status });
const problem = (code: ProblemCode, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(problemBody(code, { errors: [], requestId: crypto.randomUUID(), typeBase: "" })), {
    status: problemCatalogue[code].status,
    headers: { "Content-Type": "application/problem+json", ...headers },
  });

type Next = () => Response | Promise<Response>;

/** A service that answers one thing after the other, the last for ever, and a client of it; waits pass by themselves. */
function serving(answers: readonly Next[], options: Partial<Parameters<typeof createClient>[0]> = {}) {
  vi.useFakeTimers();
  const begun = Date.now();
  const calls: { url: string; init: RequestInit; at: number }[] = [];
  const client = createClient({
    url: "https://petitions.example/",
    fetch: async (url, init) => {
      calls.push({ url, init, at: Date.now() - begun });
      return (answers[Math.min(calls.length, answers.length) - 1] as Next)();
    },
    ...options,
    retry: { random: () => 0.5, ...options.retry },
  });
  const outcome = async <Value>(promise: Promise<Value>): Promise<Value | Error> => {
    const settled = promise.catch((error: Error) => error);
    await vi.runAllTimersAsync();
    return settled;
  };
  return { client, calls, outcome };
}

const accepted = () => json({ submission_id: "sub_x", status: "pending" }, 202);
const offline = (): Response => {
  throw new TypeError("fetch failed");
};

test("the client's types and routes are those of the API's description", () => {
  const document = describeApi({ municipality: "", publicUrl: "http://localhost" });
  const written = readFileSync(join(import.meta.dirname, "../..", CLIENT_TYPES), "utf8");
  expect(written, "run `npm run client:types`").toBe(clientTypes(document));
  // A route that moves, and a field that is added, are seen.
  const moved = structuredClone(document) as unknown as { paths: Record<string, unknown> };
  moved.paths["/v2/areas"] = moved.paths["/v1/areas"];
  delete moved.paths["/v1/areas"];
  expect(clientTypes(moved as unknown as typeof document)).not.toBe(written);
  const open = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  const ids = open.filter((operation) => !operation["x-role"]).map(({ operationId }) => operationId);
  expect(Object.keys(routes).sort()).toEqual(ids.sort());
});

test("what is given goes into path, query, headers and body", async () => {
  const { client, calls, outcome } = serving([() => json({ data: [], next_cursor: null })], { key: "fm_partner_x" });
  await outcome(client.listPetitions({ q: "a&b", limit: 2 }));
  expect(calls[0]?.url).toBe("https://petitions.example/v1/petitions?q=a%26b&limit=2");
  await outcome(client.readPetition({ id: "a/b" }));
  expect(calls[1]?.url).toBe("https://petitions.example/v1/petitions/a%2Fb");
  await outcome(client.submitSignature(signature, { acceptLanguage: "de" }));
  const headers = { Authorization: "Bearer fm_partner_x", "Content-Type": "application/json", "Accept-Language": "de" };
  expect(calls[2]?.init).toMatchObject({ method: "POST", headers, body: JSON.stringify(signature.body) });
});

test("a refusal is waited out as long as Retry-After says, then the answer comes", async () => {
  const busy = () => problem("rate_limited", { "Retry-After": "7" });
  const { client, calls, outcome } = serving([busy, busy, accepted]);
  expect(await outcome(client.submitSignature(signature))).toMatchObject({ status: "pending" });
  expect(calls.map(({ at }) => at)).toEqual([0, 7_150, 14_450]);
});

test("whoever is told to wait longer than they want gets the problem at once", async () => {
  const { client, calls, outcome } = serving([() => problem("signing_paused", { "Retry-After": "60" })]);
  const error = await outcome(client.submitSignature(signature));
  expect(error).toBeInstanceOf(FolkmootProblem);
  expect(error).toMatchObject({ code: "signing_paused", status: 503, retryAfter: 60 });
  expect(calls).toHaveLength(1);
});

test("reading, and what counts once, is tried four times with growing waits when there is no connection or no answer", async () => {
  for (const failing of [offline, () => new Response("", { status: 502 }), () => problem("unavailable")]) {
    const { client, calls, outcome } = serving([failing]);
    expect(await outcome(client.submitSignature(signature))).toBeInstanceOf(Error);
    expect(calls.map(({ at }) => at)).toEqual([0, 225, 675, 1_575]);
    const reading = serving([failing, () => json({ data: [] })]);
    expect(await reading.outcome(reading.client.listAreas())).toEqual({ data: [] });
  }
});

test("what may have been done already is not done again: a petition is not submitted twice", async () => {
  const body = { title: "A", background: "B", creator: { name: "Ada", email: "ada@example.org" } };
  for (const failing of [offline, () => problem("unavailable"), () => problem("internal_error")]) {
    const { client, calls, outcome } = serving([failing]);
    expect(await outcome(client.submitPetition({ body }))).toBeInstanceOf(Error);
    expect(calls).toHaveLength(1);
  }
  // A refusal did nothing.
  const refused = serving([() => problem("rate_limited", { "Retry-After": "1" }), () => json({ id: ID }, 202)]);
  expect(await refused.outcome(refused.client.submitPetition({ body }))).toEqual({ id: ID });
});

test("what the service refuses for good is not asked twice, and says what is wrong", async () => {
  for (const code of ["invalid_request", "not_found", "petition_not_open", "internal_error"] as const) {
    const { client, calls, outcome } = serving([() => problem(code)]);
    expect(await outcome(client.readPetition({ id: ID }))).toMatchObject({ name: "FolkmootProblem", code });
    expect(calls).toHaveLength(1);
  }
  const proxy = serving([() => new Response("<html>", { status: 404 })]);
  expect(await proxy.outcome(proxy.client.readPetition({ id: ID }))).toBeInstanceOf(UnexpectedAnswer);
});

test("a batch gets an Idempotency-Key of its own, the same in every try", async () => {
  const { client, calls, outcome } = serving([offline, offline, () => json({ results: [] }, 207)], {
    key: "fm_partner_x",
  });
  await outcome(client.submitSignatures(batch));
  await outcome(client.submitSignatures(batch, { idempotencyKey: "mine" }));
  const keys = calls.map(({ init }) => (init.headers as Record<string, string>)["Idempotency-Key"]);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(keys).toEqual([keys[0], keys[0], keys[0], "mine"]);
});

test("a batch that is done in part is sent again until nothing is left, or the tries are used up", async () => {
  const partly = () => Response.json({ results: [{ status: 429 }] }, { status: 207, headers: { "Retry-After": "2" } });
  const whole = () => json({ results: [{ status: 202 }] }, 207);
  const { client, calls, outcome } = serving([partly, partly, whole], { key: "fm_partner_x" });
  expect(await outcome(client.submitSignatures(batch))).toEqual({ results: [{ status: 202 }] });
  expect(calls.map(({ at }) => at)).toEqual([0, 2_150, 4_450]);
  expect(new Set(calls.map(({ init }) => init.body)).size).toBe(1);
  const never = serving([partly], { key: "fm_partner_x" });
  expect(await never.outcome(never.client.submitSignatures(batch))).toEqual({ results: [{ status: 429 }] });
  expect(never.calls).toHaveLength(4);
});

test("a signal ends a request and a wait, and nothing is tried after it", async () => {
  const ended = new AbortController();
  const { client, calls } = serving([offline]);
  const asked = client.listAreas({}, { signal: ended.signal });
  const settled = expect(asked).rejects.toThrow("enough");
  await vi.advanceTimersByTimeAsync(100);
  ended.abort(new Error("enough"));
  await settled;
  await vi.runAllTimersAsync();
  expect(calls).toHaveLength(1);
});

test("a list is read page by page as it is used", async () => {
  const pages = [
    json({ data: [{ id: 1 }, { id: 2 }], next_cursor: "two" }),
    json({ data: [{ id: 3 }], next_cursor: null }),
  ];
  const { client, calls } = serving(pages.map((page) => () => page.clone()));
  vi.useRealTimers();
  const read: unknown[] = [];
  for await (const petition of client.all("listPetitions", { state: "open" })) {
    read.push(petition);
    if (read.length === 2) expect(calls).toHaveLength(1);
  }
  expect(read).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  expect(calls[1]?.url).toBe("https://petitions.example/v1/petitions?state=open&cursor=two");
});
