import { afterAll, beforeAll, expect, test } from "vitest";
import { expectAccessible, mailTo, openPage, pressEnter, tabTo } from "./look.ts";
import { openStage, type Stage } from "./stage.ts";

let stage: Stage;
let links: { verify: string; withdraw: string; code: string; digits: string; unsubscribe: string };
const email = "browser@example.org";

beforeAll(async () => {
  stage = await openStage();
  const { data } = (await (await fetch(`${stage.url}/v1/petitions?state=open&limit=1`)).json()) as {
    data: { id: string }[];
  };
  await fetch(`${stage.url}/v1/petitions/${data[0]?.id}/signatures`, {
    method: "POST",
    body: JSON.stringify({ name: "Robin Reed", email, postcode: "BW3 2QT", eligible: true }),
    headers: { "Content-Type": "application/json" },
  });
  const text = await mailTo(stage, email);
  const path = (pattern: RegExp) =>
    new URL(pattern.exec(text)?.[0] ?? "missing:").href.replace(/^https?:\/\/[^/]+/, "");
  links = {
    verify: path(/http\S+\/v\/\S+/),
    withdraw: path(/http\S+\/w\/\S+/),
    code: path(/http\S+\/v\?\S+/),
    digits: /\b\d{6}\b/.exec(text)?.[0] ?? "",
    unsubscribe: await unsubscribeLink(data[0]?.id ?? ""),
  };
});

/** The link of a mail as staff are shown it before it goes out. */
async function unsubscribeLink(petition: string): Promise<string> {
  const headers = { Authorization: "Bearer fm_staff_local", "Content-Type": "application/json" };
  const body = JSON.stringify({ texts: { en: { subject: "Come", body: "To the town hall." } } });
  const admin = `${stage.url}/v1/admin`;
  const draft = await fetch(`${admin}/petitions/${petition}/mailings`, { method: "POST", headers, body });
  const { id } = (await draft.json()) as { id: string };
  const { data } = (await (await fetch(`${admin}/mailings/${id}/preview`, { headers })).json()) as {
    data: { text: string }[];
  };
  return /http\S+?(\/u\/\S+)/.exec(data[0]?.text ?? "")?.[1] ?? "";
}

afterAll(() => stage?.close());

const open = (path: string, scheme?: "light" | "dark") => openPage(stage, path, scheme);

test.each(["light", "dark"] as const)(
  "every page is accessible at 320 px, asks no other host and complains of nothing (%s)",
  async (scheme) => {
    const paths = {
      verify: links.verify,
      withdraw: links.withdraw,
      code: links.code,
      unsubscribe: links.unsubscribe,
      mail: "/dev/mail",
    };
    for (const [name, path] of Object.entries(paths)) {
      const { page, faults } = await open(path, scheme);
      await expectAccessible(page, `${name}-${scheme}`);
      expect(faults, name).toEqual([]);
      await page.close();
    }
  },
);

// Some 29,000 elements: axe takes three quarters of a minute for them where the machine is busy.
test.each(["light", "dark"] as const)(
  "the API's description is accessible at 320 px, asks no other host and complains of nothing (%s)",
  async (scheme) => {
    const { page, faults } = await open("/docs", scheme);
    await expectAccessible(page, `docs-${scheme}`);
    expect(faults).toEqual([]);
    await page.close();
  },
  240_000,
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

test("with the keyboard alone somebody unsubscribes: the page's buttons do, and opening it does not", async () => {
  const { page } = await open(links.unsubscribe.replace("lang=en", "lang=de"));
  await expectAccessible(page, "unsubscribe-de");
  await tabTo(page, "button[value=petition]");
  await pressEnter(page);
  await expectAccessible(page, "unsubscribed");
  expect(await page.locator("h1").textContent()).toContain("abbestellt");
  await page.close();
});
