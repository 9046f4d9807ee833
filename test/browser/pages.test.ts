import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, type Stage } from "./stage.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
// Looked at by people; git ignores them.
const SHOTS = "bench-results/screenshots";

let stage: Stage;
let links: { verify: string; withdraw: string; code: string; digits: string };
const email = "browser@example.org";

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  stage = await openStage();
  const { data } = (await (await fetch(`${stage.url}/v1/petitions?state=open&limit=1`)).json()) as {
    data: { id: string }[];
  };
  await fetch(`${stage.url}/v1/petitions/${data[0]?.id}/signatures`, {
    method: "POST",
    body: JSON.stringify({ name: "Robin Reed", email, postcode: "BW3 2QT", eligible: true }),
    headers: { "Content-Type": "application/json" },
  });
  const text = await mailTo(email);
  const path = (pattern: RegExp) =>
    new URL(pattern.exec(text)?.[0] ?? "missing:").href.replace(/^https?:\/\/[^/]+/, "");
  links = {
    verify: path(/http\S+\/v\/\S+/),
    withdraw: path(/http\S+\/w\/\S+/),
    code: path(/http\S+\/v\?\S+/),
    digits: /\b\d{6}\b/.exec(text)?.[0] ?? "",
  };
});

afterAll(() => stage?.close());

async function mailTo(address: string): Promise<string> {
  for (let tries = 0; tries < 150; tries++) {
    const { data } = (await (await fetch(`${stage.url}/dev/mail.json?to=${address}`)).json()) as {
      data: { text: string }[];
    };
    if (data[0]) return data[0].text;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("no mail came");
}

/** A page of 320 px, and what it complains about or asks of other hosts. */
async function open(path: string, colorScheme: "light" | "dark" = "light"): Promise<{ page: Page; faults: string[] }> {
  const page = await stage.browser.newPage({ viewport: { width: 320, height: 640 }, colorScheme });
  const faults: string[] = [];
  page.on("console", (message) => faults.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (new URL(request.url()).host !== new URL(stage.url).host) faults.push(`another host: ${request.url()}`);
  });
  await page.goto(stage.url + path);
  return { page, faults };
}

/** Nothing that axe calls a violation, and nothing wider than the screen. */
async function expectAccessible(page: Page, shot: string): Promise<void> {
  await page.screenshot({ path: `${SHOTS}/${shot}.png`, fullPage: true });
  await page.evaluate(AXE);
  const violations = await page.evaluate("axe.run().then(({ violations }) => violations.map(({ id }) => id))");
  expect(violations).toEqual([]);
  const width = await page.evaluate("document.documentElement.scrollWidth");
  expect(width).toBeLessThanOrEqual(320);
}

/** Presses Tab until the element has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 30; presses++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) === true`)) return;
  }
  throw new Error(`the keyboard does not reach ${selector}`);
}

async function pressEnter(page: Page): Promise<void> {
  await Promise.all([page.waitForEvent("domcontentloaded"), page.keyboard.press("Enter")]);
}

test.each(["light", "dark"] as const)(
  "every page is accessible at 320 px, asks no other host and complains of nothing (%s)",
  async (scheme) => {
    const paths = {
      verify: links.verify,
      withdraw: links.withdraw,
      code: links.code,
      mail: "/dev/mail",
      docs: "/docs",
    };
    for (const [name, path] of Object.entries(paths)) {
      const { page, faults } = await open(path, scheme);
      await expectAccessible(page, `${name}-${scheme}`);
      expect(faults, name).toEqual([]);
      await page.close();
    }
  },
);

test("a link that is not valid is a kind page too", async () => {
  const { page } = await open("/v/broken");
  await expectAccessible(page, "broken");
  expect(await page.locator("h1").count()).toBe(1);
  await page.close();
});

test("with the keyboard alone: a wrong code is said, the right one verifies, and the signature is withdrawn again", async () => {
  const { page } = await open(links.code);
  const typeCode = async (digits: string) => {
    await tabTo(page, "input[name=email]");
    await page.keyboard.type(email);
    await tabTo(page, "input[name=code]");
    await page.keyboard.type(digits);
    await pressEnter(page);
  };
  await typeCode(links.digits === "000000" ? "000001" : "000000");
  expect(await page.getByRole("alert").count()).toBe(1);
  await expectAccessible(page, "code-wrong");
  await typeCode(links.digits);
  expect(await page.locator("h1").textContent()).toContain("Your signature counts");
  await expectAccessible(page, "verified");

  await page.goto(stage.url + links.withdraw);
  await tabTo(page, "button[type=submit]");
  await pressEnter(page);
  await expectAccessible(page, "withdrawn");
  await page.goto(stage.url + links.verify);
  await tabTo(page, "button[type=submit]");
  await pressEnter(page);
  expect(await page.locator("h1").textContent()).toMatch(/withdr/i);
  await page.close();
});
