import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { Method } from "../../src/http/openapi.ts";
import { describeApi } from "../../src/openapi.ts";
import { gathering } from "../support/creator.ts";
import { Judge, problems } from "../support/fuzz/judge.ts";
import { newKeys } from "../support/fuzz/keys.ts";
import { Known } from "../support/fuzz/known.ts";
import { type Described, type Plan, plans } from "../support/fuzz/plans.ts";
import { requestOf, type Sent } from "../support/fuzz/send.ts";
import { MARKER } from "../support/fuzz/values.ts";
import { coldIsolate } from "../support/isolate.ts";
import { expectTalliesToEqualRecount } from "../support/recount.ts";
import { freshEmail, linkIn, nextMail, sign, tokenOf } from "../support/resident.ts";
import { foundTown, openPetition } from "../support/town.ts";

// Requests made from the OpenAPI document, right ones, nearly right ones and hostile ones, to a town with people in it.

const RUNS = Number(env.FUZZ_RUNS);
const SEED = Number(env.FUZZ_SEED);
/** At once; what changes things for everybody goes alone, and last. */
const LANES = 8;
const SLICE = 64;
const KEYS_LAST = 16;
const FOR_ALL =
  /^(putSwitches|putPolicies|putList|putAreaTable|putPostcodeTable|(put|delete)(Department|Topic|RejectionReason))$/;

const document = describeApi({ municipality: "Brinewell", publicUrl: "http://localhost:8787" });
const judge = new Judge(document);
const operations: Described[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, object]) => ({ path, method: method as Method, object })),
);

/** What is wrong, by what it is of, once each. */
const found = new Map<string, string>();
const statuses = new Map<string, Map<string, number>>(operations.map(({ object }) => [object.operationId, new Map()]));
const lines: string[] = [];

interface Town {
  readonly isolate: ReturnType<typeof coldIsolate>;
  readonly known: Known;
  readonly keys: Awaited<ReturnType<typeof newKeys>>;
}

async function settle(known: Known): Promise<void> {
  const isolate = coldIsolate();
  for (let n = 0; n < 3; n++) {
    const { id } = await openPetition(n === 2 ? { closes_at: Date.now() - 1 } : {});
    known.add("pet", id);
    if (n === 2) continue;
    for (let person = 0; person < 4; person++) {
      const email = freshEmail();
      await sign(isolate, id, { email, channel: "poster" });
      const mail = await nextMail(email);
      for (const kind of ["v", "w"] as const) known.add("token", tokenOf(linkIn(mail, kind)));
    }
  }
  const { id, supporterToken, editToken } = await gathering(isolate);
  known.add("pet", id);
  known.add("token", supporterToken);
  known.add("token", editToken);
}

/** Undoes what requests have set for everybody, as the next isolate sees it. */
async function heal(): Promise<void> {
  await env.DB.prepare("DELETE FROM settings").run();
  await foundTown();
}

async function run(town: Town, operation: Described, plan: Plan, n: number): Promise<void> {
  const id = operation.object.operationId;
  const sent = await requestOf(town, operation, plan, n);
  const init: RequestInit = { method: sent.verb, headers: sent.headers, redirect: "manual" };
  const answer = await town.isolate.fetch(sent.path, sent.body === undefined ? init : { ...init, body: sent.body });
  const own = sent.verb === operation.method.toUpperCase() || (sent.verb === "HEAD" && operation.method === "get");
  const copy = answer.clone() as Response;
  const wrong = own
    ? await judge.contradictions(operation, answer, sent.verb)
    : elsewhere(sent.verb, answer.status, await answer.text());
  if (own && sent.verb !== "HEAD") {
    const seen = statuses.get(id) as Map<string, number>;
    const group = answer.status === 304 ? "2xx" : `${Math.floor(answer.status / 100)}xx`;
    seen.set(group, (seen.get(group) ?? 0) + 1);
    if (group === "2xx") town.known.learn(sent.path, answer, await copy.text());
  }
  for (const what of wrong) note(`${sent.verb} ${id}: ${what}`, sent, n);
}

