import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { newUuid, publicId } from "../../src/lib/ids.ts";
import { petitionToken } from "../../src/petitions/petition-token.ts";
import { gathering, newsOf, petitionRow, submitted, supported, supporterSigns, verify } from "../support/creator.ts";
import { coldIsolate, faultyDatabase } from "../support/isolate.ts";
import { expectTalliesToEqualRecount } from "../support/recount.ts";
import { codeIn, freshEmail, linkIn, mailsTo, nextMail, postJson, sign, tokenOf } from "../support/resident.ts";
import { foundTown, openPetition, rootKeys } from "../support/town.ts";

const isolate = coldIsolate();
const DAY = 86_400_000;

beforeAll(foundTown);

const codeOf = async (answer: Response) => ((await answer.json()) as { code: string }).code;
const stateOf = async (no: number) => (await petitionRow(no)).state;
const tokenFor = (id: string) => petitionToken(rootKeys, "supporter", id.slice(4));

describe("creating", () => {
  test("writes on the petition how many supporters it needs and may have, as they are set then; the answer is neutral", async () => {
    const usual = await petitionRow((await submitted(isolate)).no);
    expect(usual).toMatchObject({ state: "draft", supporters_needed: 5, supporters_max: 20, gate: null });
    const own = coldIsolate({ SUPPORTERS_NEEDED: "2", SUPPORTERS_MAX: "3" });
    expect(await petitionRow((await submitted(own)).no)).toMatchObject({ supporters_needed: 2, supporters_max: 3 });
    const creator = { name: "Bran Brinewell", email: freshEmail() };
    const answers = [];
    for (let time = 0; time < 2; time++) {
      const answer = await postJson(isolate, "/v1/petitions", { title: "Twice", background: "The same.", creator });
      answers.push([answer.status, Object.keys((await answer.json()) as object)]);
    }
    expect(answers[1]).toEqual(answers[0]);
  });

  test("with a gate of none a verified petition goes to moderation at once, stamped once", async () => {
    const petition = await gathering(coldIsolate({ SUPPORTERS_NEEDED: "0" }));
    expect(petition.mail.text).not.toMatch(/supporter/);
    const row = await petitionRow(petition.no);
    expect(row).toMatchObject({ state: "moderation", gate: null, verified: 1 });
    expect(row.gate_reached_at).toBeGreaterThan(Date.now() - 60_000);
    expect(row.waiting_since).toBe(row.gate_reached_at);
    const again = await coldIsolate().fetch(linkIn(petition.mail, "v"), { method: "POST" });
    expect(await again.text()).toContain("The municipality looks at it now.");
    expect((await petitionRow(petition.no)).gate_reached_at).toBe(row.gate_reached_at);
    expect(await newsOf(petition.no)).toEqual(["moderation"]);
  });
});

