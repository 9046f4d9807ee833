import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { openStage } from "./stage.ts";

// Ten thousand deliveries to an endpoint that fails half the time, beside one that never answers and one that is sound:
// all must arrive, and the sound one must not wait for the others. The waits between tries are skipped, not the work.

const quick = parseArgs({ options: { quick: { type: "boolean" } } }).values.quick === true;
const EVENTS = quick ? 1_000 : 10_000;
const ROUNDS_AT_MOST = 1_000;
const GIVE_UP_MS = quick ? 60_000 : 600_000;
const STAFF = { Authorization: "Bearer fm_staff_local", "Content-Type": "application/json" };

interface Receiver {
  readonly url: string;
  readonly server: Server;
  /** Numbers of the messages that were answered well, and when, in milliseconds. */
  readonly arrived: Map<number, number>;
  calls: number;
}

/** A receiver on this machine; `answer` gives the status, or null for none at all. */
async function receiver(answer: () => number | null): Promise<Receiver> {
  const arrived = new Map<number, number>();
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    self.calls++;
    const status = answer();
    if (status === null) return;
    if (status < 300) arrived.set((JSON.parse(body) as { sequence: number }).sequence, performance.now());
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const self: Receiver = {
    ...{ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server, arrived, calls: 0 },
  };
  return self;
}

const stage = await openStage();
let seed = 7;
const half = () => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed % 2 === 0 ? 503 : 204;
};
const [flaky, hanging, sound] = [await receiver(half), await receiver(() => null), await receiver(() => 204)];

/** An answer's body; throws when it is a problem. */
async function ask<Body>(path: string, headers: Record<string, string>, body: unknown): Promise<Body> {
  const answer = await fetch(`${stage.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Body;
}

/** A partner's endpoint; gives its UUID. */
async function endpoint(code: string, url: string): Promise<string> {
  const partner = await ask<{ id: string }>("/v1/admin/partners", STAFF, {
    ...{ code, name: code, email: `${code}@partner.example` },
  });
  const { key } = await ask<{ key: string }>(`/v1/admin/partners/${partner.id}/keys`, STAFF, {
    ...{ label: "Bench", scopes: ["webhooks:manage"] },
  });
  const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
  const { id } = await ask<{ id: string }>("/v1/partner/webhooks", headers, { url, events: ["petition.closed"] });
  return id.slice(4);
}

const happen = (code: string, id: string, count: number) =>
  stage.db
    .prepare(
      `INSERT INTO webhook_events (type, partner, endpoint) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
       WHERE i < ?1) SELECT 'petition.closed', ?2, ?3 FROM n`,
    )
    .bind(count, code, id)
    .run();

/** Makes what waits for its time due. */
const skip = (id: string) =>
  stage.db.batch([
    stage.db.prepare("UPDATE webhook_deliveries SET due_at = 1 WHERE endpoint_id = ? AND due_at > 1").bind(id),
    stage.db.prepare("UPDATE webhook_endpoints SET rests_until = 0 WHERE id = ?").bind(id),
  ]);

const percentile = (values: readonly number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

try {
  const [bad, dead, good] = [
    await endpoint("flaky", flaky.url),
    await endpoint("hanging", hanging.url),
    await endpoint("sound", sound.url),
  ];
  for (let n = 0; n < EVENTS; n += 1_000) await happen("flaky", bad, Math.min(1_000, EVENTS - n));
  const begun = performance.now();
  const waits: number[] = [];
  let rounds = 0;
  for (; flaky.arrived.size < EVENTS && rounds < ROUNDS_AT_MOST && performance.now() - begun < GIVE_UP_MS; rounds++) {
    // The hanging one has something to be told only at first: each try of it takes ten seconds of a batch.
    if (rounds === 0) await happen("hanging", dead, 20);
    await happen("sound", good, 1);
    const at = performance.now();
    await stage.ring(
      "WEBHOOKS",
      [bad, ...(rounds === 0 ? [dead] : []), good].map((endpoint_id) => ({ v: 1, endpoint_id })),
    );
    while (!sound.arrived.has(rounds + 1) && performance.now() - at < 30_000)
      await new Promise((done) => setTimeout(done, 5));
    waits.push((sound.arrived.get(rounds + 1) ?? at + 30_000) - at);
    // Until the flaky one's turn is over, or it rests.
    for (;;) {
      const row = await stage.db
        .prepare("SELECT lease_until AS lease FROM webhook_endpoints WHERE id = ?")
        .bind(bad)
        .first<{ lease: number }>();
      if (row?.lease === 0) break;
      await new Promise((done) => setTimeout(done, 20));
    }
    await skip(bad);
    if (rounds % 20 === 0) process.stderr.write(`\r${flaky.arrived.size} of ${EVENTS} have arrived`);
  }
  const seconds = (performance.now() - begun) / 1000;
  process.stderr.write("\r");
  const numbers = [...flaky.arrived.keys()];
  const whole = numbers.length === EVENTS && Math.max(...numbers) === EVENTS;
  console.table({
    "events for the endpoint that fails half the time": EVENTS,
    "of these arrived": numbers.length,
    attempts: flaky.calls,
    "attempts a second": Math.round(flaky.calls / seconds),
    "calls of the endpoint that hangs": hanging.calls,
    "messages to the sound endpoint": waits.length,
    "of its waits the median, ms": Math.round(percentile(waits, 0.5)),
    "of its waits the longest, ms": Math.round(Math.max(...waits)),
    seconds: Math.round(seconds),
  });
  console.log(whole ? "All have arrived, without a gap." : "NOT ALL HAVE ARRIVED.");
  if (!whole) process.exitCode = 1;
} finally {
  for (const { server } of [flaky, hanging, sound]) {
    server.closeAllConnections();
    server.close();
  }
  await stage.close();
}
