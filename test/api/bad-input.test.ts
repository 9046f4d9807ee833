import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { coldIsolate, keepingQueue } from "../support/isolate.ts";
import { freshAddress, postJson, sign } from "../support/resident.ts";
import { asStaff } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

const INTAKE = keepingQueue<unknown>();
const isolate = coldIsolate({ INTAKE });
let petition = "";
let path = "";

beforeAll(async () => {
  await foundTown();
  petition = (await openPetition()).id;
  path = `/v1/petitions/${petition}/signatures`;
});

/** A problem, with nothing of the request in it. */
async function expectProblem(response: Response, status: number, code: string, sent = ""): Promise<unknown> {
  const text = await response.text();
  const body = JSON.parse(text) as { request_id: string };
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  expect(body).toMatchObject({ type: expect.stringMatching(new RegExp(`/problems/${code}$`)), status, code });
  expect(body.request_id).toMatch(/^[0-9a-f-]{36}$/);
  if (sent) expect(text).not.toContain(sent);
  expect(response.status).toBe(status);
  return body;
}

const raw = (body: BodyInit, headers: Record<string, string> = { "Content-Type": "application/json" }) =>
  isolate.fetch(path, { method: "POST", body, headers: { "CF-Connecting-IP": freshAddress(), ...headers } });

test("malformed JSON, other types and broken UTF-8 are refused", async () => {
  await expectProblem(await raw("{secretive"), 400, "invalid_json", "secretive");
  await expectProblem(await raw(""), 400, "invalid_json");
  await expectProblem(await raw(new Uint8Array([0x22, 0xff, 0x22])), 400, "invalid_json");
  await expectProblem(await raw("{}", { "Content-Type": "text/plain" }), 415, "unsupported_media_type");
  await expectProblem(
    await raw("a=b", { "Content-Type": "application/x-www-form-urlencoded" }),
    415,
    "unsupported_media_type",
  );
  await expectProblem(await raw(new Uint8Array([123, 125]), {}), 415, "unsupported_media_type");
  for (const json of ["null", "[]", "7", '"text"']) await expectProblem(await raw(json), 400, "invalid_request");
});

test("a body of 32 KB is read, a larger one is refused, whether or not it says its length", async () => {
  const padded = (bytes: number) => JSON.stringify({ name: "x" }).padEnd(bytes, " ");
  await expectProblem(await raw(padded(32 * 1024)), 400, "invalid_request");
  await expectProblem(await raw(padded(32 * 1024 + 1)), 413, "payload_too_large");
  const stream = new Blob([padded(64 * 1024)]).stream();
  await expectProblem(await raw(stream), 413, "payload_too_large");
  const lying = { "Content-Type": "application/json", "Content-Length": "10" };
  await expectProblem(await raw(padded(64 * 1024), lying), 413, "payload_too_large");
});

test("every field of a signature is checked, named by its pointer, and never repeated", async () => {
  const cases: [Record<string, unknown>, string, string][] = [
    [{ name: undefined }, "/name", "missing"],
    [{ name: "  " }, "/name", "empty"],
    [{ name: "n".repeat(256) }, "/name", "too_long"],
    [{ name: "=HYPERLINK(1)" }, "/name", "formula"],
    [{ name: "@someone" }, "/name", "formula"],
    [{ name: "Visit www.bad.example" }, "/name", "link"],
    [{ name: "two\nlines" }, "/name", "forbidden_characters"],
    [{ name: "nul\u0000" }, "/name", "forbidden_characters"],
    [{ name: "lone \ud800" }, "/name", "forbidden_characters"],
    [{ name: 7 }, "/name", "wrong_type"],
    [{ email: "nobody" }, "/email", "email"],
    [{ email: "a@b" }, "/email", "email"],
    [{ email: `${"a".repeat(65)}@example.org` }, "/email", "email"],
    [{ email: "a\u0000@example.org" }, "/email", "forbidden_characters"],
    [{ postcode: "x".repeat(17) }, "/postcode", "too_long"],
    [{ postcode: "<b>" }, "/postcode", "wrong_type"],
    [{ country: "gb" }, "/country", "wrong_type"],
    [{ eligible: false }, "/eligible", "not_accepted"],
    [{ eligible: undefined }, "/eligible", "missing"],
    [{ updates: "yes" }, "/updates", "wrong_type"],
    [{ channel: "Poster!" }, "/channel", "wrong_type"],
    [{ locale: "e" }, "/locale", "wrong_type"],
    [{ "unknown-secret": 1 }, "", "unknown_field"],
  ];
  for (const [fields, pointer, code] of cases) {
    const body = await expectProblem(await sign(isolate, petition, fields), 400, "invalid_request", "unknown-secret");
    expect(body, JSON.stringify(fields)).toMatchObject({ errors: [{ pointer, code }] });
  }
  expect((await sign(isolate, petition, { name: "n".repeat(255) })).status).toBe(202);
});