describe("signing as a supporter", () => {
  test("works while it gathers, is with staff, or is being changed, and no supporter's signature is one without the token", async () => {
    const { id, no } = await gathering(isolate);
    for (const state of ["gathering", "moderation", "changes_requested"]) {
      await env.DB.prepare("UPDATE petitions SET state = ? WHERE no = ?").bind(state, no).run();
      const at = coldIsolate();
      expect((await sign(at, id)).status, state).toBe(404);
      expect((await sign(at, id, { supporter_token: await tokenFor(id) })).status, state).toBe(202);
    }
  });

  test("works at once after the creator has verified, also where the petition is remembered as a draft", async () => {
    const at = coldIsolate();
    const petition = await submitted(at);
    const token = petition.supporterToken;
    expect((await sign(at, petition.id, { supporter_token: token })).status).toBe(404);
    await verify(isolate, tokenOf(linkIn(petition.mail, "v")));
    expect((await sign(at, petition.id, { supporter_token: token })).status).toBe(202);
    expect((await sign(at, petition.id)).status).toBe(404);
  });

  test.each(["draft", "hidden"])("with the right token a petition that is %s is absent all the same", async (state) => {
    const { id } = await openPetition({ state, rejection_code: state === "hidden" ? "offensive" : null });
    expect((await sign(isolate, id, { supporter_token: await tokenFor(id) })).status).toBe(404);
  });

  test.each(["closed", "stopped", "rejected"])(
    "with the right token a petition that is %s is not open",
    async (state) => {
      const columns = { state, rejection_code: state === "rejected" ? "duplicate" : null, ended_at: Date.now() - 1 };
      const { id } = await openPetition(columns);
      const answer = await sign(isolate, id, { supporter_token: await tokenFor(id) });
      expect([answer.status, await codeOf(answer)]).toEqual([409, "petition_not_open"]);
    },
  );

  test("a wrong token, another petition's, or one for another purpose is token_invalid for every petition, without the database", async () => {
    const { id, no, editToken } = await gathering(isolate);
    const open = await openPetition();
    const absent = publicId("pet", newUuid());
    const withoutDatabase = coldIsolate({ DB: faultyDatabase(() => true) });
    for (const petition of [id, open.id, absent]) {
      for (const token of ["", "x", "ÿ", editToken, await tokenFor(publicId("pet", newUuid())), "A".repeat(43)]) {
        for (const at of [isolate, withoutDatabase]) {
          const answer = await sign(at, petition, { supporter_token: token });
          expect([answer.status, await codeOf(answer)], token).toEqual([422, "token_invalid"]);
        }
      }
    }
    expect((await sign(isolate, id, { supporter_token: "A".repeat(201) })).status).toBe(400);
    expect((await petitionRow(no)).pending).toBe(0);
    expect((await petitionRow(open.no)).pending).toBe(0);
  });

  test("the mail says that the petition is not public yet and leads to the supporters' page; verifying counts", async () => {
    const petition = await gathering(isolate);
    const { email, mail, verify: token } = await supporterSigns(isolate, petition, { locale: "de" });
    expect(mail.subject).toContain("Unterstützung");
    expect(mail.text).toContain(`/s/${petition.supporterToken}?lang=de`);
    expect(mail.text).not.toContain("/v1/petitions/");
    const answer = await postJson(isolate, "/v1/verifications", { token });
    expect(await answer.json()).toMatchObject({ status: "verified", petition_id: petition.id, signature_count: 2 });
    const byCode = { petition_id: petition.id, email, code: codeIn(mail) };
    expect(await (await postJson(isolate, "/v1/verifications", byCode)).json()).toMatchObject({ signature_count: 2 });
    const row = await env.DB.prepare("SELECT role FROM signatures WHERE petition_no = ? AND role = 'supporter'")
      .bind(petition.no)
      .all();
    expect(row.results.length).toBe(1);
  });

  test("on an open petition it is an ordinary signature, with the ordinary mail", async () => {
    const { id, no } = await openPetition();
    const email = freshEmail();
    await sign(isolate, id, { email, supporter_token: await tokenFor(id) });
    const mail = await nextMail(email);
    expect(mail.subject).toContain("confirm your signature");
    expect(mail.text).toContain(`/v1/petitions/${id}`);
    expect(await env.DB.prepare("SELECT role FROM signatures WHERE petition_no = ?").bind(no).first("role")).toBe(
      "signer",
    );
  });

  test("the same person again is no second signature, and the mails lead to the supporters' page", async () => {
    const petition = await gathering(isolate);
    const first = await supporterSigns(isolate, petition, { name: "Mara Quill" });
    await verify(isolate, first.verify);
    await sign(isolate, petition.id, {
      email: first.email,
      name: "MARA QUILL",
      supporter_token: petition.supporterToken,
    });
    const notice = await nextMail(first.email, 2);
    expect(notice.subject).toContain("already signed");
    expect(linkIn(notice, "s")).toContain(petition.supporterToken);
    expect(await petitionRow(petition.no)).toMatchObject({ verified: 2, pending: 0 });
    await sign(isolate, petition.id, {
      email: petition.email,
      name: "Bran Brinewell",
      supporter_token: petition.supporterToken,
    });
    await nextMail(petition.email, 2);
    expect(await petitionRow(petition.no)).toMatchObject({ verified: 2, pending: 0 });
  });

  test("a second name of a household supports too, a third one does not", async () => {
    const petition = await gathering(isolate);
    const first = await supporterSigns(isolate, petition, { name: "Mara Quill" });
    await verify(isolate, first.verify);
    await sign(isolate, petition.id, {
      email: first.email,
      name: "Jon Quill",
      supporter_token: petition.supporterToken,
    });
    await verify(isolate, tokenOf(linkIn(await nextMail(first.email, 2), "v")));
    expect((await petitionRow(petition.no)).verified).toBe(3);
    await sign(isolate, petition.id, {
      email: first.email,
      name: "Third Quill",
      supporter_token: petition.supporterToken,
    });
    await nextMail(first.email, 3);
    expect(await petitionRow(petition.no)).toMatchObject({ verified: 3, pending: 0 });
  });
});

