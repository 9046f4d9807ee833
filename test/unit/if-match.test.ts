import { Hono } from "hono";
import { expect, test } from "vitest";
import { requireIfMatch, requireVersion, versionTag } from "../../src/http/if-match.ts";
import { Problem } from "../../src/http/problems.ts";

/** What somebody gets who decides on version 7, with a header. */
async function decide(header?: string): Promise<string> {
  const app = new Hono().post("/", (c) => {
    try {
      requireVersion(requireIfMatch(c), 7);
      return c.text("decided");
    } catch (error) {
      return c.text(error instanceof Problem ? error.code : "thrown");
    }
  });
  const headers = header === undefined ? {} : { "If-Match": header };
  return (await app.request("/", { method: "POST", headers })).text();
}

test("who names the version that is there decides; others are told why not", async () => {
  expect(versionTag(7)).toBe('"7"');
  for (const header of ['"7"', ' "7" ', '"6", "7"']) expect(await decide(header), header).toBe("decided");
  for (const header of ['"6"', '"77"', "7", 'W/"7"', '"7', '"*"']) {
    expect(await decide(header), header).toBe("precondition_failed");
  }
  for (const header of [undefined, "", "*"]) expect(await decide(header), header).toBe("precondition_required");
});