test("every field of a petition is checked", async () => {
  const submit = (fields: Record<string, unknown>) =>
    postJson(isolate, "/v1/petitions", {
      title: "A title",
      background: "Because.",
      creator: { name: "Ilse Brand", email: "ilse@example.org" },
      ...fields,
    });
  const cases: [Record<string, unknown>, string, string][] = [
    [{ title: "t".repeat(101) }, "/title", "too_long"],
    [{ title: "-1+1" }, "/title", "formula"],
    [{ background: "b".repeat(501) }, "/background", "too_long"],
    [{ details: "d".repeat(1001) }, "/details", "too_long"],
    [{ creator: { name: "I", email: "no" } }, "/creator/email", "email"],
    [{ creator: { name: "I", email: "i@example.org", admin: true } }, "", "unknown_field"],
    [{ area: "nowhere" }, "/area", "unknown_code"],
    [{ topics: ["parks", "nothing"] }, "/topics/1", "unknown_code"],
    [{ topics: ["a", "b", "c", "d", "e", "f"] }, "/topics", "too_many"],
  ];
  for (const [fields, pointer, code] of cases) {
    const body = await expectProblem(await submit(fields), 400, "invalid_request");
    expect(body, JSON.stringify(fields)).toMatchObject({ errors: [{ pointer, code }] });
  }
  expect(
    (await submit({ title: "t".repeat(100), background: "😀".repeat(500), details: "d".repeat(1000) })).status,
  ).toBe(202);
});

test("forged tokens and codes are refused, and garbage does not reach the database", async () => {
  let calls = 0;
  const DB = new Proxy(env.DB, {
    get(db, name) {
      if (name === "batch") calls++;
      const value = Reflect.get(db, name);
      return typeof value === "function" ? value.bind(db) : value;
    },
  });
  const watched = coldIsolate({ DB });
  const begun = Date.now();
  const tokens = ["", "x", "A".repeat(64), "A".repeat(43), `${"A".repeat(63)}=`, "../../etc", "%00", "A".repeat(200)];
  for (const token of tokens) {
    await expectProblem(await postJson(watched, "/v1/verifications", { token }), 422, "token_invalid");
    await expectProblem(await postJson(watched, "/v1/withdrawals", { token }), 422, "token_invalid");
    if (token === "" || token.includes("/")) continue;
    for (const page of ["v", "w"]) {
      for (const method of ["GET", "POST"]) {
        const response = await watched.fetch(`/${page}/${token}`, {
          method,
          headers: { "CF-Connecting-IP": freshAddress() },
        });
        expect(response.status).toBe(422);
        expect(response.headers.get("Content-Type")).toContain("text/html");
      }
    }
  }
  await expectProblem(await postJson(watched, "/v1/verifications", { token: "A".repeat(201) }), 400, "invalid_request");
  // But for limits and lists, which an isolate reads when it starts and again after four seconds.
  expect(calls).toBeLessThanOrEqual(1 + Math.floor((Date.now() - begun) / 4_000));
  const guess = { petition_id: petition, email: "nobody@example.org", code: "000000" };
  await expectProblem(await postJson(watched, "/v1/verifications", guess), 422, "code_invalid", "nobody@");
  const partial = await postJson(watched, "/v1/verifications", { petition_id: petition, email: "x", code: "000000" });
  expect(await expectProblem(partial, 400, "invalid_request")).toMatchObject({
    errors: [{ pointer: "/email", code: "email" }],
  });
});

test("nothing of all this was stored or queued but the two that were accepted", async () => {
  expect(INTAKE.sent.length).toBe(1);
  const stored = await env.DB.prepare(
    "SELECT (SELECT count(*) FROM signatures WHERE role = 'signer') AS s, (SELECT count(*) FROM petitions WHERE state = 'draft') AS p",
  ).first();
  expect(stored).toEqual({ s: 0, p: 1 });
});

test("a method that a path does not have is 405 and names those that it has; an unknown path is 404", async () => {
  const wrong = await isolate.fetch(path, { method: "DELETE" });
  await expectProblem(wrong.clone() as Response, 405, "method_not_allowed");
  expect(wrong.headers.get("Allow")).toContain("POST");
  await expectProblem(await isolate.fetch("/v1/nothing"), 404, "not_found");
});

test("a name that only the sender chose stands in no pointer, a language does", async () => {
  const { id } = await openPetition();
  const draft = (texts: unknown) => asStaff(isolate, "POST", `/petitions/${id}/mailings`, { body: { texts } });
  const wrong = { subject: 1, body: "x" };
  const named = await draft({ "Ada Anchorby": wrong });
  expect(await expectProblem(named, 400, "invalid_request", "Ada")).toMatchObject({ errors: [{ pointer: "/texts" }] });
  const spoken = await draft({ de: wrong });
  expect(await spoken.json()).toMatchObject({ errors: [{ pointer: "/texts/de/subject" }] });
});
