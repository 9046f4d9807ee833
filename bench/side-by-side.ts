import { CONNECTIONS, jsonHeaders, load, type Measured, type Shot } from "./load.ts";
import type { Town } from "./open-town.ts";
import { middle, rounded, say } from "./report.ts";
import { type BenchPetition, pendingTokens } from "./town.ts";

/** How much of everything is measured. */
export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
}

/** Where the signatures are: all on one petition, or spread over many. */
export type Layout = "one petition" | "spread";

/** One operation with so many signatures, beside the bare route and the bare statement. */
export interface Beside {
  readonly operation: string;
  readonly signatures: number;
  readonly layout: Layout;
  readonly ours: Measured;
  readonly route: Measured;
  readonly statement: Measured;
  /** Middle of the rounds: ours ÷ theirs in the same round. */
  readonly toRoute: number;
  readonly toStatement: number;
  /** Rows of D1 a request: the first of a cold isolate, one when it is warm, and the bare statement's. */
  readonly rows: { readonly cold: Rows; readonly warm: Rows; readonly statement: Rows };
}

interface Rows {
  readonly read: number;
  readonly written: number;
}

interface Operation {
  readonly name: string;
  readonly ours: Shot;
  readonly route: Shot;
  readonly statement: Shot;
}

// Verifications a second that no machine exceeds here: so many tokens must be there that none is used twice.
const MOST_A_SECOND = 900;

/** Measures every operation, ours and the bare ones in turn, so that a machine that slows down slows all of them. */
export async function measureBesides(
  town: Town,
  { layout, signatures, effort, only }: { layout: Layout; signatures: number; effort: Effort; only: Wanted },
): Promise<Beside[]> {
  const petitions = layout === "spread" ? town.spread : [town.hot];
  const operations = [...readsOf(town, petitions, layout), ...(await writesOf(town, petitions, effort, only))];
  const found: Beside[] = [];
  for (const operation of operations) {
    if (!only(operation.name)) continue;
    const beside = await measure(town, operation, effort);
    found.push({ ...beside, signatures, layout });
    const { ours, toRoute, toStatement } = beside;
    say(
      `${operation.name}, ${signatures} ${layout}: ${Math.round(ours.perSecond)}/s, ${rounded(toRoute, 2)} of the route, ${rounded(toStatement, 2)} of the statement`,
    );
  }
  return found;
}

/** Whether an operation was asked for. */
export type Wanted = (name: string) => boolean;

const get =
  (path: () => string, headers: Record<string, string> = {}): Shot =>
  () => ({ method: "GET", path: path(), headers });

/** What the public and staff read. Lists are the same whichever petition has the signatures. */
function readsOf({ staffKey }: Town, petitions: readonly BenchPetition[], layout: Layout): Operation[] {
  const next = inTurn(petitions);
  const statement = (name: string) => get(() => `/bare/statement/${name}/${next().no}`);
  const read = (name: string, path: (id: string) => string, statementName: string, key?: string): Operation => ({
    name,
    ours: get(() => path(next().id), key === undefined ? {} : { Authorization: `Bearer ${key}` }),
    route: get(() => "/bare"),
    statement: statement(statementName),
  });
  const lists = [
    read("list", () => "/v1/petitions", "list"),
    read("search", () => "/v1/petitions?q=measure", "search"),
  ];
  return [
    read("read one", (id) => `/v1/petitions/${id}`, "one"),
    read("count", (id) => `/v1/petitions/${id}/count`, "count"),
    read("breakdown", (id) => `/v1/petitions/${id}/breakdown?by=area`, "breakdown"),
    read("admin counts", (id) => `/v1/admin/petitions/${id}/counts`, "counts", staffKey),
    ...(layout === "spread" ? lists : []),
  ];
}

async function writesOf(
  { stage }: Town,
  petitions: readonly BenchPetition[],
  { rounds, seconds }: Effort,
  only: Wanted,
): Promise<Operation[]> {
  const next = inTurn(petitions);
  const post = (path: string, body: object): ReturnType<Shot> => ({
    method: "POST",
    path,
    body: JSON.stringify(body),
    headers: jsonHeaders(),
  });
  const person = () => ({
    name: "Mara Quill",
    email: `${crypto.randomUUID()}@example.org`,
    postcode: "BW1 1AA",
    eligible: true,
  });
  const sign: Operation = {
    name: "sign",
    ours: () => post(`/v1/petitions/${next().id}/signatures`, person()),
    route: () => post("/bare/calls", person()),
    statement: () => post("/bare/insert", person()),
  };
  const many = only("verify") ? Math.ceil((rounds * seconds + 3) * MOST_A_SECOND) : 0;
  const each = Math.ceil(many / petitions.length);
  const tokens: string[] = [];
  for (const petition of petitions) tokens.push(...(await pendingTokens(stage.db, petition, many === 0 ? 0 : each)));
  const ids = await bareRows(stage.db, many);
  // One petition after the other would be one petition at a time.
  const token = inTurn(
    tokens.map((_, n) => tokens[(n % petitions.length) * each + Math.floor(n / petitions.length)] ?? ""),
  );
  const id = inTurn(ids);
  const verify: Operation = {
    name: "verify",
    ours: () => post("/v1/verifications", { token: token() }),
    route: () => post("/bare/post", { token: "x".repeat(86) }),
    statement: () => post("/bare/verify", { id: id() }),
  };
  return [sign, verify];
}

