import fc from "fast-check";
import { expect, test } from "vitest";
import { parseNetworkAddress } from "../../src/lib/network-address.ts";

test("an IPv4 client is counted by its address, and reviewed by its /24", () => {
  expect(parseNetworkAddress("203.0.113.7")).toEqual({ address: "203.0.113.7", network: "203.0.113.0/24" });
  fc.assert(
    fc.property(fc.ipV4(), (ip) => {
      const [a, b, c] = ip.split(".");
      expect(parseNetworkAddress(ip)).toEqual({ address: ip, network: `${a}.${b}.${c}.0/24` });
    }),
  );
});

test("an IPv6 subscriber is one client whichever of the /64's addresses is used", () => {
  expect(parseNetworkAddress("2001:db8:1:2:3:4:5:6")).toEqual({
    address: "2001:db8:1:2::/64",
    network: "2001:db8:1::/48",
  });
  const half = fc.array(fc.nat(0xffff), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(half, half, half, (prefix, one, other) => {
      fc.pre(prefix.some((group) => group !== 0)); // ::ffff:0:0/96 lies in the all-zero /64
      const write = (groups: number[]): string => groups.map((group) => group.toString(16)).join(":");
      const first = parseNetworkAddress(write([...prefix, ...one]));
      expect(first).not.toBeNull();
      expect(parseNetworkAddress(write([...prefix, ...other]))).toEqual(first);
    }),
  );
});

test.each([
  ["the /24's last address", "203.0.113.255", "203.0.113.0", true],
  ["the next /24", "203.0.114.0", "203.0.113.255", false],
  ["the /48's last address", "2001:db8:1:ffff:ffff:ffff:ffff:ffff", "2001:db8:1::", true],
  ["the next /48", "2001:db8:2::", "2001:db8:1:ffff:ffff:ffff:ffff:ffff", false],
])("networks end where they should: %s", (_, one, other, same) => {
  expect(parseNetworkAddress(one)?.network === parseNetworkAddress(other)?.network).toBe(same);
});

test("the next /64 is another client", () => {
  const last = parseNetworkAddress("2001:db8:1:2:ffff:ffff:ffff:ffff");
  expect(parseNetworkAddress("2001:db8:1:3::")?.address).not.toBe(last?.address);
});

test.each(["2001:DB8:0:0:0:0:0:1", "2001:db8::1", "2001:0db8:0000::0001", "2001:db8:0:0::0.0.0.1"])(
  "%s is the same client however it is written",
  (text) => {
    expect(parseNetworkAddress(text)).toEqual({ address: "2001:db8::/64", network: "2001:db8::/48" });
  },
);

test.each(["::ffff:203.0.113.7", "::FFFF:cb00:7107", "0:0:0:0:0:ffff:203.0.113.7"])(
  "%s is the IPv4 client that it maps",
  (text) => expect(parseNetworkAddress(text)).toEqual(parseNetworkAddress("203.0.113.7")),
);

test.each([
  "",
  " ",
  "unknown",
  "localhost",
  "203.0.113",
  "203.0.113.256",
  "203.0.113.7.1",
  "203.0.113.7:443",
  "203.0.113.7/32",
  "203.0.113.7, 198.51.100.1",
  "-1.2.3.4",
  "2001:db8::1::2",
  "2001:db8",
  "[2001:db8::1]",
  "2001:db8::/32",
  "12345::",
  "::ffff:203.0.113.256",
  "anna@example.org",
])("%j is no address", (text) => expect(parseNetworkAddress(text)).toBeNull());

test.each(["1", "3405803783", "0x7f.1", "127.1", "010.0.0.1"])(
  "%j is no address, though old tools read it as IPv4",
  (text) => expect(parseNetworkAddress(text)).toBeNull(),
);

test("reading an address never throws, whatever the text", () => {
  const garbage = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom(..."0123456789abcfx:.%/") }),
  );
  fc.assert(
    fc.property(garbage, (text) => void parseNetworkAddress(text)),
    { numRuns: 1000 },
  );
});
