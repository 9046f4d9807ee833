import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { newUuid } from "../../src/lib/ids.ts";
import { localHour } from "../../src/lib/local-time.ts";
import { PetitionSecret } from "../../src/petitions/petition-secret.ts";
import { coldIsolate, faultyDatabase, keepingQueue } from "../support/isolate.ts";
import { freshEmail, mailsTo, nextMail, sign } from "../support/resident.ts";
import { actsOn, asStaff, newStaff } from "../support/staff.ts";
import { foundTown, openPetition, rootKeys } from "../support/town.ts";

const MINUTE = "* * * * *";
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const isolate = coldIsolate();

interface Alarm {
  readonly id: string;
  readonly petition_id: string;
  readonly kind: string;
  readonly key: string | null;
  readonly state: string;
  readonly evidence: { count: number; expected: number; of: number | null; from: string; to: string };
  readonly where: Record<string, string> | null;
  readonly note: string | null;
}

beforeAll(foundTown);

// A test's petitions are the only ones that there is anything to look at.
beforeEach(() =>
  env.DB.batch(
    [
      "DELETE FROM outbox",
      "DELETE FROM intake_hours",
      "DELETE FROM alarms",
      "DELETE FROM hour_tallies",
      "UPDATE staff SET revoked_at = 1",
      "UPDATE petitions SET state = 'closed', ended_at = 1 WHERE state = 'open'",
      "UPDATE reconciliations SET due_at = 9e15",
    ].map((sql) => env.DB.prepare(sql)),
  ),
);