describe("the gate", () => {
  test("is passed once, when enough supporters have verified, and stamped once: also when that verification is repeated", async () => {
    const petition = await gathering(isolate);
    expect(await stateOf(petition.no)).toBe("gathering");
    expect((await petitionRow(petition.no)).gate).toBe(6);
    await supported(isolate, petition, 4);
    expect(await stateOf(petition.no)).toBe("gathering");
    const last = await supporterSigns(isolate, petition);
    expect(await stateOf(petition.no)).toBe("gathering");
    await Promise.all(Array.from({ length: 3 }, () => verify(coldIsolate(), last.verify)));
    const row = await petitionRow(petition.no);
    expect(row).toMatchObject({ state: "moderation", verified: 6, gate: null });
    await verify(isolate, last.verify);
    await postJson(isolate, "/v1/withdrawals", { token: last.withdraw });
    await supported(isolate, petition, 2);
    expect(await petitionRow(petition.no)).toMatchObject({
      state: "moderation",
      verified: 7,
      gate_reached_at: row.gate_reached_at,
      waiting_since: row.waiting_since,
    });
    expect(await newsOf(petition.no)).toEqual(["gathering", "first_supporter", "moderation"]);
    await expectTalliesToEqualRecount(petition.no);
  });

  test("counts who stands: a supporter who withdraws does not, another takes the place", async () => {
    const petition = await gathering(coldIsolate({ SUPPORTERS_NEEDED: "2" }));
    const first = await supporterSigns(isolate, petition);
    await verify(isolate, first.verify);
    await postJson(isolate, "/v1/withdrawals", { token: first.withdraw });
    await supported(isolate, petition, 1);
    expect(await stateOf(petition.no)).toBe("gathering");
    await supported(isolate, petition, 1);
    expect(await stateOf(petition.no)).toBe("moderation");
    expect(await newsOf(petition.no)).toEqual(["gathering", "first_supporter", "moderation"]);
  });

  test("needs the creator's signature too, which may come last", async () => {
    const petition = await gathering(coldIsolate({ SUPPORTERS_NEEDED: "2" }));
    await postJson(isolate, "/v1/withdrawals", { token: tokenOf(linkIn(petition.mail, "w")) });
    await nextMail(petition.email, 2);
    await supported(isolate, petition, 2);
    expect(await petitionRow(petition.no)).toMatchObject({ state: "gathering", verified: 2 });
    await sign(isolate, petition.id, {
      email: petition.email,
      name: "Bran Brinewell",
      supporter_token: petition.supporterToken,
    });
    await verify(isolate, tokenOf(linkIn(await nextMail(petition.email, 3), "v")));
    expect(await petitionRow(petition.no)).toMatchObject({ state: "moderation", verified: 3 });
    const creators = await env.DB.prepare(
      "SELECT count(*) AS n FROM signatures WHERE petition_no = ? AND role = 'creator'",
    )
      .bind(petition.no)
      .first("n");
    expect(creators).toBe(1);
  });

  test("a held supporter reads the usual success and does not count, until staff release the hold", async () => {
    const petition = await gathering(coldIsolate({ SUPPORTERS_NEEDED: "2" }));
    const held = await supporterSigns(isolate, petition);
    await env.DB.prepare("UPDATE signatures SET hold = 'rate' WHERE petition_no = ? AND role = 'supporter'")
      .bind(petition.no)
      .run();
    await verify(isolate, held.verify);
    await supported(isolate, petition, 1);
    expect(await petitionRow(petition.no)).toMatchObject({ state: "gathering", verified: 2, quarantined_verified: 1 });
    await env.DB.prepare("UPDATE signatures SET hold = NULL WHERE petition_no = ?").bind(petition.no).run();
    expect(await petitionRow(petition.no)).toMatchObject({ state: "moderation", verified: 3 });
  });

  test("a held creator keeps the draft from everybody; once released it gathers", async () => {
    const petition = await submitted(isolate);
    await env.DB.prepare("UPDATE signatures SET hold = 'rate' WHERE petition_no = ?").bind(petition.no).run();
    await verify(isolate, tokenOf(linkIn(petition.mail, "v")));
    expect(await stateOf(petition.no)).toBe("draft");
    expect((await sign(isolate, petition.id, { supporter_token: petition.supporterToken })).status).toBe(404);
    await env.DB.prepare("UPDATE signatures SET hold = NULL WHERE petition_no = ?").bind(petition.no).run();
    expect(await petitionRow(petition.no)).toMatchObject({ state: "gathering", gate: 6 });
  });
});

