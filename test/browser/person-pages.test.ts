import { afterAll, beforeAll, expect, test } from "vitest";
import { expectAccessible, mailTo, openPage, pressEnter, tabTo } from "./look.ts";
import { openStage, type Stage } from "./stage.ts";

let stage: Stage;
let petition: string;
let own: string;
const email = "mara@example.org";

beforeAll(async () => {
  stage = await openStage();
  const { data } = (await (await fetch(`${stage.url}/v1/petitions?state=open&limit=1`)).json()) as {
    data: { id: string }[];
  };
  petition = data[0]?.id ?? "";
  await fetch(`${stage.url}/v1/petitions/${petition}/signatures`, {
    method: "POST",
    body: JSON.stringify({ name: "Mara Quil", email, postcode: "BW3 2QT", eligible: true, channel: "poster" }),
    headers: { "Content-Type": "application/json" },
  });
  own = /https?:\/\/[^/\s]+(\/d\/[\w-]+)/.exec(await mailTo(stage, email))?.[1] ?? "";
});

afterAll(() => stage?.close());

test.each([
  ["en", "light"],
  ["en", "dark"],
  ["de", "light"],
  ["fr", "light"],
] as const)(
  "a person's page and the request for its link are accessible at 320 px (%s, %s)",
  async (language, scheme) => {
    for (const [name, path] of Object.entries({ data: `${own}?`, request: `/d?petition=${petition}&` })) {
      const { page, faults } = await openPage(stage, `${path}lang=${language}`, scheme);
      await expectAccessible(page, `person-${name}-${language}-${scheme}`);
      expect(await page.locator("h1").count()).toBe(1);
      expect(faults, name).toEqual([]);
      await page.close();
    }
  },
);

test("with the keyboard alone somebody corrects their name, and erases their data", async () => {
  const { page } = await openPage(stage, `${own}?lang=en`);
  await tabTo(page, "input[name=name]");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("Mara Quill");
  await tabTo(page, "button[value=correct]");
  await pressEnter(page);
  expect(await page.getByRole("status").textContent()).toContain("corrected");
  expect(await page.locator("dd").first().textContent()).toBe("Mara Quill");
  await expectAccessible(page, "person-corrected");
  await tabTo(page, "button[value=erase]");
  await pressEnter(page);
  expect(await page.locator("h1").textContent()).toContain("no data about you");
  await expectAccessible(page, "person-erased");
});
