import { exports } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { clientOf, person } from "../support/client.ts";
import { petitionRow } from "../support/creator.ts";
import { expectTalliesToEqualRecount } from "../support/recount.ts";
import { freshAddress, freshEmail, linkIn, nextMail, tokenOf } from "../support/resident.ts";
import { foundTown } from "../support/town.ts";

// The whole Worker over HTTP, with its own queues, database, limits and captured mail; only links that people can see.
const town = {
  fetch: (path: string, init?: RequestInit) => exports.default.fetch(new Request(`http://localhost:8787${path}`, init)),
};
/** As a page of somebody else's uses it. */
const folkmoot = clientOf(town);
const page = async (path: string, init?: RequestInit) => (await town.fetch(path, init)).text();
const form = (fields: Record<string, string>): RequestInit => ({
  method: "POST",
  body: new URLSearchParams(fields),
  headers: { "Content-Type": "application/x-www-form-urlencoded", "CF-Connecting-IP": freshAddress() },
});
/** The path of a page's link of a kind. */
const linkOn = (html: string, kind: "e" | "s") =>
  new RegExp(`http://localhost:8787(/${kind}/[^"? ]+)`).exec(html)?.[1] ?? "";

beforeAll(foundTown);

test("a creator submits, shares the link, and five supporters bring the petition to the moderators", async () => {
  const email = freshEmail();
  const similar = await folkmoot.findSimilarPetitions({ q: "Lamps at the pier" });
  expect(similar).toEqual({ data: [], next_cursor: null });
  const { id } = await folkmoot.submitPetition({
    body: {
      title: "A lamp at the end of the peir",
      background: "After dark nobody sees where the pier ends.",
      creator: { name: "Bran Brinewell", email, postcode: "BW1 1AA" },
    },
  });
  const no = Number.parseInt(id.slice(-8), 16);

  const mail = await nextMail(email);
  expect(await page(linkIn(mail, "e"))).toContain("Not shown yet");
  const confirmed = await page(linkIn(mail, "v"), { method: "POST" });
  expect(confirmed).toContain("Your petition is confirmed");
  const own = linkOn(confirmed, "e");
  const edited = await town.fetch(own, {
    ...form({ title: "A lamp at the end of the pier", background: "After dark nobody sees where the pier ends." }),
    redirect: "manual",
  });
  expect(edited.status).toBe(303);
  const shared = linkOn(await page(own), "s");

  for (let n = 1; n <= 5; n++) {
    expect(await page(own)).toContain(`${n - 1} of 5 supporters ha`);
    await expect(folkmoot.readPetition({ id })).rejects.toMatchObject({ code: "not_found" });
    expect(await page(shared)).toContain("A lamp at the end of the pier");
    const supporter = freshEmail();
    const signed = { name: `Supporter ${"ABCDE"[n - 1]}`, email: supporter };
    if (n % 2 === 1) {
      expect(await page(shared, form({ ...signed, eligible: "yes" }))).toContain("look into your mailbox");
    } else await folkmoot.submitSignature({ id, body: person({ ...signed, supporter_token: tokenOf(shared) }) });
    const asked = await nextMail(supporter);
    for (let time = 0; time < 3; time++) await page(linkIn(asked, "v"));
    expect((await petitionRow(no)).state).toBe("gathering");
    expect(await page(linkIn(asked, "v"), { method: "POST" })).toContain("one of the first supporters");
  }

  expect(await page(own)).toContain("With the municipality");
  expect(await petitionRow(no)).toMatchObject({ state: "moderation", verified: 6, version: 2 });
  await expect(folkmoot.readPetition({ id })).rejects.toMatchObject({ code: "not_found" });
  const late = await town.fetch(own, form({ title: "Another", background: "Text." }));
  expect(late.status).toBe(409);
  await expectTalliesToEqualRecount(no);
});