/** Of another method: preflights, other operations of the path, or that there is none. */
function elsewhere(verb: string, status: number, text: string): string[] {
  if (verb === "HEAD" && status < 500) return text === "" ? [] : ["a body where none may be"];
  if (status < 400) return [];
  return problems(text, document.components.examples, status);
}

function note(what: string, sent: Sent, n: number): void {
  const kind = what.replace(/[0-9a-f-]{36}/g, "…").slice(0, 90);
  if (found.has(kind)) return;
  const thrown = what.includes(": 500 ") ? lines.findLast((line) => line.includes('"request_failed"')) : undefined;
  found.set(kind, `#${n} ${what}\n   ${JSON.stringify(sent).slice(0, 2_000)}${thrown ? `\n   ${thrown}` : ""}`);
}

/** Looks for what was sent, or belongs to somebody, in the lines of the log. */
function readLog(): void {
  for (const line of lines.splice(0)) {
    if (!line.toLowerCase().includes(MARKER) && !/@example\.org|@partner\.example/.test(line)) continue;
    found.set(`log ${line.slice(0, 60)}`, `in the log: ${line}`);
  }
}

/** Does things several at a time, each beginning when a lane is free. */
async function inLanes<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

test(`of ${RUNS} requests (seed ${SEED}) none gets a 5xx or an answer that contradicts the document`, async () => {
  vi.stubGlobal("fetch", async () => new Response(null, { status: 204 }));
  vi.spyOn(console, "log").mockImplementation((line: unknown) => void lines.push(String(line)));
  await foundTown();
  const known = new Known();
  await settle(known);
  const perOperation = Math.ceil(RUNS / operations.length);
  const drawn = operations.map((operation, index) =>
    fc.sample(plans(document, operation), { seed: SEED + index, numRuns: perOperation }),
  );
  // The first round is of examples as they are, so that every operation is reached.
  const plain = { from: "example", key: -1, flaw: null, raw: null, verb: "own" } as const;
  const all = Array.from({ length: RUNS }, (_, n) => {
    const [operation, round] = [n % operations.length, Math.floor(n / operations.length)];
    const plan = drawn[operation]?.[round] as Plan;
    return { operation: operations[operation] as Described, plan: round === 0 ? { ...plan, ...plain } : plan, n };
  });
  const isForAll = ({ operation }: (typeof all)[number]) => FOR_ALL.test(operation.object.operationId);
  const common = all.filter((item) => !isForAll(item));
  let keys = await newKeys();
  for (let from = 0; from < common.length; from += SLICE) {
    if (from % (SLICE * KEYS_LAST) === 0) keys = await newKeys();
    const town = { isolate: coldIsolate(), known, keys };
    const slice = common.slice(from, from + SLICE);
    await inLanes(slice, ({ operation, plan, n }) => run(town, operation, plan, n));
    await foundTown();
    readLog();
  }
  // Last: consumers remember for seconds what these set, and a mail that waits for a limit would keep its reader waiting.
  keys = await newKeys();
  for (const { operation, plan, n } of all.filter(isForAll)) {
    await run({ isolate: coldIsolate(), known, keys }, operation, plan, n);
    await heal();
    readLog();
  }
  vi.restoreAllMocks();
  const table = [...statuses].map(([id, seen]) => `${id} ${JSON.stringify(Object.fromEntries(seen))}`);
  console.log(table.join("\n"));
  expect([...found.values()].join("\n"), `FUZZ_SEED=${SEED}`).toBe("");
  const unreached = [...statuses].filter(([, seen]) => !seen.get("2xx")).map(([id]) => id);
  expect(unreached).toEqual([]);
  const { results } = await env.DB.prepare("SELECT no FROM petitions").all<{ no: number }>();
  for (const { no } of results) await expectTalliesToEqualRecount(no);
}, 3_600_000);