const uuidAt = (at: number): string => {
  const hex = at.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}${newUuid().slice(13)}`;
};

let mailboxes = 0;

/** Signatures as they were recorded some minutes ago: rows, and the jobs of mail that name them. */
async function recorded(
  no: number,
  count: number,
  {
    minutesAgo = 20,
    network,
    domain,
    pending = true,
    hold = null,
    channel = null,
    area = null,
  }: {
    minutesAgo?: number;
    network?: string;
    domain?: Uint8Array;
    pending?: boolean;
    hold?: string | null;
    channel?: string | null;
    area?: string | null;
  } = {},
): Promise<void> {
  const at = Date.now() - minutesAgo * MINUTE_MS;
  const hour = localHour(at, "Europe/London");
  const keys = Array.from({ length: count }, () => (++mailboxes).toString(16).padStart(16, "0"));
  await env.DB.prepare(
    `INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, hold, locale, area_code, channel, network_hash,
       domain_hash, sealed, accepted_at, verified_at, verified_hour)
     SELECT ?1, unhex(value), 7, randomblob(16), iif(?2, 'pending', 'verified'), ?3, 'en', ?4, ?5,
       coalesce(unhex(?6), randomblob(8)), coalesce(?7, randomblob(8)), x'00', ?8, iif(?2, NULL, ?8), iif(?2, NULL, ?9)
     FROM json_each(?10)`,
  )
    .bind(no, pending ? 1 : 0, hold, area, channel, network ?? null, domain ?? null, at, hour, JSON.stringify(keys))
    .run();
  for (let from = 0; from < count; from += 100) {
    const items = keys.slice(from, from + 100).map((key) => `${no.toString(16).padStart(8, "0")}${key}00000007`);
    await env.DB.prepare(
      "INSERT INTO outbox (id, kind, state, items, remaining, due_at, created_at) VALUES (?, 'signature_answer', 'sent', ?, '[]', 0, 0)",
    )
      .bind(uuidAt(at), JSON.stringify(items))
      .run();
  }
}

// What the minute's other jobs would do with a petition of a test costs time and hides what looking costs.
const leaveUncounted = () => env.DB.prepare("UPDATE reconciliations SET due_at = 9e15").run();

/** Looks, as if the look before had been so many minutes ago. */
async function look(minutes = 60, at = isolate): Promise<void> {
  await env.DB.prepare("UPDATE watch SET looked_until = ?")
    .bind(Date.now() - minutes * MINUTE_MS)
    .run();
  await at.cron(MINUTE);
}

const alarmsOf = async (id: string, query = ""): Promise<Alarm[]> => {
  const answer = await asStaff(isolate, "GET", `/alerts?petition=${id}${query}`);
  return ((await answer.json()) as { data: Alarm[] }).data;
};

const NETWORK = "00000000000000aa";

test("one network's share raises one alarm, with the evidence and a filter whose dry run finds its signatures", async () => {
  const { id, no } = await openPetition();
  const { email } = await newStaff("moderator");
  await recorded(no, 30);
  await recorded(no, 60, { network: NETWORK });
  await look();
  const [alarm, ...more] = await alarmsOf(id);
  expect(more).toEqual([]);
  expect(alarm).toMatchObject({ petition_id: id, kind: "network", key: `digest:${NETWORK}`, state: "open" });
  expect(alarm?.evidence).toMatchObject({ count: 60, of: 90, expected: 4.5 });
  expect(alarm?.where).toMatchObject({ petition: id, network: `digest:${NETWORK}` });
  const dry = await asStaff(isolate, "POST", "/invalidations", { body: { where: alarm?.where, dry_run: true } });
  expect([dry.status, ((await dry.json()) as { matches: number }).matches]).toEqual([200, 60]);
  await isolate.cron(MINUTE);
  const mail = await nextMail(email);
  expect(mail.subject).toBe("Something is unusual about the signatures of “Benches for the market square”");
  expect(mail.text.replaceAll("\n", " ")).toContain("Unusually many from one network: 60 of 90 signatures.");
  expect(mail.text).toContain(`/v1/admin/alerts?petition=${id}`);

  // It goes on: the same alarm, with the new number, and no further mail.
  await recorded(no, 5, { network: NETWORK, minutesAgo: 8 });
  await look(12);
  await isolate.cron(MINUTE);
  expect((await alarmsOf(id)).map(({ evidence }) => evidence.count)).toEqual([65]);
  expect(await mailsTo(email)).toHaveLength(1);
});

test("a network below 50 signatures, or below a quarter, alarms nobody; nor do signatures that are held", async () => {
  const [few, small, held] = [await openPetition(), await openPetition(), await openPetition()];
  await recorded(few.no, 49, { network: NETWORK });
  await recorded(small.no, 50, { network: NETWORK });
  await recorded(small.no, 151);
  await recorded(held.no, 90, { network: NETWORK, hold: "burst" });
  await look();
  for (const { id } of [few, small, held]) expect(await alarmsOf(id)).toEqual([]);
});

test("who submits again and again, verified or not, is one signature; what an undo gives back is none", async () => {
  const [again, undone] = [await openPetition(), await openPetition()];
  const INTAKE = keepingQueue();
  const at = coldIsolate({ INTAKE });
  const people = [freshEmail(), freshEmail()];
  for (const email of people) await sign(at, again.id, { email });
  const repeat = async (email: string) => {
    await sign(at, again.id, { email });
    await at.deliver("intake", INTAKE.sent.splice(0));
  };
  await at.deliver("intake", INTAKE.sent.splice(0));
  for (let n = 0; n < 5; n++) await repeat(people[0] as string);
  await env.DB.prepare(
    "UPDATE signatures SET state = 'verified', verified_at = ?, verified_hour = ? WHERE petition_no = ?",
  )
    .bind(Date.now(), localHour(Date.now(), "Europe/London"), again.no)
    .run();
  for (let n = 0; n < 5; n++) await repeat(people[1] as string);
  // Taken out by mistake, hours after they had been submitted.
  await recorded(undone.no, 60, { network: NETWORK, minutesAgo: 5 * 60 });
  await env.DB.prepare("DELETE FROM outbox WHERE id < ?")
    .bind(uuidAt(Date.now() - 4 * HOUR_MS))
    .run();
  const where = { petition: undone.id, network: `digest:${NETWORK}` };
  const run = await asStaff(isolate, "POST", "/invalidations", { body: { where, reason: "bots" } });
  const { id } = (await run.json()) as { id: string };
  expect(await (await asStaff(isolate, "POST", `/invalidations/${id}/undo`)).json()).toMatchObject({ restored: 60 });
  // The jobs, as if they had been made some minutes ago.
  const ago = 20 * MINUTE_MS;
  const { results } = await env.DB.prepare("SELECT id FROM outbox").all<{ id: string }>();
  expect(results.length).toBeGreaterThan(11);
  await env.DB.batch([
    ...results.map((job, n) =>
      env.DB.prepare("UPDATE outbox SET id = ?, created_at = created_at - ? WHERE id = ?").bind(
        uuidAt(Date.now() - ago + n),
        ago,
        job.id,
      ),
    ),
    env.DB.prepare(
      "UPDATE signatures SET accepted_at = accepted_at - ?1, repeated_at = repeated_at - ?1, verified_at = verified_at - ?1",
    ).bind(ago),
  ]);
  await look();
  const seen = async ({ no }: { no: number }) =>
    env.DB.prepare("SELECT total(submitted) AS n FROM intake_hours WHERE petition_no = ?").bind(no).first("n");
  expect([await seen(again), await seen(undone)]).toEqual([2, 0]);
  expect(await alarmsOf(undone.id)).toEqual([]);
});

test("what an undo of very many gives back keeps nobody from seeing what else comes", async () => {
  const { id, no } = await openPetition();
  await leaveUncounted();
  await recorded(no, 60, { network: NETWORK });
  // As an undo writes them: a thousand signatures a job.
  await env.DB.prepare(
    `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000)
     INSERT INTO outbox (id, kind, state, items, remaining, due_at, created_at)
     SELECT ?1 || printf('%012x', job.n), 'signature_answer', 'sent',
       (SELECT json_group_array(printf('%08x%016x00000007', ?2, job.n * 1000 + one.n)) FROM numbers AS one), '[]', 0, 0
     FROM numbers AS job WHERE job.n <= 60`,
  )
    .bind(uuidAt(Date.now() - 15 * MINUTE_MS).slice(0, 24), no)
    .run();
  await look();
  expect(await alarmsOf(id)).toMatchObject([{ kind: "network", evidence: { count: 60, of: 60 } }]);
});

test("one domain raises an alarm, unless it is a large provider's", async () => {
  const petition = await openPetition();
  const row = await env.DB.prepare("SELECT secret FROM petitions WHERE no = ?")
    .bind(petition.no)
    .first<{ secret: number[] }>();
  const secret = await PetitionSecret.unwrap(rootKeys, petition.uuid, Uint8Array.from(row?.secret ?? []));
  const hashOf = async (domain: string) => (await secret?.lookupHash("domain", domain)) ?? new Uint8Array();
  await recorded(petition.no, 70, { domain: await hashOf("gmail.com") });
  await look();
  expect(await alarmsOf(petition.id)).toEqual([]);
  await recorded(petition.no, 70, { domain: await hashOf("throwaway.example"), minutesAgo: 8 });
  await look(12);
  expect(await alarmsOf(petition.id)).toMatchObject([{ kind: "domain", evidence: { count: 70, of: 140 } }]);
});

test("a surge is found in the hour in which it happens, from the tallies", async () => {
  const { id, no } = await openPetition();
  await recorded(no, 400, { pending: false, minutesAgo: 0 });
  await look();
  const [alarm] = await alarmsOf(id);
  expect(alarm).toMatchObject({ kind: "surge", key: null, evidence: { count: 400, expected: 3, of: null } });
  const span = Date.parse(alarm?.where?.to ?? "") - Date.parse(alarm?.where?.from ?? "");
  expect(span).toBe(2 * HOUR_MS);
});

test("signatures that nobody verifies within a day raise an alarm; verified ones don't", async () => {
  const [never, verified] = [await openPetition(), await openPetition()];
  const minutesAgo = 24 * 60 + 20;
  await recorded(never.no, 60, { minutesAgo });
  await recorded(verified.no, 40, { minutesAgo });
  await recorded(verified.no, 30, { minutesAgo, pending: false });
  await look();
  expect(await alarmsOf(never.id)).toMatchObject([{ kind: "unverified", evidence: { count: 60, of: 60 } }]);
  expect(await alarmsOf(verified.id)).toEqual([]);
});

test("a mass withdrawal raises an alarm without a filter; what staff take out raises none", async () => {
  const [left, taken] = [await openPetition(), await openPetition()];
  for (const { no } of [left, taken]) await recorded(no, 60, { pending: false, minutesAgo: 40 * 60 });
  await env.DB.batch([
    env.DB.prepare(
      "UPDATE signatures SET state = 'withdrawn', ended_at = 1, verified_at = NULL, verified_hour = NULL WHERE petition_no = ? AND email_hash IN (SELECT email_hash FROM signatures WHERE petition_no = ? LIMIT 25)",
    ).bind(left.no, left.no),
    env.DB.prepare("UPDATE signatures SET state = 'invalidated', ended_at = 1 WHERE petition_no = ?").bind(taken.no),
  ]);
  await look();
  expect(await alarmsOf(left.id)).toMatchObject([
    { kind: "withdrawals", where: null, evidence: { count: 25, of: 60 } },
  ]);
  expect(await alarmsOf(taken.id)).toEqual([]);
  await look(12);
  expect(await alarmsOf(left.id)).toHaveLength(1);
});

test("an alarm ends six hours after its cause; within two days the same cause opens it again, later it is another", async () => {
  const { id, no } = await openPetition();
  const { email } = await newStaff("moderator");
  await recorded(no, 60, { network: NETWORK });
  await look();
  const pass = (hours: number) =>
    env.DB.prepare("UPDATE alarms SET seen_at = seen_at - ?1, ended_at = ended_at - ?1")
      .bind(hours * HOUR_MS)
      .run();
  await pass(5.9);
  await look(12);
  expect((await alarmsOf(id)).map(({ state }) => state)).toEqual(["open"]);
  await pass(0.2);
  await look(12);
  expect((await alarmsOf(id)).map(({ state }) => state)).toEqual(["past"]);
  expect(await alarmsOf(id, "&state=open")).toEqual([]);
  const again = () => recorded(no, 1, { network: NETWORK, minutesAgo: 8 });
  await again();
  await look(12);
  expect((await alarmsOf(id)).map(({ state }) => state)).toEqual(["open"]);
  await pass(49);
  await env.DB.prepare("DELETE FROM outbox WHERE kind = 'signature_answer'").run();
  await look(12);
  expect((await alarmsOf(id)).map(({ state }) => state)).toEqual(["past"]);
  await again();
  await look(12);
  expect((await alarmsOf(id)).map(({ state }) => state)).toEqual(["open", "past"]);
  await isolate.cron(MINUTE);
  await nextMail(email, 2);
});

test("a run that dies at any call of the database is made up for by the next, which raises the alarm once", async () => {
  for (let dies = 1; dies <= 12; dies++) {
    const { id, no } = await openPetition();
    await leaveUncounted();
    await recorded(no, 60, { network: NETWORK });
    await look(60, coldIsolate({ DB: faultyDatabase((call) => call === dies) }));
    // The next minutes' runs: what was looked at is looked at no more, but what is unusual is found again.
    await env.DB.prepare("UPDATE watch SET looked_until = min(looked_until, ?)")
      .bind(Date.now() - 12 * MINUTE_MS)
      .run();
    await recorded(no, 1, { network: NETWORK, minutesAgo: 5 });
    await Promise.all([isolate.cron(MINUTE), isolate.cron(MINUTE), isolate.cron(MINUTE)]);
    expect(await alarmsOf(id), `dies at ${dies}`).toMatchObject([{ kind: "network", evidence: { count: 61 } }]);
    const twice = await env.DB.prepare(
      "SELECT count(*) AS n FROM intake_hours WHERE petition_no = ? AND submitted > 61",
    )
      .bind(no)
      .first("n");
    expect(twice).toBe(0);
  }
});

test("two runs of which one comes in between any two calls of the other note each look once", async () => {
  for (let between = 1; between <= 12; between++) {
    const { id, no } = await openPetition();
    await leaveUncounted();
    await recorded(no, 60, { network: NETWORK });
    let call = 0;
    const DB = new Proxy(env.DB, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (name !== "batch") return typeof value === "function" ? value.bind(target) : value;
        return async (statements: D1PreparedStatement[]) => {
          if (++call === between) await isolate.cron(MINUTE);
          return target.batch(statements);
        };
      },
    });
    await look(60, coldIsolate({ DB }));
    expect(
      (await alarmsOf(id)).map(({ kind, evidence }) => [kind, evidence.count]),
      `between ${between}`,
    ).toEqual([["network", 60]]);
    const hours = await env.DB.prepare("SELECT sum(submitted) AS n FROM intake_hours WHERE petition_no = ?")
      .bind(no)
      .first("n");
    expect(hours, `between ${between}`).toBe(60);
  }
});

test("of a flood only a sample is read, which stands for all of it", async () => {
  const { id, no } = await openPetition();
  await leaveUncounted();
  // What other jobs still have to do for the petitions of other tests is not this one's cost.
  for (let n = 0; n < 2; n++) await look(0);
  await recorded(no, 12_000, { network: NETWORK });
  const cost = { read: 0, written: 0 };
  const DB = new Proxy(env.DB, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (name !== "batch") return typeof value === "function" ? value.bind(target) : value;
      return async (statements: D1PreparedStatement[]) => {
        const results = await target.batch(statements);
        for (const { meta } of results) {
          cost.read += meta.rows_read;
          cost.written += meta.rows_written;
        }
        return results;
      };
    },
  });
  await look(60, coldIsolate({ DB }));
  const [alarm] = await alarmsOf(id);
  expect(alarm).toMatchObject({ kind: "network", evidence: { count: 12_000, of: 12_000 } });
  console.log(JSON.stringify({ event: "watch_cost", signatures: 12_000, ...cost }));
  // Some four rows for each of the 6,000 signatures of 60 jobs, however many there are.
  expect(cost.read).toBeLessThan(30_000);
  expect(cost.written).toBeLessThan(20);
}, 60_000);

test("a moderator acknowledges an alarm with a note: once, in the audit log, and only of a department they see", async () => {
  const { id, no } = await openPetition({ department_code: "works" });
  await recorded(no, 60, { network: NETWORK });
  await look();
  const [alarm] = await alarmsOf(id);
  const path = `/alerts/${alarm?.id}/acknowledge`;
  await env.DB.prepare(`INSERT OR IGNORE INTO departments VALUES ('schools', '{"en":"Schools"}')`).run();
  const [other, viewer, own] = [
    await newStaff("admin", "schools"),
    await newStaff("viewer"),
    await newStaff("moderator", "works"),
  ];
  const body = { note: "The computer room of the school." };
  for (const { key } of [other, viewer]) expect((await asStaff(isolate, "POST", path, { key, body })).status).toBe(404);
  expect((await asStaff(isolate, "GET", `/alerts?petition=${id}`, { key: other.key })).status).toBe(404);
  const listed = (await (await asStaff(isolate, "GET", "/alerts", { key: other.key })).json()) as { data: Alarm[] };
  expect(listed.data).toEqual([]);
  const first = await asStaff(isolate, "POST", path, { key: own.key, body });
  expect(await first.json()).toMatchObject({ id: alarm?.id, acknowledged_by: own.id, note: body.note, state: "open" });
  const second = await asStaff(isolate, "POST", path, { body: { note: "Somebody else." } });
  expect(await second.json()).toMatchObject({ acknowledged_by: own.id, note: body.note });
  expect(await actsOn(id)).toMatchObject([{ act: "alarm.acknowledge", actor: own.id, reason: body.note }]);
});

test("alarms are listed the newest first, in pages", async () => {
  const { id, no } = await openPetition();
  await recorded(no, 60, { network: NETWORK });
  await recorded(no, 60, { domain: new Uint8Array(8) });
  await look();
  const read = async (query: string) =>
    (await asStaff(isolate, "GET", `/alerts?petition=${id}&${query}`)).json() as Promise<{
      data: Alarm[];
      next_cursor: string | null;
    }>;
  const first = await read("limit=1");
  const second = await read(`limit=1&cursor=${first.next_cursor}`);
  expect([...first.data, ...second.data].map(({ kind }) => kind).toSorted()).toEqual(["domain", "network"]);
  expect(second.next_cursor).toBeNull();
});
