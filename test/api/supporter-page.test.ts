import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { petitionToken } from "../../src/petitions/petition-token.ts";
import type { IntakeMessage } from "../../src/signatures/submission.ts";
import { gathering, petitionRow, submitted, supported, supporterSigns, verify } from "../support/creator.ts";
import { coldIsolate, faultyDatabase, keepingQueue, refusingQueue } from "../support/isolate.ts";
import { freshAddress, freshEmail, linkIn, mailsTo, nextMail, sign, tokenOf } from "../support/resident.ts";
import { foundTown, openPetition, rootKeys } from "../support/town.ts";

const isolate = coldIsolate();
const small = coldIsolate({ SUPPORTERS_NEEDED: "2", SUPPORTERS_MAX: "2" });

beforeAll(foundTown);

const tokenFor = ({ uuid }: { uuid: string }) => petitionToken(rootKeys, "supporter", uuid);
const read = async (token: string, query = "", at = coldIsolate()) => {
  const answer = await at.fetch(`/s/${token}${query}`);
  return { status: answer.status, html: await answer.text(), answer };
};
const form = { name: "Mara Quill", postcode: "BW1 1AA", eligible: "yes", updates: "yes" };
const post = async (
  token: string,
  fields: Record<string, string>,
  { at = coldIsolate(), address = freshAddress(), query = "" } = {},
) => {
  const answer = await at.fetch(`/s/${token}${query}`, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { "Content-Type": "application/x-www-form-urlencoded", "CF-Connecting-IP": address },
  });
  return { status: answer.status, html: await answer.text() };
};

