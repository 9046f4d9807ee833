import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAddress } from "../../src/partners/webhooks/webhook-address.ts";

// In workerd, because the parser that judges must be the one that calls.

const deployed = { ownHost: "petitions.brackwater.example", local: false };
const read = (text: string, allows = deployed) => readAddress(text, allows);

describe("an address that may be called", () => {
  test.each([
    ["https://hooks.union.example/folkmoot", "https://hooks.union.example/folkmoot"],
    ["https://hooks.union.example", "https://hooks.union.example/"],
    ["HTTPS://Hooks.Union.Example/A?b=c", "https://hooks.union.example/A?b=c"],
    ["https://hooks.union.example:443/", "https://hooks.union.example/"],
    ["https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"],
    ["https://ＵＮＩＯＮ.example/", "https://union.example/"],
    ["https://union。example/", "https://union.example/"],
    ["https://a.b.c.d.union.example/", "https://a.b.c.d.union.example/"],
    ["https://10.0.0.1.union.example/", "https://10.0.0.1.union.example/"],
    ["https://0x7f.union.example/", "https://0x7f.union.example/"],
    ["https://xn--e1afmkfd.xn--p1ai/", "https://xn--e1afmkfd.xn--p1ai/"],
    ["https://localhost.union.example/", "https://localhost.union.example/"],
  ])("%s is called as %s", (text, url) => {
    expect(read(text)).toEqual({ url });
  });
});

describe("an address that may not be called", () => {
  const ipv4 = [
    "127.0.0.1",
    "10.0.0.1",
    "169.254.169.254",
    "192.168.1.1",
    "8.8.8.8",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7F.1",
    "017700000001",
    "0177.0.0.1",
    "00000177.0.0.1",
    "127.0.0.0x1",
    "127.0.0.1.",
    "2130706433.",
    "127.0.0.1..",
    "127%2e0%2e0%2e1",
    "127.0.0.1%2e",
    "１２７．０．０．１",
    "２１３０７０６４３３",
    "0x",
    "1.2.3.4.5",
    "256.256.256.256",
    "99999999999",
    "%31%32%37.0.0.1",
    "１２７.0.0.1",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "0",
    "0.0.0.0",
    "4294967295",
    "255.255.255.255",
  ];
  const ipv6 = [
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[fe80::1]",
    "[fd00::1]",
    "[2001:db8::1]",
    "[64:ff9b::a00:1]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[fe80::1%25eth0]",
    "[fe80::1%eth0]",
  ];
  const local = [
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "printer.local",
    "db.internal",
    "metadata.google.internal",
    "wiki.intranet",
    "nas.lan",
    "router.home",
    "host.localdomain",
    "1.0.0.127.in-addr.arpa",
    "nas.home.arpa",
    "hidden.onion",
    "a.test",
    "a.invalid",
    "mail.corp",
    "www.mail",
    "home.arpa",
    "foo.local.",
    "foo.internal.",
    "metadata.google.internal.",
    "%6c%6f%63%61%6c%68%6f%73%74",
    "localhost%2e",
    "localhost。",
    "ｌｏｃａｌｈｏｓｔ",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "lo\u00adcalhost",
    "a.lo\u00adcal",
    "fⅰle.ⅼocal",
    "union",
    "union.",
    "union.example.",
    "a..example",
    ".example",
    "-a.example",
    "a_.-b.example",
    "union.123",
    "union.0x1f",
    "petitions.brackwater.example",
    "PETITIONS.brackwater.example",
  ];

  test.each([...ipv4, ...ipv6, ...local])("https://%s/ is none", (host) => {
    expect(read(`https://${host}/hook`)).toHaveProperty("flaw");
    expect(read(`https://${host}:443/hook`)).toHaveProperty("flaw");
    expect(read(`https://union.example@${host}/hook`)).toHaveProperty("flaw");
  });

  test.each([
    ["http://hooks.union.example/", "https_address"],
    ["ftp://hooks.union.example/", "https_address"],
    ["wss://hooks.union.example/", "https_address"],
    ["javascript:alert(1)", "https_address"],
    ["data:text/plain,x", "https_address"],
    ["file:///etc/passwd", "https_address"],
    ["blob:https://hooks.union.example/1", "https_address"],
    ["//hooks.union.example/", "https_address"],
    ["hooks.union.example", "https_address"],
    ["", "https_address"],
    ["https://", "https_address"],
    [" https://hooks.union.example/", "https_address"],
    ["https://hooks.union.example/\n", "https_address"],
    ["https://hooks.union\t.example/", "https_address"],
    ["https:\\\\hooks.union.example\\", "https_address"],
    ["https://hooks.union.example\\@10.0.0.1/", "https_address"],
    [`https://hooks.union.example/${"x".repeat(2_000)}`, "https_address"],
    [`https://hooks.union.example/${"ä".repeat(700)}`, "https_address"],
    ["https://user@hooks.union.example/", "plain_address"],
    ["https://user:secret@hooks.union.example/", "plain_address"],
    ["https://:secret@hooks.union.example/", "plain_address"],
    ["https://hooks.union.example:8443/", "plain_address"],
    ["https://hooks.union.example:80/", "plain_address"],
    ["https://hooks.union.example:22/", "plain_address"],
    ["https://hooks.union.example/#here", "plain_address"],
    ["https://hooks.union.example/#", "plain_address"],
    ["http://localhost:8080/", "https_address"],
    ["http://127.0.0.1/", "https_address"],
  ])("%s has the flaw %s", (text, flaw) => {
    expect(read(text)).toEqual({ flaw });
  });
});

