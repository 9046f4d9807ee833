import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import type { MailMessage } from "../../src/bindings.ts";
import { coldIsolate, keepingQueue } from "../support/isolate.ts";
import { expectTalliesToEqualRecount } from "../support/recount.ts";
import {
  codeIn,
  countOf,
  freshEmail,
  linkIn,
  type Mail,
  mailsTo,
  postJson,
  sign,
  tokenOf,
} from "../support/resident.ts";
import { foundTown, openPetition } from "../support/town.ts";

const PEOPLE = 200;
const REPEATS = 50;

beforeAll(foundTown);

interface Person {
  readonly email: string;
  readonly mail: Mail;
}

/** People of all areas, channels and languages whose signatures wait to be verified, with the mails that they got. */
async function signedBy(petitionId: string, people: number): Promise<Person[]> {
  const INTAKE = keepingQueue();
  const MAIL = keepingQueue<MailMessage>();
  const isolate = coldIsolate({ INTAKE, MAIL });
  const emails = Array.from({ length: people }, () => freshEmail());
  for (const [nth, email] of emails.entries()) {
    const postcode = ["BW1 1AA", "BW1 2BB", undefined][nth % 3];
    await sign(isolate, petitionId, {
      email,
      postcode,
      channel: ["poster", "letter"][nth % 2],
      locale: ["en", "de", "fr"][nth % 3],
    });
  }
  for (let at = 0; at < people; at += 100) await isolate.deliver("intake", INTAKE.sent.slice(at, at + 100));
  await isolate.deliver("mail", MAIL.sent);
  return Promise.all(
    emails.map(async (email) => {
      const [mail, ...more] = await mailsTo(email);
      if (!mail || more.length > 0) throw new Error("everybody gets one mail");
      return { email, mail };
    }),
  );
}

const shuffled = <Item>(items: readonly Item[]): Item[] =>
  items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);

// Several isolates, as in several places at once: none knows what another has just done.
const isolates = Array.from({ length: 4 }, () => coldIsolate());
const anyIsolate = () => isolates[Math.floor(Math.random() * isolates.length)] as (typeof isolates)[number];

/** One of the ways to verify: by link, by its page's button, or by the typed code. */
function verify(petitionId: string, { email, mail }: Person, way: number): Promise<Response> {
  const token = tokenOf(linkIn(mail, "v"));
  if (way % 3 === 0) return postJson(anyIsolate(), "/v1/verifications", { token });
  if (way % 3 === 1)
    return postJson(anyIsolate(), "/v1/verifications", { petition_id: petitionId, email, code: codeIn(mail) });
  return anyIsolate().fetch(`/v/${token}`, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-www-form-urlencoded",
      "CF-Connecting-IP": `2001:db8:${way.toString(16)}::1`,
    },
  });
}

const isJson = ({ headers }: Response): boolean => headers.get("Content-Type") === "application/json";

test("200 people who verify at once, 50 of them twice, by link, button and code: exactly 200 count, one by one", async () => {
  const { id, no } = await openPetition();
  await env.DB.batch(
    [
      ["response", PEOPLE / 2],
      ["hearing", PEOPLE],
    ].map(([name, signatures]) =>
      env.DB.prepare("INSERT INTO thresholds (petition_no, name, signatures) VALUES (?, ?, ?)").bind(
        no,
        name,
        signatures,
      ),
    ),
  );
  const people = await signedBy(id, PEOPLE);
  const acts = shuffled([...people, ...people.slice(0, REPEATS)]);
  const answers = await Promise.all(acts.map((person, nth) => verify(id, person, nth)));
  expect(answers.map(({ status }) => status)).toEqual(Array(PEOPLE + REPEATS).fill(200));

  expect(await countOf(coldIsolate(), id)).toBe(PEOPLE);
  await expectTalliesToEqualRecount(no);
  // Whoever acted once reads the count that their act made: no two made the same.
  const repeated = new Set(people.slice(0, REPEATS));
  const counts = await Promise.all(
    answers
      .filter((answer, nth) => isJson(answer) && !repeated.has(acts[nth] as Person))
      .map(async (answer) => ((await answer.json()) as { signature_count: number }).signature_count),
  );
  expect(counts.length).toBeGreaterThan((PEOPLE - REPEATS) / 3);
  expect(new Set(counts).size).toBe(counts.length);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
  expect(Math.max(...counts)).toBeLessThanOrEqual(PEOPLE);
  const again = await verify(id, people[0] as Person, 0);
  expect(await again.json()).toMatchObject({ status: "verified", signature_count: PEOPLE });
  const { results } = await env.DB.prepare(
    "SELECT name FROM thresholds WHERE petition_no = ? AND reached_at IS NOT NULL",
  )
    .bind(no)
    .all();
  expect(results.length).toBe(2);
}, 60_000);

test("verifying and withdrawing at once: whichever comes first, every tally equals a recount", async () => {
  const { id, no } = await openPetition();
  const people = await signedBy(id, 60);
  const acts = shuffled([
    ...people.map((person, nth) => () => verify(id, person, nth)),
    ...people.slice(0, 40).map(
      ({ mail }) =>
        () =>
          postJson(anyIsolate(), "/v1/withdrawals", { token: tokenOf(linkIn(mail, "w")) }),
    ),
  ]);
  const answers = await Promise.all(acts.map((act) => act()));
  for (const { status } of answers) expect([200, 409]).toContain(status);
  await expectTalliesToEqualRecount(no);
  // Who withdrew is out, in whatever order; everybody else counts.
  expect(await countOf(coldIsolate(), id)).toBe(20);
}, 60_000);
