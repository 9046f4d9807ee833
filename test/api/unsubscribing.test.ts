import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { toBase64 } from "../../src/lib/bytes.ts";
import { RootKeys } from "../../src/lib/root-keys.ts";
import { unsubscribeToken } from "../../src/mailings/unsubscribe-token.ts";
import { coldIsolate, faultyDatabase } from "../support/isolate.ts";
import { busyAddress, freshAddress, mailsTo, nextMail, postJson } from "../support/resident.ts";
import { confirmedMailing, mailingRow, people, subscribersOf } from "../support/subscribers.ts";
import { foundTown, openPetition } from "../support/town.ts";

const isolate = coldIsolate();
const MINUTE = "* * * * *";

beforeAll(foundTown);

/** Somebody who has got a mail of a mailing: the path of its link, and the token in it. */
async function mailed(names: readonly string[] = ["Mara Quill"]) {
  const petition = await openPetition();
  const [email = ""] = people(1);
  await subscribersOf(
    petition,
    names.map((name) => ({ email, name })),
  );
  const id = await confirmedMailing(petition.no);
  await isolate.cron(MINUTE);
  const { headers } = await nextMail(email);
  const link = new URL(/^<(.+)>$/.exec(headers["List-Unsubscribe"] ?? "")?.[1] ?? "");
  const path = link.pathname + link.search;
  return { petition, email, id, path, token: link.pathname.slice("/u/".length) };
}

const asking = (no: number) =>
  env.DB.prepare("SELECT sum(updates) AS n FROM signatures WHERE petition_no = ?").bind(no).first<number>("n");

const post = (path: string, body: string, headers: Record<string, string> = {}, at = isolate) =>
  at.fetch(path, {
    method: "POST",
    body,
    headers: { "Content-Type": "application/x-www-form-urlencoded", "CF-Connecting-IP": freshAddress(), ...headers },
  });

describe("a mail program unsubscribes by itself (RFC 8058)", () => {
  test.each([
    ["a form", "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"],
    [
      "a form in parts",
      '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
      "multipart/form-data; boundary=x",
    ],
  ])("with %s, at once, without cookies or a redirect", async (_, body, type) => {
    const { petition, path, id } = await mailed();
    const answer = await post(path, body, { "Content-Type": type });
    expect(answer.status).toBe(200);
    expect(answer.headers.has("Set-Cookie")).toBe(false);
    expect(await asking(petition.no)).toBe(0);
    expect(await mailingRow(id)).toMatchObject({ sent: 1, unsubscribed: 1 });
    expect((await post(path, body, { "Content-Type": type })).status).toBe(200);
    expect(await mailingRow(id)).toMatchObject({ unsubscribed: 1 });
  });

  test("also when very many come from one provider's address", async () => {
    const { petition, path } = await mailed();
    const address = { "CF-Connecting-IP": await busyAddress(isolate) };
    expect((await post(path, "scope=petition", address)).status).toBe(429);
    expect((await post(path, "List-Unsubscribe=One-Click", address)).status).toBe(200);
    expect(await asking(petition.no)).toBe(0);
  });

  test("no other body does it", async () => {
    const { petition, path } = await mailed();
    for (const body of [
      "",
      "List-Unsubscribe=Two-Clicks",
      "scope=everything",
      "List-Unsubscribe=One-Click&scope=all",
    ]) {
      expect((await post(path, body)).status, body).toBe(400);
    }
    expect(await asking(petition.no)).toBe(1);
  });
});

test("the page shows and never acts, however it is opened, and its buttons do", async () => {
  const { petition, path } = await mailed();
  for (const method of ["GET", "HEAD", "GET"]) expect((await isolate.fetch(path, { method })).status).toBe(200);
  const page = await (await isolate.fetch(path)).text();
  expect(page).toContain("Benches for the market square");
  expect(page).toContain("Nothing has happened yet");
  expect(await asking(petition.no)).toBe(1);
  const done = await post(path, "scope=petition");
  expect(await done.text()).toContain("You have unsubscribed");
  expect(await asking(petition.no)).toBe(0);
});

test("of a household everybody who signed with the mailbox is unsubscribed: they share its mail", async () => {
  const { petition, path, id } = await mailed(["Ada Anchorby", "Bran Anchorby"]);
  await post(path, "List-Unsubscribe=One-Click");
  expect(await asking(petition.no)).toBe(0);
  expect(await mailingRow(id)).toMatchObject({ sent: 1, unsubscribed: 1 });
});

test("who wants no news of one petition gets those of another", async () => {
  const { petition, email, path } = await mailed();
  const other = await openPetition();
  await subscribersOf(other, [{ email }]);
  await post(path, "scope=petition");
  await confirmedMailing(petition.no);
  await confirmedMailing(other.no);
  await isolate.cron(MINUTE);
  expect((await mailsTo(email)).length).toBe(2);
});