describe("the page behind the supporter link", () => {
  test("shows the petition's text and a form, and GET changes nothing however often it comes", async () => {
    const petition = await gathering(isolate, { details: "One lamp.\nNo more." });
    for (let time = 0; time < 3; time++) await read(petition.supporterToken);
    const { status, html, answer } = await read(petition.supporterToken, "?lang=de");
    expect(status).toBe(200);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    for (const text of ["A lamp at the end of the pier", "After dark nobody sees", "One lamp.\nNo more."])
      expect(html).toContain(text);
    expect(html).toContain('<html lang="de"');
    expect(
      [...html.matchAll(/ name="(\w+)"/g)]
        .map(([, name]) => name)
        .filter((name) => name !== "viewport" && name !== "robots" && name !== "referrer"),
    ).toEqual(["privacy", "eligibility", "name", "email", "postcode", "eligible", "updates"]);
    expect(html).toContain(`action="/s/${petition.supporterToken}?lang=de"`);
    expect(await petitionRow(petition.no)).toMatchObject({ pending: 0, verified: 1 });
  });

  test("takes a signature: look into your mailbox, then the mail in the page's language, then it counts", async () => {
    const petition = await gathering(isolate);
    const email = freshEmail();
    const { status, html } = await post(petition.supporterToken, { ...form, email }, { query: "?lang=fr" });
    expect(status).toBe(200);
    expect(html).toContain("boîte aux lettres");
    expect(html).not.toContain(email);
    const mail = await nextMail(email);
    expect(mail.subject).toContain("soutien");
    const thanks = await isolate.fetch(`/v/${tokenOf(linkIn(mail, "v"))}?lang=fr`, { method: "POST" });
    const page = await thanks.text();
    expect(page).toContain("premiers soutiens");
    expect(page).toContain(`/s/${petition.supporterToken}`);
    expect(page).not.toContain("/e/");
    const row = await env.DB.prepare(
      "SELECT role, updates, area_code FROM signatures WHERE petition_no = ? AND role = 'supporter'",
    )
      .bind(petition.no)
      .first();
    expect(row).toEqual({ role: "supporter", updates: 1, area_code: "north" });
  });

  test("answers the same to a new, a repeated and a held signature", async () => {
    const petition = await gathering(isolate);
    const [email, address] = [freshEmail(), freshAddress()];
    const first = await post(petition.supporterToken, { ...form, email }, { address });
    await verify(isolate, tokenOf(linkIn(await nextMail(email), "v")));
    expect(await post(petition.supporterToken, { ...form, email }, { address })).toEqual(first);
    for (let time = 0; time < 5; time++)
      expect(await post(petition.supporterToken, { ...form, email: freshEmail() }, { address })).toEqual(first);
    await expect.poll(async () => (await petitionRow(petition.no)).quarantined_pending).toBeGreaterThan(0);
  });

  test("says what is wrong in the form, keeps what was typed, and signs nothing", async () => {
    const petition = await gathering(isolate);
    const typed = { name: '"><script>', email: "not an address", postcode: "BW1 1AA", updates: "yes" };
    const { status, html } = await post(petition.supporterToken, typed);
    expect(status).toBe(422);
    expect(html).toContain('role="alert"');
    for (const field of ["email", "eligible"]) expect(html).toContain(`href="#${field}"`);
    for (const field of ["postcode"]) expect(html).not.toContain(`href="#${field}"`);
    expect(html).toContain('value="BW1 1AA"');
    expect(html).not.toContain("<script>");
    expect((await post(petition.supporterToken, { ...form, email: freshEmail(), role: "creator" })).status).toBe(422);
    expect((await post(petition.supporterToken, {})).status).toBe(422);
    expect((await post(petition.supporterToken, { ...form, eligible: "no", email: freshEmail() })).status).toBe(422);
    expect((await petitionRow(petition.no)).pending).toBe(0);
  });

  test("says when every place is taken: on GET, and to whoever had the form open", async () => {
    const petition = await gathering(small);
    await supported(isolate, petition, 2);
    const { status, html } = await read(petition.supporterToken);
    expect(status).toBe(200);
    expect(html).toContain("all its first supporters");
    expect(html).not.toContain("<form");
    const late = await post(petition.supporterToken, { ...form, email: freshEmail() });
    expect(late.status).toBe(409);
    expect(late.html).toContain("all its first supporters");
  });

  test("says so while the municipality looks at it, and still takes supporters", async () => {
    const petition = await gathering(coldIsolate({ SUPPORTERS_NEEDED: "1" }));
    expect((await read(petition.supporterToken)).html).toContain("You are invited to be one of the first supporters");
    await supported(isolate, petition, 1);
    expect((await read(petition.supporterToken)).html).toContain("The municipality looks at this petition and decides");
    expect((await post(petition.supporterToken, { ...form, email: freshEmail() })).status).toBe(200);
  });

  test("takes ordinary signatures once the petition is open, and says so", async () => {
    const open = await openPetition();
    const token = await tokenFor(open);
    expect((await read(token)).html).toContain("everybody may sign");
    const email = freshEmail();
    expect((await post(token, { ...form, email })).status).toBe(200);
    expect((await nextMail(email)).subject).toContain("confirm your signature");
    expect(await env.DB.prepare("SELECT role FROM signatures WHERE petition_no = ?").bind(open.no).first("role")).toBe(
      "signer",
    );
  });

  test.each([
    ["closed", { state: "closed", ended_at: 5 }, 200, 409],
    ["over, though the job has not run", { closes_at: Date.now() - 1 }, 200, 409],
    ["stopped", { state: "stopped", ended_at: 5 }, 200, 409],
    ["rejected", { state: "rejected", rejection_code: "duplicate" }, 200, 409],
    ["hidden", { state: "hidden", rejection_code: "offensive" }, 404, 404],
    ["a draft", { state: "draft" }, 404, 404],
  ])("shows no form for a petition that is %s, nor its text", async (_, columns, shown, posted) => {
    const petition = await openPetition(columns);
    const token = await tokenFor(petition);
    const { status, html } = await read(token);
    expect(status).toBe(shown);
    expect(html).not.toMatch(/<form|Benches|nowhere to sit/);
    const late = await post(token, { ...form, email: freshEmail() });
    expect(late.status).toBe(posted);
    expect(late.html).not.toMatch(/<form|nowhere to sit/);
    expect((await petitionRow(petition.no)).pending).toBe(0);
  });

  test("is a kind page for a link that is not valid, without asking the database", async () => {
    const down = coldIsolate({ DB: faultyDatabase(() => true) });
    const petition = await submitted(isolate);
    for (const token of ["x", "%00", petition.editToken, `${petition.supporterToken}A`]) {
      expect((await read(token, "", down)).status, token).toBe(422);
      expect((await post(token, { ...form, email: freshEmail() }, { at: down })).status).toBe(422);
    }
  });

  test("while the database is down a signature is taken all the same, and a page asks to come again", async () => {
    const petition = await gathering(isolate);
    const INTAKE = keepingQueue<IntakeMessage>();
    const down = coldIsolate({ DB: faultyDatabase(() => true), INTAKE });
    expect((await read(petition.supporterToken, "", down)).status).toBe(503);
    const email = freshEmail();
    expect((await post(petition.supporterToken, { ...form, email }, { at: down })).status).toBe(200);
    expect(INTAKE.sent).toMatchObject([{ v: 3, supporter: true }]);
    expect(await coldIsolate().deliver("intake", INTAKE.sent)).toEqual([]);
    await nextMail(email);
    const nothing = coldIsolate({ DB: faultyDatabase(() => true), INTAKE: refusingQueue });
    expect((await post(petition.supporterToken, { ...form, email: freshEmail() }, { at: nothing })).status).toBe(503);
  });
});

