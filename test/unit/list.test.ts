import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseEmailAddress } from "../../src/lib/email-address.ts";
import { type NetworkAddress, parseNetworkAddress } from "../../src/lib/network-address.ts";
import { List, MAX_ENTRIES, parseList, tidyList } from "../../src/limits/list.ts";
import type { ListName } from "../../src/limits/list-entry.ts";

const listOf = (text: string, name: ListName = "allowed") => {
  const { entries, bad } = parseList(text, name);
  expect(bad).toEqual([]);
  return new List(entries);
};
const address = (text: string) => parseNetworkAddress(text) as NetworkAddress;
const email = (text: string) => parseEmailAddress(text) as NonNullable<ReturnType<typeof parseEmailAddress>>;

describe("a line", () => {
  test.each([
    // addresses and ranges in all their spellings
    ["203.0.113.7", "203.0.113.7/32"],
    ["203.0.113.7/24", "203.0.113.0/24"],
    ["10.0.0.0/8", "10.0.0.0/8"],
    ["::ffff:203.0.113.7", "203.0.113.7/32"],
    ["::FFFF:203.0.113.0/120", "203.0.113.0/24"],
    ["2001:DB8:0:0::1", "32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.0/64"],
    ["2001:db8::/32", "32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.0/32"],
    ["2001:0db8:0000:ffff:0000:0000:0000:0001/48", "32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.0/48"],
    // domains
    ["School.Example", "school.example"],
    ["*.school.example", "*.school.example"],
    ["**.school.example", "**.school.example"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["*.BÜCHER.example", "*.xn--bcher-kva.example"],
    ["googlemail.com", "gmail.com"],
    // mailboxes
    ["Ada.Anchorby+news@GoogleMail.com", "adaanchorby@gmail.com"],
    ["ada#1@school.example", "ada#1@school.example"],
    // notes and options
    ["school.example # a note # and more", "school.example"],
    ["\tschool.example\t limit=300   # note", "school.example"],
    ["school.example LIMIT=100000", "school.example"],
    ["\uFEFFschool.example", "school.example"],
  ])("%j names %s", (line, name) => {
    const { entries, bad } = parseList(line, "allowed");
    expect(bad).toEqual([]);
    expect(entries.map((entry) => entry.name)).toEqual([name]);
  });

  test.each([
    ["203.0.113", "not_an_entry"],
    ["203.0.113.256", "not_an_entry"],
    ["203.0.113.7/33", "not_an_entry"],
    ["203.0.113.7/-1", "not_an_entry"],
    ["0313.0.113.7", "not_an_entry"],
    ["2001:db8::/129", "not_an_entry"],
    ["fe80::1%eth0", "not_an_entry"],
    ["::ffff:0:0/95", "not_an_entry"],
    ["203.0.113.7:80", "not_an_entry"],
    ["school", "not_an_entry"],
    ["https://school.example/", "not_an_entry"],
    ["school..example", "not_an_entry"],
    ["***.school.example", "not_an_entry"],
    ["a.*.school.example", "not_an_entry"],
    ["@school.example", "not_an_entry"],
    ["ada@", "not_an_entry"],
    ["=cmd", "not_an_entry"],
    ["0.0.0.0/7", "too_wide"],
    ["::/15", "too_wide"],
    ["*.example", "too_wide"],
    ["**.com", "too_wide"],
    ["school.example limit=0", "bad_limit"],
    ["school.example limit=", "bad_limit"],
    ["school.example limit=1.5", "bad_limit"],
    ["school.example limit=100001", "bad_limit"],
    ["school.example limit=5 limit=5", "bad_limit"],
    ["school.example other.example", "unknown_word"],
    ["school.example disposable", "unknown_word"],
    ["school.example limit 5", "unknown_word"],
    ["school.example\u0000", "forbidden_characters"],
    [`school.example # ${"x".repeat(500)}`, "too_long"],
  ])("%j is refused: %s", (line, flaw) => {
    expect(parseList(`# first\n\n${line}\nother.example`, "allowed").bad).toEqual([{ line: 3, flaw }]);
  });

  test("of the blocked has no limit, and may say that a domain is disposable", () => {
    expect(parseList("spam.example disposable", "blocked").entries[0]?.disposable).toBe(true);
    for (const line of ["spam.example limit=5", "203.0.113.7 disposable", "a@spam.example disposable"]) {
      expect(parseList(line, "blocked").bad, line).toEqual([{ line: 1, flaw: "unknown_word" }]);
    }
  });

  test("that names what an earlier one names counts once; with another limit it is refused", () => {
    expect(parseList("school.example\nSCHOOL.example\n10.0.0.1\n10.0.0.1/32", "allowed").entries.length).toBe(2);
    const twice = "school.example limit=5\n\nschool.example limit=6";
    expect(parseList(twice, "allowed").bad).toEqual([{ line: 3, flaw: "contradiction" }]);
  });
});

test("blank lines, notes, every line end and a byte order mark make no difference, and notes are kept", () => {
  const text = "\uFEFF# who\r\n\r\n10.0.0.1  # one\rschool.example   \n\n\n";
  expect(parseList(text, "allowed").entries.map(({ name }) => name)).toEqual(["10.0.0.1/32", "school.example"]);
  expect(tidyList(text)).toBe("# who\n\n10.0.0.1  # one\nschool.example\n");
  expect(tidyList(tidyList(text))).toBe(tidyList(text));
  expect(tidyList("\r\n \n")).toBe("");
});

describe("a list", () => {
  test("knows a domain itself, one label below it, or all below it, and no other", () => {
    const list = listOf("a.example\n*.b.example\n**.c.example");
    const known = (domain: string) => list.ofDomain(domain)?.name ?? null;
    expect(["a.example", "x.a.example", "xa.example"].map(known)).toEqual(["a.example", null, null]);
    expect(["b.example", "x.b.example", "y.x.b.example"].map(known)).toEqual([null, "*.b.example", null]);
    expect(["c.example", "x.c.example", "y.x.c.example", "xc.example"].map(known)).toEqual([
      null,
      "**.c.example",
      "**.c.example",
      null,
    ]);
  });

  test("lets the narrowest entry answer", () => {
    const list = listOf(
      "10.0.0.0/8 limit=8\n10.1.0.0/16 limit=16\n10.1.1.1 limit=32\n**.b.example limit=1\n*.a.b.example limit=2\nx.a.b.example limit=3",
    );
    const limits = ["10.2.0.0", "10.1.2.0", "10.1.1.1", "11.0.0.0"].map((one) => list.ofAddress(address(one))?.limit);
    expect(limits).toEqual([8, 16, 32, undefined]);
    const domains = ["a.b.example", "y.a.b.example", "x.a.b.example"].map((one) => list.ofDomain(one)?.limit);
    expect(domains).toEqual([1, 2, 3]);
  });

  test("sees an IPv6 client by the /64 that a subscriber holds, and a mapped IPv4 one as IPv4", () => {
    const list = listOf("2001:db8:1:2:3::9\n::ffff:203.0.113.0/120");
    expect(list.ofAddress(address("2001:db8:1:2:ffff::1"))).not.toBeNull();
    expect(list.ofAddress(address("2001:db8:1:3:3::9"))).toBeNull();
    expect(list.ofAddress(address("203.0.113.200"))).not.toBeNull();
    expect(list.ofAddress(address("::ffff:203.0.113.200"))).not.toBeNull();
    expect(list.ofAddress(address("203.0.114.0"))).toBeNull();
    expect(list.ofAddress(null)).toBeNull();
  });

  test("knows a mailbox however it is written", () => {
    const list = listOf("ada.anchorby@gmail.com");
    expect(list.ofEmail(email("A.D.A.Anchorby+x@googlemail.com"))).not.toBeNull();
    expect(list.ofEmail(email("ada.anchorby@school.example"))).toBeNull();
  });
});

const bits = (text: string): string =>
  text.includes(":")
    ? expand(text)
        .map((part) => Number.parseInt(part, 16).toString(2).padStart(16, "0"))
        .join("")
    : text
        .split(".")
        .map((part) => Number(part).toString(2).padStart(8, "0"))
        .join("");

function expand(text: string): string[] {
  const [head = "", tail] = text.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail ? tail.split(":") : [];
  return tail === undefined ? left : [...left, ...Array(8 - left.length - right.length).fill("0"), ...right];
}

describe("agrees with a matcher that looks at every entry", () => {
  // Few values, so that entries and questions meet.
  const v4 = fc
    .array(fc.constantFrom(0, 1, 10, 128, 255), { minLength: 4, maxLength: 4 })
    .map((parts) => parts.join("."));
  const v6 = fc
    .array(fc.constantFrom("0", "1", "2001", "db8", "ffff"), { minLength: 8, maxLength: 8 })
    .map((parts) => parts.join(":"));
  const range4 = fc.tuple(v4, fc.integer({ min: 8, max: 32 }));
  const range6 = fc.tuple(v6, fc.integer({ min: 16, max: 64 }));
  const label = fc.constantFrom("a", "b", "c");
  const domain = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => [...labels, "example"].join("."));
  const pattern = fc.tuple(fc.constantFrom("", "*.", "**."), domain);

  test("about addresses: the longest prefix that fits", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(range4, range6), { maxLength: 30 }),
        fc.array(fc.oneof(v4, v6), { minLength: 1, maxLength: 20 }),
        (ranges, questions) => {
          const list = listOf(ranges.map(([text, length]) => `${text}/${length}`).join("\n"));
          for (const question of questions) {
            const mapped = question.includes(":") && bits(question).startsWith(`${"0".repeat(80)}${"1".repeat(16)}`);
            if (mapped) continue;
            const fitting = ranges
              .filter(([text]) => text.includes(":") === question.includes(":"))
              .filter(([text, length]) => bits(text).slice(0, length) === bits(question).slice(0, length))
              .map(([, length]) => length);
            const found = list.ofAddress(address(question))?.name.split("/")[1];
            expect(found).toBe(fitting.length > 0 ? String(Math.max(...fitting)) : undefined);
          }
        },
      ),
    );
  });

  test("about domains", () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 12 }), fc.array(domain, { minLength: 1 }), (patterns, questions) => {
        const list = listOf(patterns.map(([stars, name]) => stars + name).join("\n"));
        for (const question of questions) {
          const fits = ([stars, name]: [string, string]) =>
            stars === ""
              ? question === name
              : question.endsWith(`.${name}`) &&
                (stars === "**." || !question.slice(0, -name.length - 1).includes("."));
          expect(list.ofDomain(question) !== null).toBe(patterns.some(fits));
        }
      }),
    );
  });

  test("and asks a list of ten thousand ranges a few questions, not ten thousand", () => {
    const lines = Array.from({ length: MAX_ENTRIES }, (_, n) => `10.${n >> 8}.${n & 255}.0/24`);
    const list = listOf(lines.join("\n"));
    const begun = performance.now();
    for (let n = 0; n < 20_000; n++) list.ofAddress(address(`10.${n & 127}.${n & 255}.7`));
    // Looking at each would be 200 million comparisons: minutes. Generous, for a busy machine.
    expect(performance.now() - begun).toBeLessThan(5_000);
  });
});
