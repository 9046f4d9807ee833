import fc from "fast-check";
import { expect, test } from "vitest";
import {
  concat,
  fromBase64,
  fromBase64Url,
  fromHex,
  fromUtf8,
  sameBytes,
  toBase64,
  toBase64Url,
  toHex,
  utf8,
} from "../../src/lib/bytes.ts";

const someBytes = fc.uint8Array({ maxLength: 100 }).map((bytes) => new Uint8Array(bytes));

test("bytes survive base64url, base64 and hexadecimal unchanged", () => {
  fc.assert(
    fc.property(someBytes, (bytes) => {
      expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
      expect(fromBase64(toBase64(bytes))).toEqual(bytes);
      expect(fromHex(toHex(bytes))).toEqual(bytes);
    }),
  );
});

test("base64url fits into an address as it is: no padding, nothing to encode", () => {
  fc.assert(fc.property(someBytes, (bytes) => void expect(toBase64Url(bytes)).toMatch(/^[A-Za-z0-9_-]*$/)));
});

test("base64url has one spelling: what reads as bytes is what those bytes are written as", () => {
  const spelling = fc.string({ unit: fc.constantFrom(..."ABCQYgwZz019-_"), maxLength: 12 });
  fc.assert(
    fc.property(spelling, (text) => {
      const bytes = fromBase64Url(text);
      if (bytes) expect(toBase64Url(bytes)).toBe(text);
    }),
  );
});

test.each(["YQ==", "YQ=", "+/+/", "YR", "A", "AAAAA", " YQ", "YQ\n", "Y Q", "ÿ", "YQ.", "\u{1f41f}"])(
  "%j is no base64url",
  (text) => expect(fromBase64Url(text)).toBeNull(),
);

test("reading base64url never throws, whatever the text", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void fromBase64Url(text)));
});

test.each(["A", "%", "YQ=a", "ÿ", "-_-_"])("%j is no base64", (text) => expect(fromBase64(text)).toBeNull());

test.each(["a", "0g", "0x", " 0", "é0", "0 "])("%j is no hexadecimal", (text) => {
  expect(() => fromHex(text)).toThrow(TypeError);
});

test("texts survive UTF-8, byte order marks included", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void expect(fromUtf8(utf8(text))).toBe(text)));
  expect(fromUtf8(utf8("\ufeffa"))).toBe("\ufeffa");
});

test("bytes that are not UTF-8 are refused, not replaced", () => {
  expect(() => fromUtf8(new Uint8Array([0x61, 0xff]))).toThrow(TypeError);
  expect(() => fromUtf8(new Uint8Array([0xed, 0xa0, 0x80]))).toThrow(TypeError);
});

test("parts are joined in order and can be cut apart again", () => {
  fc.assert(
    fc.property(someBytes, someBytes, (a, b) => {
      const whole = concat(a, b);
      expect(whole.slice(0, a.length)).toEqual(a);
      expect(whole.slice(a.length)).toEqual(b);
    }),
  );
  expect(concat()).toEqual(new Uint8Array());
});

test("two byte strings are the same only when every byte is", () => {
  fc.assert(fc.property(someBytes, (bytes) => void expect(sameBytes(bytes, bytes.slice())).toBe(true)));
  fc.assert(
    fc.property(someBytes, fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, at, flip) => {
      fc.pre(bytes.length > 0);
      const other = bytes.map((byte, index) => (index === at % bytes.length ? byte ^ flip : byte));
      expect(sameBytes(bytes, other)).toBe(false);
    }),
  );
  expect(sameBytes(new Uint8Array([1]), new Uint8Array([1, 0]))).toBe(false);
  expect(sameBytes(new Uint8Array(), new Uint8Array([0]))).toBe(false);
});
