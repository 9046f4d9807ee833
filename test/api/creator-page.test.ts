import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { petitionStates } from "../../src/db/schema.ts";
import { PetitionSecret } from "../../src/petitions/petition-secret.ts";
import { petitionToken } from "../../src/petitions/petition-token.ts";
import { gathering, petitionRow, submitted, supported, supporterSigns, verify } from "../support/creator.ts";
import { coldIsolate, faultyDatabase } from "../support/isolate.ts";
import { freshAddress, linkIn, nextMail, postJson, tokenOf } from "../support/resident.ts";
import { actsOn } from "../support/staff.ts";
import { foundTown, openPetition, rootKeys } from "../support/town.ts";

const isolate = coldIsolate();

beforeAll(foundTown);

const tokenFor = ({ uuid }: { uuid: string }) => petitionToken(rootKeys, "edit", uuid);
const read = async (token: string, query = "", at = coldIsolate()) => {
  const answer = await at.fetch(`/e/${token}${query}`);
  return { status: answer.status, html: await answer.text(), answer };
};
const post = async (path: string, fields: Record<string, string>, at = coldIsolate()) => {
  const answer = await at.fetch(`/e/${path}`, {
    method: "POST",
    redirect: "manual",
    body: new URLSearchParams(fields),
    headers: { "Content-Type": "application/x-www-form-urlencoded", "CF-Connecting-IP": freshAddress() },
  });
  return { status: answer.status, html: await answer.text(), to: answer.headers.get("Location") };
};
const inState = (state: string, more: Record<string, string | number | null> = {}) =>
  openPetition({
    state,
    rejection_code: state === "rejected" || state === "hidden" ? "offensive" : null,
    ended_at: state === "closed" || state === "stopped" ? 5 : null,
    gate_reached_at: 1,
    ...more,
  });
const text = { title: "A new title", background: "First line.\r\nSecond line.", details: "" };

