import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { toBase64 } from "../../src/lib/bytes.ts";
import { RootKeys } from "../../src/lib/root-keys.ts";
import { crowd } from "../support/crowd.ts";
import { coldIsolate, keepingQueue } from "../support/isolate.ts";
import { meteredDatabase } from "../support/metered-database.ts";
import { listenToLogs } from "../support/resend.ts";
import { asStaff, staffKey } from "../support/staff.ts";
import { clearMailings, confirmedMailing, mailingRow, people, subscribersOf } from "../support/subscribers.ts";
import { foundTown, openPetition } from "../support/town.ts";

const MINUTE = "* * * * *";
const rootKey = crypto.getRandomValues(new Uint8Array(32));
const keys = new RootKeys(rootKey);

interface Sent {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly headers: Record<string, string>;
}

let sent: Sent[] = [];
let logs: ReturnType<typeof listenToLogs>;

/** A deployed Worker with a `send_email` binding; `send` may refuse. */
function deployed(overrides: Record<string, unknown> = {}, send: (mail: Sent) => unknown = () => undefined) {
  const MAILER = {
    async send(mail: Sent) {
      await send(mail);
      sent.push(mail);
    },
  };
  const settings = { ENVIRONMENT: "production", PUBLIC_URL: "https://petitions.example", ROOT_KEY: toBase64(rootKey) };
  return coldIsolate({
    ...{ ...settings, MAILER, MAIL_CAPTURE: undefined, MAILINGS_PER_MINUTE: "60000", MAIL: keepingQueue() },
    ...overrides,
  });
}

const got = (): string[] => sent.map(({ to }) => to).sort();
const wait = (ms: number) => vi.setSystemTime(Date.now() + ms);

async function petitionOf(addresses: readonly string[], columns = {}) {
  const petition = await openPetition(columns, keys);
  await subscribersOf(
    petition,
    addresses.map((email) => ({ email })),
    keys,
  );
  return petition;
}

