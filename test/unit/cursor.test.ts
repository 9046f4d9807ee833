import fc from "fast-check";
import { expect, test } from "vitest";
import { readCursor, writeCursor } from "../../src/http/cursor.ts";
import { toBase64Url, utf8 } from "../../src/lib/bytes.ts";
import { RootKeys } from "../../src/lib/root-keys.ts";

const keys = new RootKeys(new Uint8Array(32).fill(1));
const refused = (cursor: string, query = "sort=newest", by = keys) =>
  expect(readCursor(by, query, cursor)).rejects.toMatchObject({ name: "Problem", code: "invalid_cursor" });
const cursor = await writeCursor(keys, "sort=newest", { value: 1_790_000_000_000, no: 7 });

test("a cursor gives back its place, whatever the query and the numbers", async () => {
  const number = fc.oneof(
    fc.maxSafeInteger(),
    fc.constantFrom(0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
  );
  await fc.assert(
    fc.asyncProperty(fc.string(), number, fc.nat(0xffffffff), async (query, value, no) => {
      const written = await writeCursor(keys, query, { value, no });
      expect(written).toMatch(/^[A-Za-z0-9_-]{1,200}$/);
      expect(await readCursor(keys, query, written)).toEqual({ value, no });
    }),
  );
});

test("a cursor of one query opens no other", async () => {
  for (const query of ["", "sort=popular", "sort=newest&area=north", "sort=newest\n1"]) await refused(cursor, query);
});

test("a cursor can't be made up: any character changed, cut or added is refused", async () => {
  for (let at = 0; at < cursor.length; at++) {
    await refused(cursor.slice(0, at) + (cursor[at] === "A" ? "B" : "A") + cursor.slice(at + 1));
    await refused(cursor.slice(0, at));
  }
  for (const other of [`${cursor}A`, `${cursor}=`, ` ${cursor}`, "A".repeat(201)]) await refused(other);
});

test("numbers in another spelling are refused", async () => {
  const hash = await keys.hash("cursor", "sort=newest\n5.7");
  for (const text of ["05.7", "5.07", "5.7.", "+5.7", "5e0.7", " 5.7", "0x5.7", ".7", "5.", "5.7.8"]) {
    await refused(toBase64Url(utf8(`${text}.${hash}`)));
  }
  expect(await readCursor(keys, "sort=newest", toBase64Url(utf8(`5.7.${hash}`)))).toEqual({ value: 5, no: 7 });
});

test("another key's cursor is refused", async () => {
  await refused(cursor, "sort=newest", new RootKeys(new Uint8Array(32).fill(2)));
});

test("arbitrary text is refused with the same problem, never another error", async () => {
  const garbage = fc.oneof(fc.string({ unit: "binary" }), fc.base64String(), fc.uint8Array().map(toBase64Url));
  await fc.assert(fc.asyncProperty(garbage, async (text) => void (await refused(text))));
});