describe("the most that there may be", () => {
  const small = coldIsolate({ SUPPORTERS_NEEDED: "2", SUPPORTERS_MAX: "3" });

  test("of thirty who verify at once exactly the maximum counts, and the others read a kind answer", async () => {
    const petition = await gathering(isolate);
    const signers = await Promise.all(Array.from({ length: 30 }, () => supporterSigns(isolate, petition)));
    const answers = await Promise.all(
      signers.map(({ verify: token }) => postJson(coldIsolate(), "/v1/verifications", { token })),
    );
    const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as { code?: string; status: unknown }[];
    expect(bodies.filter(({ status }) => status === "verified").length).toBe(20);
    expect(bodies.filter(({ code }) => code === "supporters_full").length).toBe(10);
    expect(answers.filter(({ status }) => status === 409).length).toBe(10);
    expect(await petitionRow(petition.no)).toMatchObject({ state: "moderation", verified: 21, pending: 10 });
    const refused = signers[answers.findIndex(({ status }) => status === 409)];
    const page = await isolate.fetch(`/v/${refused?.verify}?lang=en`, { method: "POST" });
    expect(page.status).toBe(409);
    expect(await page.text()).toContain("The places of the first supporters are taken");
    await expectTalliesToEqualRecount(petition.no);
    const kept = await env.DB.prepare("SELECT count(*) AS n FROM outbox WHERE kind = 'creator_news' AND items LIKE ?")
      .bind(`%${petition.no.toString(16).padStart(8, "0")}:moderation%`)
      .first("n");
    expect(kept).toBe(1);
  });

  test("when it is reached the API says so, for everybody alike; a place that gets free can be taken", async () => {
    const petition = await gathering(small);
    const first = await supporterSigns(isolate, petition);
    const waiting = await supporterSigns(isolate, petition);
    await verify(isolate, first.verify);
    await supported(isolate, petition, 2);
    for (const email of [freshEmail(), first.email, waiting.email]) {
      const answer = await sign(coldIsolate(), petition.id, { email, supporter_token: petition.supporterToken });
      expect([answer.status, await codeOf(answer)]).toEqual([409, "supporters_full"]);
    }
    await postJson(isolate, "/v1/withdrawals", { token: first.withdraw });
    expect((await sign(coldIsolate(), petition.id, { supporter_token: petition.supporterToken })).status).toBe(202);
    await verify(isolate, waiting.verify);
    const again = await postJson(isolate, "/v1/verifications", { token: waiting.verify });
    expect(again.status).toBe(200);
    expect((await petitionRow(petition.no)).verified).toBe(4);
  });

  test("a held supporter takes a place and sees no difference; the creator takes none, withdrawn or not", async () => {
    const petition = await gathering(small);
    await postJson(isolate, "/v1/withdrawals", { token: tokenOf(linkIn(petition.mail, "w")) });
    const held = await supporterSigns(isolate, petition);
    await env.DB.prepare("UPDATE signatures SET hold = 'rate' WHERE petition_no = ? AND state = 'pending'")
      .bind(petition.no)
      .run();
    const others = await Promise.all([1, 2, 3].map(() => supporterSigns(isolate, petition)));
    await verify(isolate, held.verify);
    await verify(isolate, others[0]?.verify ?? "");
    await verify(isolate, others[1]?.verify ?? "");
    const late = await postJson(isolate, "/v1/verifications", { token: others[2]?.verify });
    expect(await codeOf(late)).toBe("supporters_full");
    expect(await petitionRow(petition.no)).toMatchObject({ verified: 2, quarantined_verified: 1, state: "gathering" });
    await verify(isolate, held.verify);
  });

  test("who found no place verifies once the petition is open, and 24 hours after its end no more", async () => {
    const petition = await gathering(small);
    const late = await supporterSigns(isolate, petition);
    await supported(isolate, petition, 3);
    expect((await postJson(isolate, "/v1/verifications", { token: late.verify })).status).toBe(409);
    const now = Date.now();
    await env.DB.prepare("UPDATE petitions SET state = 'open', opens_at = ?, closes_at = ? WHERE no = ?")
      .bind(now, now + DAY, petition.no)
      .run();
    await env.DB.prepare("UPDATE petitions SET state = 'closed', ended_at = ? WHERE no = ?")
      .bind(now - 2 * DAY, petition.no)
      .run();
    expect(await codeOf(await postJson(isolate, "/v1/verifications", { token: late.verify }))).toBe(
      "verification_closed",
    );
    await env.DB.prepare("UPDATE petitions SET state = 'open', ended_at = NULL WHERE no = ?").bind(petition.no).run();
    await verify(isolate, late.verify);
    expect((await petitionRow(petition.no)).verified).toBe(5);
  });
});

test("no mail to anybody but the creator leads to the creator's page, and the creator's leads there from the start", async () => {
  const petition = await gathering(isolate);
  expect(tokenOf(linkIn(petition.mail, "e"))).toBe(petition.editToken);
  const { email } = await supporterSigns(isolate, petition);
  for (const mail of await mailsTo(email)) expect(mail.text).not.toContain("/e/");
});
