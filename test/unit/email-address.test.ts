import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseEmailAddress } from "../../src/lib/email-address.ts";

const canonical = (text: string): string | undefined => parseEmailAddress(text)?.canonical;
const octets = (text: string): number => new TextEncoder().encode(text).length;

// Any sequence of UTF-16 units, halves of pairs included.
const anyText = fc.array(fc.nat(0xffff), { maxLength: 60 }).map((units) => String.fromCharCode(...units));

test("reading an address never throws, whatever the text", () => {
  fc.assert(fc.property(anyText, (text) => void parseEmailAddress(text)));
  fc.assert(fc.property(anyText, anyText, (local, domain) => void parseEmailAddress(`${local}@${domain}`)));
});

test("an address that is read has a domain of lower-case ASCII labels, at least two", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.emailAddress(),
        fc.tuple(anyText, fc.domain()).map((parts) => parts.join("@")),
      ),
      (text) => {
        const address = parseEmailAddress(text);
        if (!address) return;
        expect(address.domain).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
        expect(address.canonical.endsWith(`@${address.domain}`)).toBe(true);
        expect(address.typed).toBe(text.normalize("NFC").trim());
      },
    ),
  );
});

describe("the canonical form is its own canonical form", () => {
  const stable = (text: string): void => {
    const first = canonical(text);
    if (first !== undefined) expect(canonical(first)).toBe(first);
  };
  const domains = fc.constantFrom("example.org", "gmail.com", "GoogleMail.com", "MÜNCHEN.de", "faß.de", "x.co.uk");

  test("for ordinary addresses", () => {
    const local = fc.string({ unit: fc.constantFrom(..."abcXYZ019._-+'!#"), maxLength: 20 });
    const ordinary = local.filter((name) => !name.includes(".+"));
    fc.assert(
      fc.property(ordinary, domains, (name, domain) => stable(`${name}@${domain}`)),
      { numRuns: 1000 },
    );
  });

  test("for a dot before the tag", () => stable("a.+tag@example.org"));

  test("for letters whose small and capital forms are built differently", () => {
    // J with caron has no capital of its own in Unicode, but a small letter: lower case is no longer NFC.
    expect(canonical("J\u030cana@example.org")).toBe(canonical("\u01f0ana@example.org"));
    stable("J\u030cana@example.org");
  });

  test("for gmail's dots before a combining mark", () => stable("a.\u0301b@gmail.com"));

  test("for letters that grow when they become small", () => stable(`${"İ".repeat(32)}@example.org`));

  test("for whatever letters and marks are typed", () => {
    const local = fc.string({ unit: fc.constantFrom(..."aJHΣİßẞ.+-", "\u030c", "\u0331", "\u0301"), maxLength: 8 });
    fc.assert(
      fc.property(local, domains, (name, domain) => stable(`${name}@${domain}`)),
      { numRuns: 2000 },
    );
  });
});

describe("one mailbox, however it is typed", () => {
  test.each([
    ["anna@example.org", "Anna@Example.ORG"],
    ["anna@example.org", "  anna@example.org\n"],
    ["anna@example.org", "anna+petition@example.org"],
    ["anna@example.org", "ANNA+a+b@EXAMPLE.org"],
    ["annab@gmail.com", "a.n.n.a.b@gmail.com"],
    ["annab@gmail.com", "Anna.B+x.y@GoogleMail.com"],
    ["annab@gmail.com", "annab@googlemail.com"],
    ["rené@example.org", "rene\u0301@example.org"],
    ["anna@xn--mnchen-3ya.de", "anna@MÜNCHEN.de"],
    ["anna@xn--mnchen-3ya.de", "anna@mu\u0308nchen.de"],
    ["anna@example.org", "anna@ｅｘａｍｐｌｅ.org"],
  ])("%s is %j", (expected, typed) => expect(canonical(typed)).toBe(expected));

  test("gmail's dots and tags never matter, wherever they stand", () => {
    const letters = fc.array(fc.constantFrom(..."abc123"), { minLength: 1, maxLength: 8 });
    const dots = fc.array(fc.boolean(), { minLength: 8, maxLength: 8 });
    const tag = fc.string({ unit: fc.constantFrom(..."ab1-"), maxLength: 5 });
    fc.assert(
      fc.property(letters, dots, tag, fc.constantFrom("gmail.com", "googlemail.com"), (name, dotted, label, domain) => {
        const local = name.map((letter, index) => (index > 0 && dotted[index] ? `.${letter}` : letter)).join("");
        const tagged = label === "" ? local : `${local}+${label}`;
        expect(canonical(`${tagged}@${domain}`)).toBe(`${name.join("")}@gmail.com`);
      }),
    );
  });
});