describe("a supporter's submission that is recorded late", () => {
  const accept = async (petition: Awaited<ReturnType<typeof gathering>>, fields: Record<string, unknown> = {}) => {
    const INTAKE = keepingQueue<IntakeMessage>();
    await sign(coldIsolate({ INTAKE }), petition.id, { supporter_token: petition.supporterToken, ...fields });
    return INTAKE.sent;
  };
  const roles = async (no: number) =>
    (await env.DB.prepare("SELECT role FROM signatures WHERE petition_no = ? AND role <> 'creator'").bind(no).all())
      .results;
  const move = (no: number, columns: string) =>
    env.DB.prepare(`UPDATE petitions SET ${columns} WHERE no = ?`).bind(no).run();

  test("is judged by when it was accepted: a supporter's before the petition opened, an ordinary one after", async () => {
    const petition = await gathering(isolate);
    const before = await accept(petition);
    await move(petition.no, "state = 'moderation'");
    const opens = (before[0]?.accepted_at ?? 0) + 1;
    await move(petition.no, `state = 'open', opens_at = ${opens}, closes_at = ${opens + 86_400_000}`);
    const after = await accept(petition);
    expect(await coldIsolate().deliver("intake", [...before, ...after])).toEqual([]);
    expect((await roles(petition.no)).map(({ role }) => role).sort()).toEqual(["signer", "supporter"]);
    expect(await coldIsolate().deliver("intake", [...after, ...before])).toEqual([]);
    expect((await roles(petition.no)).length).toBe(2);
  });

  test("is dropped without a trace when the petition was hidden or rejected meanwhile", async () => {
    for (const columns of ["state = 'hidden', rejection_code = 'offensive'"]) {
      const petition = await gathering(isolate);
      const email = freshEmail();
      const messages = await accept(petition, { email });
      await move(petition.no, columns);
      expect(await coldIsolate().deliver("intake", messages)).toEqual([]);
      expect(await roles(petition.no)).toEqual([]);
      expect(await mailsTo(email)).toEqual([]);
    }
  });

  test("is taken though every place was taken meanwhile: verifying settles it", async () => {
    const petition = await gathering(small);
    const email = freshEmail();
    const messages = await accept(petition, { email });
    await supported(isolate, petition, 2);
    expect(await coldIsolate().deliver("intake", messages)).toEqual([]);
    const page = await isolate.fetch(`${linkIn(await nextMail(email), "v")}`, { method: "POST" });
    expect(page.status).toBe(409);
    expect((await petitionRow(petition.no)).verified).toBe(3);
  });
});

test("a creator who follows the mail's link is led to their own page; whoever typed a code is not", async () => {
  const byLink = await submitted(isolate);
  const page = await (await isolate.fetch(linkIn(byLink.mail, "v"), { method: "POST" })).text();
  expect(page).toContain(`/e/${byLink.editToken}`);
  expect(page).not.toContain("/v1/petitions/");
  const byCode = await submitted(isolate);
  const code = /\b\d{6}\b/.exec(byCode.mail.text)?.[0] ?? "";
  const typed = await isolate.fetch("/v?lang=en", {
    method: "POST",
    body: new URLSearchParams({ petition_id: byCode.id, email: byCode.email, code }),
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
  });
  const text = await typed.text();
  expect(text).toContain("Your petition is confirmed");
  expect(text).not.toContain("/e/");
  await supporterSigns(isolate, byLink);
});