test("who wants no news of any petition gets none, but those of a petition that they ask for anew", async () => {
  const { email, path } = await mailed();
  const [before, after] = [await openPetition(), await openPetition()];
  await subscribersOf(before, [{ email, acceptedAt: Date.now() - 60_000 }]);
  await post(path, "scope=all");
  await subscribersOf(after, [{ email, acceptedAt: Date.now() + 1 }]);
  await env.DB.prepare("UPDATE signatures SET verified_at = accepted_at - 60000 WHERE petition_no = ?")
    .bind(after.no)
    .run();
  const skipped = await confirmedMailing(before.no);
  await confirmedMailing(after.no);
  await isolate.cron(MINUTE);
  expect((await mailsTo(email)).length).toBe(2);
  expect(await mailingRow(skipped)).toMatchObject({ state: "done", recipients: 1, sent: 0, skipped: 1 });
});

describe("the answer is the same", () => {
  test("by the API, whether or not the signature is still there", async () => {
    const { petition, token } = await mailed();
    const answers: unknown[] = [];
    const ask = async () => {
      const answer = await postJson(isolate, "/v1/unsubscriptions", { token });
      answers.push([answer.status, await answer.json()]);
    };
    await ask();
    await ask();
    await env.DB.prepare("DELETE FROM signatures WHERE petition_no = ?").bind(petition.no).run();
    await ask();
    expect(answers).toEqual(Array(3).fill([200, { status: "unsubscribed", scope: "petition" }]));
    const all = await postJson(isolate, "/v1/unsubscriptions", { token, scope: "all" });
    expect(await all.json()).toEqual({ status: "unsubscribed", scope: "all" });
  });

  test("on the page of a petition that is hidden, which does not name it", async () => {
    const { petition, path } = await mailed();
    await env.DB.prepare("UPDATE petitions SET state = 'hidden', rejection_code = 'offensive' WHERE no = ?")
      .bind(petition.no)
      .run();
    const page = await coldIsolate().fetch(path);
    expect(page.status).toBe(200);
    expect(await page.text()).not.toContain("Benches");
    expect((await post(path, "List-Unsubscribe=One-Click")).status).toBe(200);
  });
});

test("a token that we did not make, or made for something else, is refused without the database", async () => {
  const { token } = await mailed();
  const broken = coldIsolate({ DB: faultyDatabase(() => true) });
  const wrong = [`${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`, token.slice(1), "made-up", `${token}AAAA`];
  for (const one of wrong) {
    expect((await broken.fetch(`/u/${one}`)).status).toBe(422);
    expect((await post(`/u/${one}`, "List-Unsubscribe=One-Click", {}, broken)).status).toBe(422);
    expect((await broken.fetch(`/w/${token}`)).status).toBe(422);
  }
  expect((await post(`/u/${token}`, "List-Unsubscribe=One-Click", {}, broken)).status).toBe(503);
});

test("neither token nor address is logged", async () => {
  const { path, token, email } = await mailed();
  const lines: string[] = [];
  const spy = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  await isolate.fetch(path);
  await post(path, "scope=all");
  spy.mockRestore();
  expect(lines.join("\n")).toContain("/u/:token");
  expect(lines.join("\n")).not.toContain(token.slice(0, 20));
  expect(lines.join("\n")).not.toContain(email);
});

test("links and wishes outlive a rotation of ROOT_KEY: what is met under the old key moves to the new one", async () => {
  const [old, current] = [1, 2].map((n) => crypto.getRandomValues(new Uint8Array(32)).fill(n, 0, 1));
  const settings = (key: Uint8Array, previous?: Uint8Array) => ({
    ...{ ENVIRONMENT: "production", PUBLIC_URL: "https://petitions.example", MAIL_CAPTURE: undefined },
    ...{ ROOT_KEY: toBase64(key), ...(previous ? { ROOT_KEY_PREVIOUS: toBase64(previous) } : {}) },
  });
  const sent: string[] = [];
  const MAILER = { send: async ({ to }: { to: string }) => void sent.push(to) };
  const [email = ""] = people(1);
  const keys = new RootKeys(old as never);
  const petition = await openPetition({}, keys);
  await subscribersOf(petition, [{ email, acceptedAt: 1_764_000_000_000 }], keys);
  const mailbox = await env.DB.prepare("SELECT lower(hex(email_hash)) AS hex FROM signatures WHERE petition_no = ?")
    .bind(petition.no)
    .first<string>("hex");
  const mailing = { id: crypto.randomUUID(), petitionNo: petition.no };
  const token = await unsubscribeToken(keys, mailing, { mailbox: mailbox ?? "", canonical: email });
  const rotating = coldIsolate({ ...settings(current as never, old), MAILER });
  expect((await post(`/u/${token}`, "scope=all", {}, rotating)).status).toBe(200);
  await env.DB.prepare("UPDATE signatures SET updates = 1 WHERE petition_no = ?").bind(petition.no).run();
  const first = await confirmedMailing(petition.no);
  await rotating.cron(MINUTE);
  expect(await mailingRow(first)).toMatchObject({ state: "done", skipped: 1 });
  const hashes = (await env.DB.prepare("SELECT hash FROM unsubscribed_addresses").all<{ hash: string }>()).results;
  expect(hashes.map(({ hash }) => hash)).toContain(await new RootKeys(current as never).hash("unsubscribed", email));
  expect(hashes.map(({ hash }) => hash)).not.toContain(await keys.hash("unsubscribed", email));
  expect(sent).toEqual([]);
});
