import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Stage } from "./stage.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
// Looked at by people; git ignores them.
const SHOTS = "bench-results/screenshots";
mkdirSync(SHOTS, { recursive: true });

/** The text of the newest mail to an address, waited for. */
export async function mailTo(stage: Stage, address: string): Promise<string> {
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
export async function openPage(
  stage: Stage,
  path: string,
  colorScheme: "light" | "dark" = "light",
): Promise<{ page: Page; faults: string[] }> {
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

// Of a page beyond this the browser's one picture is too large to be made.
const MOST_PIXELS_HIGH = 16_000;

/** Nothing that axe calls a violation, and nothing wider than the screen. */
export async function expectAccessible(page: Page, shot: string): Promise<void> {
  const height = Number(await page.evaluate("document.documentElement.scrollHeight"));
  await page.screenshot({ path: `${SHOTS}/${shot}.png`, fullPage: height <= MOST_PIXELS_HIGH });
  await page.evaluate(AXE);
  const violations = await page.evaluate("axe.run().then(({ violations }) => violations.map(({ id }) => id))");
  expect(violations).toEqual([]);
  const width = await page.evaluate("document.documentElement.scrollWidth");
  expect(width).toBeLessThanOrEqual(320);
}

/** Presses Tab until the element has the focus, as somebody without a mouse does. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 30; presses++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) === true`)) return;
  }
  throw new Error(`the keyboard does not reach ${selector}`);
}

/** Presses Enter and waits for the page that it leads to. */
export async function pressEnter(page: Page): Promise<void> {
  await Promise.all([page.waitForEvent("domcontentloaded"), page.keyboard.press("Enter")]);
}
