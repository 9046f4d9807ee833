import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectAccessible, mailTo, openPage, pressEnter, tabTo } from "./look.ts";
import { openStage, type Stage } from "./stage.ts";

let stage: Stage;
let own: string;
let shared: string;
const creator = "creator@example.org";

/** A mail's or page's first link of a kind, as a path without its language. */
const linkIn = (text: string, kind: "v" | "s" | "e") =>
  new RegExp(`https?://[^/\\s]+(/${kind}/[\\w-]+)`).exec(text)?.[1] ?? "";

beforeAll(async () => {
  stage = await openStage();
  await fetch(`${stage.url}/v1/petitions`, {
    method: "POST",
    body: JSON.stringify({
      title: "A lamp at the end of the pier",
      background: "After dark nobody sees where the pier ends.\nLast winter two people fell in.",
      details: "One would do.",
      creator: { name: "Bran Brinewell", email: creator },
    }),
    headers: { "Content-Type": "application/json" },
  });
  const confirmed = await fetch(stage.url + linkIn(await mailTo(stage, creator), "v"), { method: "POST" });
  own = linkIn(await confirmed.text(), "e");
  shared = linkIn(await (await fetch(stage.url + own)).text(), "s");
});

afterAll(() => stage?.close());

const open = (path: string, scheme?: "light" | "dark") => openPage(stage, path, scheme);
const submit = async (page: Page) => {
  await tabTo(page, "button[type=submit]");
  await pressEnter(page);
};

test.each([
  ["en", "light"],
  ["en", "dark"],
  ["de", "light"],
  ["fr", "light"],
] as const)("the supporters' page and the creator's are accessible at 320 px (%s, %s)", async (language, scheme) => {
  for (const [name, path] of Object.entries({ shared, own })) {
    const { page, faults } = await open(`${path}?lang=${language}`, scheme);
    await expectAccessible(page, `${name}-${language}-${scheme}`);
    expect(await page.locator("h1").count()).toBe(1);
    expect(faults, name).toEqual([]);
    await page.close();
  }
});

test("with the keyboard alone somebody signs as a supporter, told first what is wrong, with what they typed still there", async () => {
  const { page } = await open(`${shared}?lang=en`);
  // As a browser without its own checks: the page must say it.
  await page.evaluate("document.querySelector('form').noValidate = true");
  await tabTo(page, "input[name=name]");
  await page.keyboard.type("Fife Fathom");
  await submit(page);
  expect(await page.getByRole("alert").count()).toBe(1);
  await expectAccessible(page, "shared-flawed");
  expect(await page.locator("input[name=name]").inputValue()).toBe("Fife Fathom");
  await tabTo(page, "a[href='#email']");
  await page.keyboard.press("Enter");
  await page.keyboard.type("fife@example.org");
  expect(await page.locator("input[name=email]").inputValue()).toBe("fife@example.org");
  await tabTo(page, "input[name=eligible]");
  await page.keyboard.press("Space");
  await submit(page);
  expect(await page.locator("h1").textContent()).toBe("Please look into your mailbox");
  await expectAccessible(page, "shared-sent");
  await page.goto(stage.url + linkIn(await mailTo(stage, "fife@example.org"), "v"));
  await submit(page);
  expect(await page.locator("h1").textContent()).toContain("one of the first supporters");
  await expectAccessible(page, "supporter-verified");
  await page.close();
});

test("with the keyboard alone the creator changes the text and reads how many support it", async () => {
  const { page } = await open(`${own}?lang=en`);
  expect(await page.textContent("main")).toContain("1 of 5 supporters has confirmed.");
  await tabTo(page, "input[name=title]");
  await page.keyboard.press("End");
  await page.keyboard.type(", please");
  await submit(page);
  expect(await page.getByRole("status").textContent()).toBe("The text is saved.");
  expect(await page.locator("input[name=title]").inputValue()).toBe("A lamp at the end of the pier, please");
  await expectAccessible(page, "own-saved");
  await tabTo(page, "input[name=title]");
  await page.keyboard.type("=");
  await submit(page);
  expect(await page.getByRole("alert").count()).toBe(1);
  await expectAccessible(page, "own-flawed");
  await page.close();
});

test("a creator stops an open petition, and reads what staff ask to change", async () => {
  // What staff do, over their API.
  const staff = (method: string, path: string, body?: unknown, etag?: string) =>
    fetch(`${stage.url}/v1/admin${path}`, {
      method,
      headers: {
        Authorization: "Bearer fm_staff_local",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(etag === undefined ? {} : { "If-Match": etag }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const decide = async (id: string, act: string, body: unknown) => {
    const etag = (await staff("GET", `/petitions/${id}`)).headers.get("ETag") ?? "";
    expect((await staff("POST", `/petitions/${id}/${act}`, body, etag)).status).toBeLessThan(300);
  };
  for (let n = 2; n <= 5; n++) {
    await fetch(stage.url + shared, {
      method: "POST",
      body: new URLSearchParams({ name: "Fife Fathom", email: `fife${n}@example.org`, eligible: "yes" }),
      headers: { "CF-Connecting-IP": `2001:db8::${n}` },
    });
    await fetch(stage.url + linkIn(await mailTo(stage, `fife${n}@example.org`), "v"), { method: "POST" });
  }
  const { data } = (await (await staff("GET", "/petitions?state=moderation&limit=50")).json()) as {
    data: { id: string; title: string }[];
  };
  const id = data.find(({ title }) => title.startsWith("A lamp at the end"))?.id ?? "";
  await decide(id, "request-changes", { message: "Please say where the pier is." });
  const { page } = await open(`${own}?lang=en`);
  expect(await page.textContent("main")).toContain("Please say where the pier is.");
  await expectAccessible(page, "own-changes");
  await tabTo(page, "button[formaction]");
  await pressEnter(page);
  expect(await page.getByRole("status").textContent()).toBe("The petition is sent in again.");
  await expectAccessible(page, "own-sent");
  await decide(id, "approve", {});
  await page.goto(`${stage.url}${own}?lang=en`);
  await expectAccessible(page, "own-open");
  await tabTo(page, "textarea[name=reason]");
  await page.keyboard.type("The lamp is there.");
  await submit(page);
  expect(await page.getByRole("status").textContent()).toBe("The petition is stopped.");
  await expectAccessible(page, "own-stopped");
  await page.goto(`${stage.url}${shared}?lang=en`);
  await expectAccessible(page, "shared-ended");
  await page.close();
});