test.each(petitionStates.map((state) => [state]))(
  "in state %s it shows what can be done, and GET changes nothing",
  async (state) => {
    const petition = await inState(state);
    const token = await tokenFor(petition);
    const before = await petitionRow(petition.no);
    const shown = await Promise.all(["en", "de", "fr"].map((lang) => read(token, `?lang=${lang}`)));
    for (const { status, html, answer } of shown) {
      expect(status).toBe(200);
      expect(answer.headers.get("Cache-Control")).toBe("no-store");
      expect(html).toContain("Benches for the market square");
      expect(html).not.toMatch(/undefined|null|\[object/);
      const editable = ["draft", "gathering", "changes_requested"].includes(state);
      expect(html.includes('name="title"'), "a form for the text").toBe(editable);
      expect(html.includes("/resubmission"), "a button to send it in").toBe(state === "changes_requested");
      expect(html.includes('name="reason"'), "a form to stop it").toBe(state === "open");
      expect(html.includes("/s/"), "the supporters' link").toBe(state === "gathering");
      expect(html.includes("/v1/petitions/"), "a link to the petition").toBe(
        ["open", "closed", "stopped", "rejected"].includes(state),
      );
    }
    expect(new Set(shown.map(({ html }) => html)).size).toBe(3);
    expect(await petitionRow(petition.no)).toEqual(before);
  },
);

test("shows how many supporters have confirmed, without the held ones and the creator, and the link to share", async () => {
  const petition = await gathering(isolate);
  expect((await read(petition.editToken)).html).toContain("0 of 5 supporters have confirmed.");
  await supported(isolate, petition, 1);
  const held = await supporterSigns(isolate, petition);
  await env.DB.prepare("UPDATE signatures SET hold = 'rate' WHERE petition_no = ? AND state = 'pending'")
    .bind(petition.no)
    .run();
  await verify(isolate, held.verify);
  const { html } = await read(petition.editToken);
  expect(html).toContain("1 of 5 supporters has confirmed.");
  expect(html).toContain(`http://localhost:8787/s/${petition.supporterToken}"`);
  expect(html).not.toContain("Your own signature does not count");
  await postJson(isolate, "/v1/withdrawals", { token: tokenOf(linkIn(petition.mail, "w")) });
  await nextMail(petition.email, 2);
  const without = (await read(petition.editToken)).html;
  expect(without).toContain("Your own signature does not count");
  expect(without).toContain("1 of 5 supporters has confirmed.");
});

test("a held creator reads nothing that another one in the same state does not", async () => {
  const [held, other] = [await submitted(isolate), await submitted(isolate)];
  await env.DB.prepare("UPDATE signatures SET hold = 'rate' WHERE petition_no = ?").bind(held.no).run();
  await verify(isolate, tokenOf(linkIn(held.mail, "v")));
  const [one, two] = await Promise.all([held, other].map(({ editToken }) => read(editToken)));
  expect(one?.html.replaceAll(held.editToken, "")).toBe(two?.html.replaceAll(other.editToken, ""));
});

test("shows what staff ask to change, only while they ask, and only what is sealed for this petition", async () => {
  const petition = await inState("changes_requested");
  const { secret: wrapped } = (await env.DB.prepare("SELECT secret FROM petitions WHERE no = ?")
    .bind(petition.no)
    .first()) as { secret: ArrayBuffer };
  const secret = await PetitionSecret.unwrap(rootKeys, petition.uuid, new Uint8Array(wrapped));
  const write = async (context: string) =>
    env.DB.prepare("UPDATE petitions SET changes_message = ? WHERE no = ?")
      .bind(await secret?.seal("Name the street, <b>please</b>.", context), petition.no)
      .run();
  const token = await tokenFor(petition);
  await write(`changes:${petition.uuid}`);
  expect((await read(token)).html).toContain("Name the street, &lt;b&gt;please");
  await post(`${token}/resubmission`, text);
  expect((await petitionRow(petition.no)).changes_message).toBe(null);
  await env.DB.prepare("UPDATE petitions SET state = 'changes_requested' WHERE no = ?").bind(petition.no).run();
  await write("changes:another");
  expect((await read(token)).html).not.toContain("Name the street");
  await env.DB.prepare("UPDATE petitions SET secret = NULL WHERE no = ?").bind(petition.no).run();
  expect((await read(token)).status).toBe(200);
});

test("shows why a petition was not accepted, in the reader's language, with staff's words", async () => {
  const petition = await inState("rejected", { rejection_code: "duplicate", rejection_details: "See the other one." });
  const token = await tokenFor(petition);
  expect((await read(token, "?lang=de")).html).toContain("Es gibt bereits eine Petition mit demselben Anliegen.");
  expect((await read(token, "?lang=en")).html).toContain("See the other one.");
  const unknown = await inState("hidden", { rejection_code: "unheard-of" });
  expect((await read(await tokenFor(unknown))).status).toBe(200);
});

test("says on which day an accepted petition opens, and until which day an open one can be signed", async () => {
  const accepted = await inState("moderation", { approved_at: 1, opens_at: Date.UTC(2027, 2, 1, 8), closes_at: null });
  expect((await read(await tokenFor(accepted), "?lang=de")).html).toContain("Die Petition startet am 1. März 2027.");
  const closes = Date.UTC(2099, 7, 30, 23); // the end of the 30th in London, in summer
  const open = await inState("open", { closes_at: closes });
  expect((await read(await tokenFor(open), "?lang=en")).html).toContain("until August 30, 2099");
});

describe("its forms", () => {
  test("save the text, lead back, and say so; line ends are kept as one character", async () => {
    const petition = await inState("draft");
    const token = await tokenFor(petition);
    const saved = await post(`${token}?lang=fr`, { ...text, background: `${"x".repeat(498)}\r\ny` });
    expect([saved.status, saved.to]).toEqual([303, `/e/${token}?lang=fr&done=saved`]);
    expect(await petitionRow(petition.no)).toMatchObject({
      title: "A new title",
      background: `${"x".repeat(498)}\ny`,
      version: 2,
    });
    expect((await read(token, "?lang=fr&done=saved")).html).toContain("Le texte est enregistré.");
    expect((await read(token, "?done=anything")).html).not.toContain('role="status"');
    expect(await actsOn(petition.id)).toMatchObject([{ actor: "creator", act: "petition.edit" }]);
  });

  test("send the petition in again with the text that stands in the form", async () => {
    const petition = await inState("changes_requested");
    const token = await tokenFor(petition);
    const sent = await post(`${token}/resubmission`, text);
    expect([sent.status, sent.to]).toEqual([303, `/e/${token}?done=sent`]);
    expect(await petitionRow(petition.no)).toMatchObject({ state: "moderation", title: "A new title", version: 2 });
    const versions = await env.DB.prepare("SELECT count(*) AS n FROM petition_versions WHERE petition_no = ?")
      .bind(petition.no)
      .first("n");
    expect(versions).toBe(2);
    const again = await post(`${token}/resubmission`, text);
    expect(again.status).toBe(409);
    expect(again.html).toContain("because the petition has moved on");
    expect(again.html).toContain("With the municipality");
  });

  test("stop an open petition with a reason", async () => {
    const petition = await inState("open");
    const token = await tokenFor(petition);
    const unsaid = await post(`${token}/stop`, { reason: " " });
    expect(unsaid.status).toBe(422);
    expect(unsaid.html).toContain('href="#reason"');
    expect((await petitionRow(petition.no)).state).toBe("open");
    expect((await post(`${token}/stop`, { reason: "The lamp is there." })).to).toBe(`/e/${token}?done=stopped`);
    expect(await petitionRow(petition.no)).toMatchObject({ state: "stopped", stop_reason: "The lamp is there." });
  });

  test.each([
    ["saved", "draft", "moderation"],
    ["sent", "moderation", "changes_requested"],
    ["stopped", "stopped", "open"],
  ])("say that something is %s only as long as it is: in %s, not in %s", async (done, state, later) => {
    const said = async (as: string) => (await read(await tokenFor(await inState(as)), `?done=${done}`)).html;
    expect(await said(state)).toContain('role="status"');
    expect(await said(later)).not.toContain('role="status"');
  });

  test("say what is wrong, keep what was typed, and change nothing", async () => {
    const petition = await inState("gathering");
    const token = await tokenFor(petition);
    const typed = { title: "=1+1", background: "", details: "<script>kept</script>" };
    const { status, html } = await post(token, typed);
    expect(status).toBe(422);
    for (const field of ["title", "background"]) expect(html).toContain(`href="#${field}"`);
    expect(html).toContain('value="=1+1"');
    expect(html).toContain("&lt;script&gt;kept");
    expect(html).not.toContain("<script>");
    expect((await petitionRow(petition.no)).version).toBe(1);
    expect((await post(token, { ...text, state: "open" })).status).toBe(422);
  });

  test("are refused for a link that is not valid, without the database, and while it is down nothing is lost", async () => {
    const petition = await gathering(isolate);
    const down = coldIsolate({ DB: faultyDatabase(() => true) });
    for (const token of ["x", petition.supporterToken, `${petition.editToken}A`]) {
      expect((await read(token, "", down)).status).toBe(422);
      for (const path of ["", "/resubmission", "/stop"])
        expect((await post(`${token}${path}`, text, down)).status).toBe(422);
    }
    expect((await read(petition.editToken, "", down)).status).toBe(503);
    expect((await post(petition.editToken, text, down)).status).toBe(503);
  });
});
