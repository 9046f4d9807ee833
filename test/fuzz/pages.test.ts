import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeAll, expect, test, vi } from "vitest";
import { describeApi } from "../../src/openapi.ts";
import { gathering } from "../support/creator.ts";
import { hostile } from "../support/fuzz/values.ts";
import { coldIsolate } from "../support/isolate.ts";
import { freshAddress, freshEmail, linkIn, nextMail, sign, tokenOf } from "../support/resident.ts";
import { foundTown, openPetition } from "../support/town.ts";

// The pages that the document only names, with forms that nobody would fill in like that.

const SEED = Number(env.FUZZ_SEED);
const PER_PAGE = Math.max(20, Math.ceil(Number(env.FUZZ_RUNS) / 100));
const FIELDS = [
  "name",
  "email",
  "postcode",
  "eligible",
  "updates",
  "petition_id",
  "code",
  "title",
  "background",
  "details",
];
const pages = describeApi({ municipality: "Brinewell", publicUrl: "http://localhost:8787" })["x-pages"];
const isolate = coldIsolate();
const tokens: string[] = [];

beforeAll(async () => {
  await foundTown();
  const { id } = await openPetition();
  const email = freshEmail();
  await sign(isolate, id, { email, updates: true });
  const mail = await nextMail(email);
  const { supporterToken, editToken } = await gathering(isolate);
  tokens.push(
    tokenOf(linkIn(mail, "v")),
    tokenOf(linkIn(mail, "w")),
    supporterToken,
    editToken,
    "made-up",
    "%00",
    "%ff",
  );
});

const texts = hostile.map((value) => (typeof value === "string" ? value : (JSON.stringify(value) ?? "")));
const filled = fc.record({
  token: fc.nat(99),
  fields: fc.dictionary(fc.constantFrom(...FIELDS, "reason", "List-Unsubscribe", "__proto__"), texts, { maxKeys: 6 }),
  type: fc.constantFrom(
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "",
  ),
});

test.each(pages.filter(({ path }) => !path.startsWith("/dev/")))(
  "$method $path never fails",
  async ({ method, path }) => {
    vi.spyOn(console, "log").mockImplementation(() => {});
    for (const { token, fields, type } of fc.sample(filled, { seed: SEED, numRuns: PER_PAGE })) {
      const at = path.replace(/\{\w+\}/g, () => tokens[token % tokens.length] ?? "");
      const query = method === "get" ? `?${new URLSearchParams(fields)}` : "";
      const answer = await isolate.fetch(at + query, {
        method: method.toUpperCase(),
        redirect: "manual",
        headers: { "CF-Connecting-IP": freshAddress(), ...(type && { "Content-Type": type }) },
        ...(method === "post" && { body: new URLSearchParams(fields).toString() }),
      });
      expect(answer.status, JSON.stringify({ at, fields, type })).toBeLessThan(500);
      // What is typed is shown again only as text.
      expect(await answer.text()).not.toContain("<script>zqxmark");
    }
    vi.restoreAllMocks();
  },
);