const byte = fc.integer({ min: 0, max: 255 });
const spell = (radix: number) => (n: number) =>
  radix === 16 ? `0x${n.toString(16)}` : radix === 8 ? `0${n.toString(8)}` : String(n);
const spelled = fc
  .tuple(
    fc.array(byte, { minLength: 4, maxLength: 4 }),
    fc.integer({ min: 1, max: 4 }),
    fc.array(fc.constantFrom(8, 10, 16), { minLength: 4, maxLength: 4 }),
    fc.boolean(),
  )
  .map(([bytes, parts, radixes, dot]) => {
    const tail = bytes.slice(parts - 1).reduce((all, next) => all * 256 + next, 0);
    const numbers = [...bytes.slice(0, parts - 1), tail];
    return numbers.map((n, at) => spell(radixes[at] as number)(n)).join(".") + (dot ? "." : "");
  });

test("no spelling of an IPv4 address is called, whatever the base and the number of its parts", () => {
  fc.assert(
    fc.property(spelled, (host) => {
      expect(read(`https://${host}/`)).toEqual({ flaw: "public_host" });
    }),
  );
});

test("no IPv6 address is called, nor any text that is no https address of a name", () => {
  fc.assert(
    fc.property(fc.ipV6(), (host) => {
      expect(read(`https://[${host}]/`)).toHaveProperty("flaw");
    }),
  );
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "grapheme" }), fc.webUrl({ withFragments: true, withQueryParameters: true })),
      (text) => {
        const found = read(text);
        if ("flaw" in found) return;
        const { protocol, hostname, port, username, password, hash, href } = new URL(found.url);
        expect([protocol, port, username, password, hash, href]).toEqual(["https:", "", "", "", "", found.url]);
        expect(hostname).toMatch(/^([a-z0-9_-]+\.)+([a-z]{2,}|xn--[a-z0-9-]+)$/);
        expect(read(found.url)).toEqual(found);
      },
    ),
  );
});

describe("local mode", () => {
  const local = { ownHost: "localhost", local: true };

  test("also calls this machine, and by http only what is on it", () => {
    expect(read("http://localhost:9000/hook", local)).toEqual({ url: "http://localhost:9000/hook" });
    expect(read("http://127.0.0.1:9000/hook", local)).toEqual({ url: "http://127.0.0.1:9000/hook" });
    expect(read("https://hooks.union.example/", local)).toEqual({ url: "https://hooks.union.example/" });
    for (const url of [
      "http://hooks.union.example/",
      "http://10.0.0.1/",
      "http://169.254.169.254/",
      "http://[::1]/",
      "http://user@localhost/",
      "http://localhost/#x",
      "https://localhost/",
      "https://127.0.0.1/",
    ]) {
      expect(read(url, local), url).toHaveProperty("flaw");
    }
  });
});
