import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toBase64, utf8 } from "../../src/lib/bytes.ts";
import { newUuid } from "../../src/lib/ids.ts";
import { RootKeys } from "../../src/lib/root-keys.ts";
import { openSubmission, type Submission, sealSubmission } from "../../src/signatures/submission.ts";

const oldKey = new Uint8Array(32).fill(1);
const newKey = new Uint8Array(32).fill(2);
const keys = new RootKeys(oldKey);

const submission: Submission = {
  submission_id: newUuid(),
  petition_id: newUuid(),
  accepted_at: 1_790_000_000_000,
  hold: null,
  data: {
    name: "Anna Beispiel",
    email: "Anna+vote@example.org",
    postcode: "BW1 1AA",
    country: "GB",
    updates: true,
    channel: "poster",
    locale: "de",
    address: "203.0.113.7",
    network: "203.0.113.0/24",
    asn: 64_496,
  },
};
const message = await sealSubmission(keys, submission);

test("a submission survives the queue, through JSON too", async () => {
  expect(await openSubmission(keys, message)).toEqual(submission);
  expect(await openSubmission(keys, JSON.parse(JSON.stringify(message)))).toEqual(submission);
});

test("one with the least that it needs survives as well, held or not", async () => {
  const least = {
    ...submission,
    hold: "rate" as const,
    data: { name: "A", email: "a@b.de", updates: false, locale: "en" },
  };
  expect(await openSubmission(keys, await sealSubmission(keys, least))).toEqual(least);
});

test("a supporter's travels as a second version, and who bears no link can't be made one", async () => {
  const supporters = { ...submission, supporter: true };
  const second = await sealSubmission(keys, supporters);
  expect(second).toMatchObject({ v: 2, supporter: true });
  expect(await openSubmission(keys, second)).toEqual(supporters);
  expect(await openSubmission(keys, { ...message, v: 2, supporter: true })).toBe(null);
  const { supporter: _, ...stripped } = second as typeof second & { supporter?: true };
  expect(await openSubmission(keys, { ...stripped, v: 1 })).toBe(null);
});

test("what a form has shown travels in a third version, which one from before leaves alone", async () => {
  for (const supporter of [false, true]) {
    const told = { ...submission, supporter, data: { ...submission.data, notices: { privacy: 3, eligibility: 2 } } };
    const third = await sealSubmission(keys, told);
    expect(third).toMatchObject({ v: 3, supporter });
    expect(JSON.stringify(third)).not.toContain("notices");
    expect(await openSubmission(keys, JSON.parse(JSON.stringify(third)))).toEqual(told);
    expect(await openSubmission(keys, { ...third, supporter: !supporter })).toBe(null);
  }
});

test("one of the first version that is in flight is still read", async () => {
  const { data, ...clear } = submission;
  const context = [clear.submission_id, clear.petition_id, clear.accepted_at, null].join("|");
  const sealed = toBase64(await keys.seal("intake", utf8(JSON.stringify(data)), context));
  expect(message).toMatchObject({ v: 1 });
  expect(await openSubmission(keys, { v: 1, ...clear, sealed })).toEqual(submission);
});

test("whatever is typed survives", async () => {
  const text = fc.string({ unit: "binary" });
  await fc.assert(
    fc.asyncProperty(text, text, fc.nat(), async (name, postcode, accepted_at) => {
      const typed = { ...submission, accepted_at, data: { ...submission.data, name, postcode } };
      expect(await openSubmission(keys, await sealSubmission(keys, typed))).toEqual(typed);
    }),
  );
});

test("nothing personal is in clear: only ids, the moment and the hold", () => {
  expect(Object.keys(message).toSorted()).toEqual([
    "accepted_at",
    "hold",
    "petition_id",
    "sealed",
    "submission_id",
    "v",
  ]);
  const text = JSON.stringify(message);
  for (const value of Object.values(submission.data)) {
    if (typeof value === "string" && value.length > 2) {
      expect(text).not.toContain(value);
      expect(text).not.toContain(toBase64(utf8(value)).replace(/=+$/, "").slice(0, -1));
    }
  }
});

