import { expect, test } from "vitest";
import { newStaffKey, staffKeyDigest } from "../../src/access/staff-key.ts";

test("a new key is found by its digest, and is no other", async () => {
  const [one, other] = [await newStaffKey(), await newStaffKey()];
  expect(one.key).toMatch(/^fm_staff_[0-9A-Za-z]{38}$/);
  expect(one.key.startsWith(one.prefix)).toBe(true);
  expect(one.prefix.length).toBeLessThan(16);
  expect(await staffKeyDigest(one.key)).toEqual(one.digest);
  expect(other.digest).not.toEqual(one.digest);
});

test("a key with a typing error, and one that is made up, needs no look-up", async () => {
  const { key } = await newStaffKey();
  const swapped = key.replace(/.$/, (last) => (last === "x" ? "y" : "x"));
  for (const wrong of [swapped, key.slice(0, -1), `${key}x`, "fm_staff_local", `fm_staff_${"0".repeat(38)}`, ""]) {
    expect(await staffKeyDigest(wrong), wrong).toBeNull();
  }
});
