import { exports } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { FolkmootProblem } from "../../src/client/client.ts";
import { clientOf, person } from "../support/client.ts";
import { expectTalliesToEqualRecount } from "../support/recount.ts";
import { codeIn, freshEmail, linkIn, nextMail, tokenOf } from "../support/resident.ts";
import { foundTown, openPetition } from "../support/town.ts";

// The whole Worker over HTTP: its own queues, database, Durable Objects and captured mail.
const town = {
  fetch: (path: string, init?: RequestInit) => exports.default.fetch(new Request(`http://localhost:8787${path}`, init)),
};
/** As a resident's page uses it. */
const folkmoot = clientOf(town);
const countOf = async (id: string) => (await folkmoot.countPetition({ id })).verified;
const adminCounts = async (id: string) => {
  const headers = { Authorization: "Bearer fm_staff_local" };
  return (await (await town.fetch(`/v1/admin/petitions/${id}/counts`, { headers })).json()) as {
    states: Record<string, number>;
    by: Record<string, { key: string; count: number }[]>;
  };
};

beforeAll(foundTown);

test("a resident signs, verifies by the button, withdraws by the mail's link and signs again", async () => {
  const petition = await openPetition();
  const email = freshEmail();

  const answer = await folkmoot.submitSignature({ id: petition.id, body: person({ email, channel: "poster" }) });
  expect(answer).toEqual({ submission_id: expect.stringMatching(/^sub_/), status: "pending" });

  const mail = await nextMail(email);
  const link = linkIn(mail, "v");
  for (let time = 0; time < 10; time++) expect((await town.fetch(link)).status).toBe(200);
  expect((await town.fetch(link, { method: "HEAD" })).status).toBe(200);
  await town.fetch(link, { headers: { "Sec-Purpose": "prefetch;prerender" } });
  expect((await adminCounts(petition.id)).states).toMatchObject({ pending: 1, verified: 0 });

  const thanks = await town.fetch(link, { method: "POST" });
  expect(thanks.status).toBe(200);
  expect(await thanks.text()).toContain("Your signature counts");
  const counts = await adminCounts(petition.id);
  expect(counts.states).toMatchObject({ pending: 0, verified: 1 });
  expect(counts.by.area).toEqual([{ key: "north", label: "North Ward", count: 1, population: 1000, per_1000: 1 }]);
  expect(counts.by.channel).toEqual([{ key: "poster", label: "Poster", count: 1 }]);
  expect(counts.by.hour?.reduce((sum, { count }) => sum + count, 0)).toBe(1);
  expect(await countOf(petition.id)).toBe(1);

  const withdrawal = linkIn(mail, "w");
  for (let time = 0; time < 3; time++) expect((await town.fetch(withdrawal)).status).toBe(200);
  expect((await adminCounts(petition.id)).states.verified).toBe(1);
  expect((await town.fetch(withdrawal, { method: "POST" })).status).toBe(200);
  expect((await adminCounts(petition.id)).states).toMatchObject({ verified: 0, withdrawn: 1 });
  await nextMail(email, 2);

  await folkmoot.submitSignature({ id: petition.id, body: person({ email, channel: "letter" }) });
  const again = await nextMail(email, 3);
  expect(await folkmoot.verifySignature({ body: { token: tokenOf(linkIn(again, "v")) } })).toEqual({
    status: "verified",
    signature_id: expect.stringMatching(/^sig_[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    petition_id: petition.id,
    signature_count: 1,
  });
  expect((await adminCounts(petition.id)).by.channel).toEqual([
    { key: "letter", label: "Newsletter", count: 1 },
    { key: "poster", label: "Poster", count: 0 },
  ]);
  await expectTalliesToEqualRecount(petition.no);
});

test("a resident verifies by the typed code, and repeating it changes nothing", async () => {
  const petition = await openPetition();
  const email = freshEmail();
  await folkmoot.submitSignature({ id: petition.id, body: person({ email, locale: "de" }) });
  const mail = await nextMail(email);
  expect(mail.text).toContain("bestätigen");
  for (let time = 0; time < 3; time++) {
    const body = { petition_id: petition.id, email, code: codeIn(mail) };
    expect(await folkmoot.verifySignature({ body })).toMatchObject({ status: "verified", signature_count: 1 });
  }
  await expectTalliesToEqualRecount(petition.no);
});

test("a resident types the code on the page when links are broken", async () => {
  const petition = await openPetition();
  const email = freshEmail();
  await folkmoot.submitSignature({ id: petition.id, body: person({ email }) });
  const mail = await nextMail(email);
  const page = /https?:\/\/\S+?(\/v\?\S+)/.exec(mail.text)?.[1] ?? "";
  expect(await (await town.fetch(page)).text()).toContain(petition.id);
  const form = (code: string) =>
    town.fetch(page, {
      method: "POST",
      body: new URLSearchParams({ petition_id: petition.id, email, code }),
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
    });
  const wrong = await form("not a code");
  expect(wrong.status).toBe(422);
  expect(await wrong.text()).not.toContain(email);
  expect((await form(codeIn(mail))).status).toBe(200);
  expect(await countOf(petition.id)).toBe(1);
});

test("a resident submits a petition, verifies it by mail, and nobody else can see it yet", async () => {
  const email = freshEmail();
  const { id, state } = await folkmoot.submitPetition({
    body: {
      title: "A crossing at the mill",
      background: "Children cross there on their way to school.",
      creator: { name: "Ilse Brand", email, postcode: "BW1 1AA" },
      area: "north",
      topics: ["roads"],
    },
  });
  expect(state).toBe("draft");
  const mail = await nextMail(email);
  const thanks = await town.fetch(linkIn(mail, "v"), { method: "POST" });
  expect(thanks.status).toBe(200);
  expect((await adminCounts(id)).states.verified).toBe(1);
  const absent = (asked: Promise<unknown>) => expect(asked).rejects.toThrowError(FolkmootProblem);
  await absent(folkmoot.readPetition({ id }));
  await absent(folkmoot.countPetition({ id }));
  const signing = folkmoot.submitSignature({ id, body: person() });
  await expect(signing).rejects.toMatchObject({ code: "not_found", status: 404 });
});
