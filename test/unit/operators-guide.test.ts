import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";

const ROOT = join(import.meta.dirname, "../..");
const guide = readFileSync(join(ROOT, "docs/operators.md"), "utf8");
const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => readFileSync(join(ROOT, "src", path), "utf8"));

/** The names in the first column of the tables whose first heading is one of these. */
function tabled(...headings: string[]): string[] {
  return guide
    .split(/\n\n/)
    .filter((block) => headings.includes(/^\| +(\w+) +\|/.exec(block)?.[1] ?? ""))
    .flatMap((block) => [...block.matchAll(/^\| +`(\w+)` +\|/gm)].map(([, name]) => name as string))
    .toSorted();
}

const settings = {
  ...Object.fromEntries(
    ["DB", "INTAKE", "MAIL", "MAIL_EVENTS", "REVIEW", "WEBHOOKS", "LIMITER", "IDEMPOTENCY", "MAILER"].map((name) => [
      name,
      {},
    ]),
  ),
  ENVIRONMENT: "production",
  PUBLIC_URL: "https://petitions.example.org",
  MUNICIPALITY: "Town of Brackwater",
  TIME_ZONE: "Europe/London",
  LOCALES: "en",
  MAIL_FROM: "petitions@example.org",
  CONTACT: "petitions@example.org",
  PRIVACY_NOTICE_URL: "https://example.org/privacy",
};

test("every log event is explained, and no other", () => {
  const events = sources.flatMap((text) => [...text.matchAll(/\blog\(\s*"(\w+)"/g)].map(([, name]) => name as string));
  expect(events.length).toBeGreaterThan(15);
  expect(tabled("event")).toEqual([...new Set(events)].toSorted());
});

test("every setting and secret is explained, and no other", () => {
  // Whatever the Worker's own rules look for, they look for by name.
  const asked = new Set<string>();
  const env = new Proxy(
    {},
    {
      has: (_, name) => Boolean(asked.add(String(name))),
      get: (_, name) => void asked.add(String(name)),
    },
  );
  expect(() => readConfig(env)).toThrow();
  const wrangler = readFileSync(join(ROOT, "wrangler.toml"), "utf8");
  const bindings = [...wrangler.matchAll(/^(?:binding|name) = "([A-Z_]+)"$/gm)].map(([, name]) => name);
  expect(tabled("setting", "secret")).toEqual([...asked].filter((name) => !bindings.includes(name)).toSorted());
});

test("the guide's command makes a ROOT_KEY and prints nothing else", () => {
  const command = /^node -p "(.+)"$/m.exec(guide)?.[1] as string;
  const keys = [1, 2].map(() => execFileSync(process.execPath, ["-p", command], { encoding: "utf8" }));
  for (const key of keys) {
    expect(key).toMatch(/^\S+\n$/);
    expect(readConfig({ ...settings, ROOT_KEY: key.trim() }).rootKey).toHaveLength(32);
  }
  expect(keys[0]).not.toBe(keys[1]);
});

test("every link to a section leads to one", () => {
  const anchors = [...guide.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    (title as string)
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .replaceAll(" ", "-"),
  );
  const links = [...guide.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target as string);
  for (const link of links) {
    if (link.startsWith("#")) expect(anchors).toContain(link.slice(1));
    else expect(existsSync(join(ROOT, "docs", link))).toBe(true);
  }
});
