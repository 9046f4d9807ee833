import fc from "fast-check";
import { expect, test } from "vitest";
import { readCursor, writeCursor } from "../../src/http/cursor.ts";
import { toBase64Url, utf8 } from "../../src/lib/bytes.ts";
import { RootKeys } from "../../src/lib/root-keys.ts";

const keys = new RootKeys(new Uint8Array(32).fill(1));
const refused = (cursor: string, query = "sort=newest", by = keys) =>
  expect(readCursor(by, query, cursor)).rejects.toMatchObject({ name: "Problem", code: "invalid_cursor" });
const cursor = await writeCursor(keys, "sort=newest", [1_790_000_000_000, 7]);

test("a cursor gives back its place, whatever the query, the numbers and the texts", async () => {
  const part = fc.oneof(
    fc.maxSafeInteger(),
    fc.constantFrom(0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
    fc.uuid(),
    fc.string({ maxLength: 8 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.array(part, { minLength: 1, maxLength: 3 }), async (query, position) => {
      const written = await writeCursor(keys, query, position);
      expect(written).toMatch(/^[A-Za-z0-9_-]{1,300}$/);
      expect(await readCursor(keys, query, written)).toEqual(JSON.parse(JSON.stringify(position)));
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
  for (const other of [`${cursor}A`, `${cursor}=`, ` ${cursor}`, "A".repeat(301)]) await refused(other);
});

test("a place in another spelling is refused", async () => {
  const hash = await keys.hash("cursor", "sort=newest\n[5,7]");
  for (const text of ["[05,7]", "[5,7 ]", "[5.0,7]", '["5",7]', "[5,7,8]", "[5]", "5,7", "null", ""]) {
    await refused(toBase64Url(utf8(`${hash}${text}`)));
  }
  expect(await readCursor(keys, "sort=newest", toBase64Url(utf8(`${hash}[5,7]`)))).toEqual([5, 7]);
});

test("another key's cursor is refused", async () => {
  await refused(cursor, "sort=newest", new RootKeys(new Uint8Array(32).fill(2)));
});

test("arbitrary text is refused with the same problem, never another error", async () => {
  const garbage = fc.oneof(fc.string({ unit: "binary" }), fc.base64String(), fc.uint8Array().map(toBase64Url));
  await fc.assert(fc.asyncProperty(garbage, async (text) => void (await refused(text))));
});