describe("none of the fields in clear can be swapped", () => {
  test.each([
    ["submission_id", newUuid()],
    ["petition_id", newUuid()],
    ["accepted_at", submission.accepted_at - 1],
    ["hold", "rate"],
  ])("%s", async (name, value) => {
    expect(await openSubmission(keys, { ...message, [name]: value })).toBeNull();
  });

  test("the two ids for each other", async () => {
    const { submission_id, petition_id } = message;
    const swapped = { ...message, submission_id: petition_id, petition_id: submission_id };
    expect(await openSubmission(keys, swapped)).toBeNull();
  });

  test("one message's seal for another's", async () => {
    const other = await sealSubmission(keys, { ...submission, submission_id: newUuid() });
    expect(await openSubmission(keys, { ...message, sealed: other.sealed })).toBeNull();
  });

  test("a held one can't be let go", async () => {
    const held = await sealSubmission(keys, { ...submission, hold: "rate" });
    expect(await openSubmission(keys, { ...held, hold: null })).toBeNull();
  });
});

test.each([
  ["nothing", null],
  ["a text", "x"],
  ["a list", [message]],
  ["another version", { ...message, v: 2 }],
  ["a missing field", { ...message, accepted_at: undefined }],
  ["a field too many", { ...message, more: 1 }],
  ["an unknown hold", { ...message, hold: "other" }],
  ["a moment before 1970", { ...message, accepted_at: -1 }],
  ["half a millisecond", { ...message, accepted_at: 0.5 }],
  ["an id that is none", { ...message, petition_id: "x" }],
  ["an id in capitals", { ...message, petition_id: message.petition_id.toUpperCase() }],
  ["no base64", { ...message, sealed: "~" }],
  ["an empty seal", { ...message, sealed: "" }],
  ["a cut seal", { ...message, sealed: message.sealed.slice(0, -4) }],
])("a message that is %s is not ours", async (_, body) => expect(await openSubmission(keys, body)).toBeNull());

test("opening never throws, whatever the body", async () => {
  await fc.assert(
    fc.asyncProperty(fc.anything(), async (body) => {
      expect(await openSubmission(keys, body)).toBeNull();
    }),
  );
});

test("sealed data of another shape is refused", async () => {
  const { data, ...clear } = submission;
  const context = [clear.submission_id, clear.petition_id, clear.accepted_at, clear.hold].join("|");
  for (const value of [{ ...data, more: 1 }, { ...data, email: undefined }, [], null, "x"]) {
    const sealed = toBase64(await keys.seal("intake", utf8(JSON.stringify(value)), context));
    expect(await openSubmission(keys, { v: 1, ...clear, sealed })).toBeNull();
  }
  const good = toBase64(await keys.seal("intake", utf8(JSON.stringify(data)), context));
  expect(await openSubmission(keys, { v: 1, ...clear, sealed: good })).toEqual(submission);
});

test("messages that waited in the queue while the key was rotated still open", async () => {
  expect(await openSubmission(new RootKeys(newKey, oldKey), message)).toEqual(submission);
  expect(await openSubmission(new RootKeys(newKey), message)).toBeNull();
});

test("a partner's travels in a fourth version, and what it says of the partner is sealed", async () => {
  for (const supporter of [false, true]) {
    const via = { partner: "tenants-union", reference: "ada@members.example", consent: true };
    const sent = { ...submission, supporter, data: { ...submission.data, via } };
    const fourth = await sealSubmission(keys, sent);
    expect(fourth).toMatchObject({ v: 4, supporter });
    expect(JSON.stringify(fourth)).not.toMatch(/tenants|members/);
    expect(await openSubmission(keys, fourth)).toEqual(sent);
  }
});