async function bareRows(db: D1Database, many: number): Promise<string[]> {
  const ids = Array.from({ length: many }, () => crypto.randomUUID());
  for (let at = 0; at < many; at += 500) {
    await db
      .prepare("INSERT INTO bare_rows (id, body) SELECT value, 'x' FROM json_each(?)")
      .bind(JSON.stringify(ids.slice(at, at + 500)))
      .run();
  }
  return ids;
}

async function measure(
  { stage: { url } }: Town,
  { name, ours, route, statement }: Operation,
  { rounds, seconds }: Effort,
): Promise<Omit<Beside, "signatures" | "layout">> {
  const rows = { ...(await rowsOfOurs(url, ours)), statement: await rowsOfBare(url, statement) };
  for (const shot of [route, statement, ours]) await load(url, shot, Math.min(seconds, 1) / 2);
  const found = { ours: [] as Measured[], route: [] as Measured[], statement: [] as Measured[] };
  for (let round = 0; round < rounds; round++) {
    found.route.push(await loadFully(url, route, seconds));
    found.ours.push(await loadFully(url, ours, seconds));
    found.statement.push(await loadFully(url, statement, seconds));
  }
  const ratio = (to: readonly Measured[]) =>
    middle(found.ours.map(({ perSecond }, round) => perSecond / (to[round]?.perSecond ?? Number.NaN)));
  return {
    operation: name,
    ours: middleOf(found.ours),
    route: middleOf(found.route),
    statement: middleOf(found.statement),
    toRoute: ratio(found.route),
    toStatement: ratio(found.statement),
    rows,
  };
}

// Fewer answers than this say nothing, on a machine that has other things to do.
const LEAST_ANSWERS = 64;

/** A load that lasts until there are answers enough to speak of a rate. */
async function loadFully(url: string, shot: Shot, seconds: number): Promise<Measured> {
  const found = await load(url, shot, seconds);
  return found.perSecond * seconds >= LEAST_ANSWERS || seconds > 5 ? found : loadFully(url, shot, seconds * 2);
}

/** The middle of the rounds, each figure by itself. */
const middleOf = (found: readonly Measured[]): Measured => ({
  perSecond: middle(found.map(({ perSecond }) => perSecond)),
  median: middle(found.map(({ median }) => median)),
  p99: middle(found.map(({ p99 }) => p99)),
});

const WARM = 10;

/** What the Worker's own log lines say of D1: the first request of an isolate that knows nothing, and those after it. */
async function rowsOfOurs(url: string, shot: Shot): Promise<{ cold: Rows; warm: Rows }> {
  await fetch(`${url}/bench/rows`, { method: "POST" });
  const same = shot();
  const repeatable = same.method === "GET" ? () => same : shot;
  await send(url, same);
  const cold = await noted(url);
  await send(url, repeatable()); // remembers the limits and lists
  await fetch(`${url}/bench/rows?warm`, { method: "POST" });
  for (let n = 0; n < WARM; n++) await send(url, repeatable());
  const { read, written } = await noted(url);
  return { cold, warm: { read: rounded(read / WARM, 1), written: rounded(written / WARM, 1) } };
}

async function noted(url: string): Promise<Rows> {
  return (await (await fetch(`${url}/bench/rows`)).json()) as Rows;
}

async function rowsOfBare(url: string, shot: Shot): Promise<Rows> {
  const { rows } = (await (await send(url, shot())).json()) as { rows: Rows };
  return rows;
}

async function send(url: string, { method, path, body, headers = {} }: ReturnType<Shot>): Promise<Response> {
  const answer = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body }) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
  return answer;
}

/** The things of a list, one after the other and again from the first on. */
function inTurn<Thing>(things: readonly Thing[]): () => Thing {
  let at = 0;
  return () => things[at++ % things.length] as Thing;
}

/** The rows of the printed table. */
export const besideRows = (found: readonly Beside[]) =>
  found.map(({ operation, signatures, layout, ours, toRoute, toStatement, rows }) => ({
    operation,
    signatures,
    on: layout,
    "a second": Math.round(ours.perSecond),
    "median ms": ours.median,
    "p99 ms": ours.p99,
    "÷ bare route": rounded(toRoute, 2),
    "÷ bare statement": rounded(toStatement, 2),
    "rows cold": `${rows.cold.read}/${rows.cold.written}`,
    "rows warm": `${rows.warm.read}/${rows.warm.written}`,
    "rows bare": `${rows.statement.read}/${rows.statement.written}`,
  }));

/** Says with what the figures were taken. */
export const BESIDE_HEADING = `Side by side: ${CONNECTIONS} connections, rows of D1 read/written a request`;