describe("two mailboxes stay two", () => {
  test.each([
    ["a.b@example.org", "ab@example.org"],
    ["a.b@gmail.com.example.org", "ab@gmail.com.example.org"],
    ["a.b@mail.gmail.com", "ab@mail.gmail.com"],
    ["a-b@example.org", "ab@example.org"],
    ["a_b@gmail.com", "ab@gmail.com"],
    ["anna@example.org", "anna@example.com"],
    ["anna@faß.de", "anna@fass.de"],
    ["+a@example.org", "+b@example.org"],
  ])("%s is not %s", (a, b) => {
    expect(canonical(a)).toBeDefined();
    expect(canonical(b)).toBeDefined();
    expect(canonical(a)).not.toBe(canonical(b));
  });
});

test("mail goes to the address as typed: its tag, dots and capitals stay", () => {
  expect(parseEmailAddress(" Anna.B+Vote@GoogleMail.com ")?.typed).toBe("Anna.B+Vote@GoogleMail.com");
});

test.each([
  ["a single label", "a@b"],
  ["an IPv4 address", "a@1.2.3.4"],
  ["an IPv4 address in another notation", "a@0x7f.1"],
  ["a numeric top level", "a@example.123"],
  ["an address literal", "a@[1.2.3.4]"],
  ["an IPv6 literal", "a@[IPv6:::1]"],
  ["a quoted part", '"a b"@example.org'],
  ["a quoted part without blanks", '"a"@example.org'],
  ["a space in the local part", "a b@example.org"],
  ["a space in the domain", "a@exa mple.org"],
  ["a line break, which would begin another header", "a\r\nBcc: b@example.org"],
  ["a line break inside", "a\n@example.org"],
  ["NUL", "a\0@example.org"],
  ["two addresses", "a@example.org,b@example.org"],
  ["a display name", "Anna <a@example.org>"],
  ["two at signs", "a@b@example.org"],
  ["a dot at the beginning", ".a@example.org"],
  ["a dot at the end", "a.@example.org"],
  ["two dots", "a..b@example.org"],
  ["only dots", "..@gmail.com"],
  ["no local part", "@example.org"],
  ["no domain", "a@"],
  ["a dot at the domain's end", "a@example.org."],
  ["an empty label", "a@example..org"],
  ["a hyphen at a label's end", "a@example-.org"],
  ["an underscore in the domain", "a@exa_mple.org"],
  ["a path", "a@example.org/b"],
  ["a port", "a@example.org:25"],
  ["credentials of a URL", "a@b:c@example.org"],
  ["percent encoding", "a@example%2eorg"],
  ["nothing", ""],
  ["blanks", "   "],
])("%s is refused", (_, text) => expect(parseEmailAddress(text)).toBeNull());

describe("lengths are counted in octets", () => {
  const domainOf = (length: number): string => {
    const labels = `${"d".repeat(60)}.`.repeat(3);
    return `${labels}${"e".repeat(length - labels.length - 4)}.org`;
  };

  test("a local part of 64 is read, one of 65 is not", () => {
    expect(parseEmailAddress(`${"a".repeat(64)}@example.org`)).not.toBeNull();
    expect(parseEmailAddress(`${"a".repeat(65)}@example.org`)).toBeNull();
    expect(parseEmailAddress(`${"é".repeat(32)}@example.org`)).not.toBeNull();
    expect(parseEmailAddress(`${"é".repeat(32)}a@example.org`)).toBeNull();
  });

  test("an address of 254 is read, one of 255 is not", () => {
    const local = "a".repeat(20);
    const longest = `${local}@${domainOf(233)}`;
    expect(octets(longest)).toBe(254);
    expect(parseEmailAddress(longest)).not.toBeNull();
    expect(parseEmailAddress(`${local}a@${domainOf(233)}`)).toBeNull();
  });

  test("a label of 63 is read, one of 64 is not", () => {
    expect(parseEmailAddress(`a@${"d".repeat(63)}.org`)).not.toBeNull();
    expect(parseEmailAddress(`a@${"d".repeat(64)}.org`)).toBeNull();
  });

  test("a domain that is too long only in ASCII is too long", () => {
    const typed = `a@${"ü.".repeat(70)}de`;
    expect(octets(typed)).toBeLessThanOrEqual(254);
    expect(octets(canonical(typed) ?? "")).toBeLessThanOrEqual(254);
  });
});