/** The real database, of which one call fails: the one with this number, from the first that is about mailings on. */
function failingOnce(failing: number): D1Database {
  let [begun, calls] = [false, 0];
  return new Proxy(env.DB, {
    get(target, name) {
      if (name === "prepare") {
        return (query: string) => {
          begun ||= query.includes("mailing_turn");
          return target.prepare(query);
        };
      }
      if (name === "batch") {
        return (statements: D1PreparedStatement[]) =>
          begun && ++calls === failing
            ? Promise.reject(new Error("D1_ERROR: Network connection lost."))
            : target.batch(statements);
      }
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

beforeAll(foundTown);

beforeEach(async () => {
  await clearMailings();
  sent = [];
  logs = listenToLogs();
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  expect(logs.text).not.toContain("example.org");
});

test("a mailing goes to everybody who asked for news and counts, and to nobody else", async () => {
  const petition = await openPetition({}, keys);
  const [asked, german, french, pending, withdrawn, invalidated, held, silent] = people(8) as [string, ...string[]];
  const rows = [
    { email: asked },
    { email: german as string, locale: "de" },
    { email: french as string, locale: "fr-CH" },
    { email: pending as string, state: "pending" as const },
    { email: withdrawn as string, state: "withdrawn" as const },
    { email: invalidated as string, state: "invalidated" as const },
    { email: held as string, hold: "rate" },
    { email: silent as string, updates: 0 as const },
  ];
  await subscribersOf(petition, rows, keys);
  const id = await confirmedMailing(petition.no, { kind: "threshold", about: "hearing", texts: null as never });
  await deployed().cron(MINUTE);
  expect(got()).toEqual([asked, german, french].sort());
  expect(sent.find(({ to }) => to === german)?.text).toContain("Guten Tag");
  expect(sent.find(({ to }) => to === french)?.text).toContain("vous avez signée");
  expect(await mailingRow(id)).toMatchObject({
    state: "done",
    recipients: 3,
    sent: 3,
    failed: 0,
    skipped: 0,
    parts: "[]",
  });
});

test("two people of one household who both asked get one mail, at the mailbox that they share", async () => {
  const petition = await openPetition({}, keys);
  const [shared = "", alone = ""] = people(2);
  const household = ["Ada Anchorby", "Bran Anchorby"].map((name) => ({ email: shared, name }));
  await subscribersOf(petition, [...household, { email: alone }], keys);
  const id = await confirmedMailing(petition.no);
  await deployed().cron(MINUTE);
  expect(got()).toEqual([alone, shared].sort());
  expect(await mailingRow(id)).toMatchObject({ state: "done", recipients: 2, sent: 2 });
});

test("a mailbox of which only the second person counts gets its mail, wherever a step ends", async () => {
  const petition = await openPetition({}, keys);
  const mailboxes = people(25);
  const rows = mailboxes.flatMap((email) => [
    { email, name: "Ada Anchorby", updates: 0 as const },
    { email, name: "Bran Anchorby" },
    { email, name: "Cora Anchorby", state: "withdrawn" as const },
  ]);
  await subscribersOf(petition, rows, keys);
  await confirmedMailing(petition.no);
  await deployed({ MAILINGS_PER_MINUTE: "7" }).cron(MINUTE);
  while (sent.length < 25) {
    wait(60_000);
    await deployed({ MAILINGS_PER_MINUTE: "7" }).cron(MINUTE);
  }
  expect(got()).toEqual(mailboxes.sort());
});

test("a mailing of a petition of which nobody asked for news is over at once, and says so", async () => {
  const petition = await openPetition({}, keys);
  await subscribersOf(petition, [{ email: people(1)[0] as string, updates: 0 }], keys);
  const id = await confirmedMailing(petition.no);
  await deployed().cron(MINUTE);
  expect(sent).toEqual([]);
  expect(await mailingRow(id)).toMatchObject({ state: "done", ended_because: "nobody_asked", recipients: 0 });
});

test("mails carry what mail programs unsubscribe by, and the page's link", async () => {
  const [email = ""] = people(1);
  await confirmedMailing((await petitionOf([email])).no);
  await deployed().cron(MINUTE);
  const { headers = {}, text = "", subject } = sent[0] ?? {};
  const link = /^<(https:\/\/petitions\.example\/u\/[\w-]{80}\?lang=en)>$/.exec(headers["List-Unsubscribe"] ?? "")?.[1];
  expect(headers["List-Unsubscribe-Post"]).toBe("List-Unsubscribe=One-Click");
  expect(headers["Auto-Submitted"]).toBe("auto-generated");
  expect(text).toContain(link ?? "no link");
  expect(subject).toBe("Come to the hearing");
});

test("no more than the setting's mails go out in a minute, of all mailings together, and a doubled run sends none", async () => {
  const [one, other] = [people(40), people(40)];
  await confirmedMailing((await petitionOf(one)).no);
  await confirmedMailing((await petitionOf(other)).no);
  const isolate = () => deployed({ MAILINGS_PER_MINUTE: "30" });
  await isolate().cron(MINUTE);
  expect(sent.length).toBe(30);
  await isolate().cron(MINUTE);
  expect(sent.length).toBe(30);
  for (const total of [60, 80]) {
    wait(60_000);
    await isolate().cron(MINUTE);
    expect(sent.length).toBe(total);
  }
  expect(got()).toEqual([...one, ...other].sort());
});

test("mailings of several petitions take turns: a small one does not wait for a large one", async () => {
  const [large, small] = [people(200), people(5)];
  await confirmedMailing((await petitionOf(large)).no);
  await confirmedMailing((await petitionOf(small)).no);
  await deployed({ MAILINGS_PER_MINUTE: "40" }).cron(MINUTE);
  expect(got()).toEqual(expect.arrayContaining(small));
});

test("two workers at once: one has the turn, and everybody gets one mail", async () => {
  const signers = people(60);
  const id = await confirmedMailing((await petitionOf(signers)).no);
  await Promise.all([deployed().cron(MINUTE), deployed().cron(MINUTE), deployed().cron(MINUTE)]);
  while ((await mailingRow(id)).state !== "done") await deployed().cron(MINUTE);
  expect(got()).toEqual(signers.sort());
});

test("a call of the database that fails holds no mailing up for longer than a minute, and repeats no mail", async () => {
  for (let failing = 1; failing <= 9; failing++) {
    sent = [];
    const signers = people(15);
    const id = await confirmedMailing((await petitionOf(signers)).no);
    await deployed({ DB: failingOnce(failing) }).cron(MINUTE);
    for (let minute = 0; minute < 2; minute++) {
      wait(60_000);
      await deployed().cron(MINUTE);
    }
    expect([failing, (await mailingRow(id)).state, got()]).toEqual([failing, "done", signers.sort()]);
  }
});

test("of one petition mailings go one after the other, and both arrive", async () => {
  const signers = people(25);
  const { no } = await petitionOf(signers);
  const first = await confirmedMailing(no);
  const second = await confirmedMailing(no, { kind: "response", about: "1", texts: null as never });
  await deployed({ MAILINGS_PER_MINUTE: "10" }).cron(MINUTE);
  expect(await mailingRow(first)).toMatchObject({ state: "running", sent: 10 });
  expect(await mailingRow(second)).toMatchObject({ state: "waiting", sent: 0 });
  for (let n = 0; n < 6; n++) {
    wait(60_000);
    await deployed({ MAILINGS_PER_MINUTE: "10" }).cron(MINUTE);
  }
  expect(await mailingRow(second)).toMatchObject({ state: "done", sent: 25 });
  expect(sent.length).toBe(50);
});

test("other mail that waits goes first: nothing of a mailing goes before it is gone", async () => {
  const signers = people(5);
  await confirmedMailing((await petitionOf(signers)).no);
  const job = crypto.randomUUID();
  await env.DB.prepare(
    "INSERT INTO outbox (id, kind, items, remaining, due_at, created_at) VALUES (?, 'signature_answer', '[]', '[\"x\"]', 1, 1)",
  )
    .bind(job)
    .run();
  await deployed().cron(MINUTE);
  expect(sent).toEqual([]);
  await env.DB.prepare("UPDATE outbox SET state = 'sent' WHERE id = ?").bind(job).run();
  await deployed().cron(MINUTE);
  expect(got()).toEqual(signers.sort());
});

test("other mail that comes while a mailing runs goes before its next part", async () => {
  const signers = people(40);
  const id = await confirmedMailing((await petitionOf(signers)).no);
  let waiting: Promise<unknown> | undefined;
  const isolate = deployed({}, () => {
    waiting ??= env.DB.prepare(
      "INSERT INTO outbox (id, kind, items, remaining, due_at, created_at) VALUES (?, 'signature_answer', '[]', '[\"x\"]', 1, 1)",
    )
      .bind(crypto.randomUUID())
      .run();
  });
  await isolate.cron(MINUTE);
  await waiting;
  expect(sent.length).toBe(10);
  expect(await mailingRow(id)).toMatchObject({ state: "running", sent: 10 });
});

test("the switch holds a mailing from its next part on, and it goes on by itself", async () => {
  const signers = people(40);
  const id = await confirmedMailing((await petitionOf(signers)).no);
  let switched: Promise<unknown> | undefined;
  const isolate = deployed({}, () => {
    switched ??= env.DB.prepare(
      `INSERT INTO settings (name, value, updated_at) VALUES ('switches', '{"signing_paused":null,"creation_paused":null,"mailings_paused":1}', 1)`,
    ).run();
  });
  await isolate.cron(MINUTE);
  await switched;
  expect(sent.length).toBe(10);
  wait(600_000);
  await isolate.cron(MINUTE);
  expect(sent.length).toBe(10);
  await env.DB.prepare(
    `UPDATE settings SET value = json_set(value, '$.mailings_paused', NULL) WHERE name = 'switches'`,
  ).run();
  await isolate.cron(MINUTE);
  expect(got()).toEqual(signers.sort());
  expect((await mailingRow(id)).state).toBe("done");
});

test("a petition that is hidden in the middle stops its mailing for good", async () => {
  const { no } = await petitionOf(people(40));
  const id = await confirmedMailing(no);
  let hidden: Promise<unknown> | undefined;
  const isolate = deployed({}, () => {
    hidden ??= env.DB.prepare("UPDATE petitions SET state = 'hidden', rejection_code = 'offensive' WHERE no = ?")
      .bind(no)
      .run();
  });
  await isolate.cron(MINUTE);
  await hidden;
  await isolate.cron(MINUTE);
  expect(sent.length).toBe(10);
  expect(await mailingRow(id)).toMatchObject({ state: "stopped", ended_because: "petition_hidden", sent: 10 });
});

test("a mailing that staff cancel while a part is on its way counts that part and sends no more", async () => {
  const signers = people(40);
  const id = await confirmedMailing((await petitionOf(signers)).no);
  const key = await staffKey("moderator");
  let cancelled: Promise<Response> | undefined;
  const isolate = deployed({}, async () => {
    cancelled ??= asStaff(deployed(), "POST", `/mailings/mlg_${id}/cancel`, { key });
    await cancelled;
  });
  await isolate.cron(MINUTE);
  expect((await cancelled)?.status).toBe(200);
  await isolate.cron(MINUTE);
  expect(sent.length).toBe(10);
  expect(await mailingRow(id)).toMatchObject({ state: "cancelled", ended_because: "cancelled", sent: 10 });
});

test("a step reads and writes a bounded number of rows, however large the petition: a fraction of a row a mail", async () => {
  const { DB, measure } = meteredDatabase();
  const petition = await openPetition({}, keys);
  await crowd(petition.no, 30_000);
  const signers = people(200);
  await subscribersOf(
    petition,
    signers.map((email) => ({ email })),
    keys,
  );
  const isolate = () => deployed({ DB });
  const idle = await measure(() => isolate().cron(MINUTE));
  const id = await confirmedMailing(petition.no);
  const busy = await measure(() => isolate().cron(MINUTE));
  expect(await mailingRow(id)).toMatchObject({ state: "done", sent: 200 });
  // Ten mails a part: the turn twice, the mailing, the day's rates.
  expect((busy.written - idle.written) / 200).toBeLessThanOrEqual(0.6);
  // Among 30,000 who did not ask: every row once or twice, and a few for each part.
  expect(busy.read - idle.read).toBeLessThanOrEqual(2 * 30_200 + 20 * 12 * 20);
  const dense = await petitionOf(people(200));
  await confirmedMailing(dense.no);
  const short = await measure(() => isolate().cron(MINUTE));
  // Where everybody asked, a part reads its ten people and little more.
  expect((short.read - idle.read) / 200).toBeLessThanOrEqual(6);
  expect(sent.length).toBe(400);
});

test("who withdraws, is taken out or unsubscribes in the middle is left out", async () => {
  const signers = people(60);
  const { no } = await petitionOf(signers);
  await confirmedMailing(no);
  let gone: Promise<unknown> | undefined;
  const isolate = deployed({}, () => {
    // Of those that are still to come, a third each.
    gone ??= env.DB.batch(
      [
        "UPDATE signatures SET state = 'withdrawn', ended_at = 1, verified_at = NULL, verified_hour = NULL, sealed = NULL WHERE petition_no = ?1 AND updates = 1 AND email_hash > (SELECT email_hash FROM signatures WHERE petition_no = ?1 ORDER BY email_hash LIMIT 1 OFFSET 9) AND person_hash % 3 = 0",
        "UPDATE signatures SET updates = 0 WHERE petition_no = ?1 AND email_hash > (SELECT email_hash FROM signatures WHERE petition_no = ?1 ORDER BY email_hash LIMIT 1 OFFSET 9) AND person_hash % 3 = 1",
      ].map((sql) => env.DB.prepare(sql).bind(no)),
    );
  });
  await isolate.cron(MINUTE);
  await gone;
  const left = await env.DB.prepare(
    `SELECT count(*) AS n FROM signatures WHERE petition_no = ?1 AND state = 'verified' AND updates = 1 AND email_hash >
      (SELECT email_hash FROM signatures WHERE petition_no = ?1 ORDER BY email_hash LIMIT 1 OFFSET 9)`,
  )
    .bind(no)
    .first<number>("n");
  expect(sent.length).toBe(10 + (left ?? 0));
  expect(sent.length).toBeLessThan(60);
});

test("suppressed addresses, and those that want no news of any petition, get none", async () => {
  const [bounced = "", never = "", anew = "", usual = ""] = people(4);
  const petition = await openPetition({}, keys);
  const since = Date.now() - 86_400_000;
  await subscribersOf(
    petition,
    [bounced, never, usual].map((email) => ({ email, acceptedAt: since - 1 })),
    keys,
  );
  await subscribersOf(petition, [{ email: anew, acceptedAt: since + 1 }], keys);
  await env.DB.batch([
    env.DB.prepare("INSERT INTO suppressed_addresses VALUES (?, 'bounced_hard', 1)").bind(
      await keys.hash("suppression", bounced),
    ),
    ...(await Promise.all(
      [never, anew].map(async (email) =>
        env.DB.prepare("INSERT INTO unsubscribed_addresses VALUES (?, ?)").bind(
          await keys.hash("unsubscribed", email),
          since,
        ),
      ),
    )),
  ]);
  const id = await confirmedMailing(petition.no);
  await deployed().cron(MINUTE);
  expect(got()).toEqual([anew, usual].sort());
  expect(await mailingRow(id)).toMatchObject({ state: "done", recipients: 4, sent: 2, skipped: 2 });
});

test("who verifies after it began is not written to: a mailing ends", async () => {
  const [early = "", late = ""] = people(2);
  const petition = await petitionOf([early]);
  await subscribersOf(petition, [{ email: late, acceptedAt: Date.now() + 60_000 }], keys);
  await confirmedMailing(petition.no);
  await deployed().cron(MINUTE);
  expect(got()).toEqual([early]);
});
