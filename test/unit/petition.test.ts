import { describe, expect, test } from "vitest";
import {
  acceptsSignatureAt,
  countMovesAt,
  isPublicState,
  type PetitionState,
  type PetitionTimes,
  stateAt,
  VERIFICATION_GRACE_MS,
} from "../../src/petitions/petition.ts";

const OPENS = Date.parse("2026-05-01T06:00:00Z");
const CLOSES = Date.parse("2026-10-31T23:00:00Z");
const STOPS = Date.parse("2026-07-01T12:00:00Z");
const DAY = 24 * 60 * 60_000;

const petition = (state: PetitionState, more: Partial<PetitionTimes> = {}): PetitionTimes => ({
  state,
  opensAt: OPENS,
  closesAt: CLOSES,
  endedAt: null,
  pausedSince: null,
  ...more,
});
const open = petition("open");
const closed = petition("closed", { endedAt: CLOSES });
const stopped = petition("stopped", { endedAt: STOPS });
const others: PetitionState[] = ["draft", "gathering", "moderation", "changes_requested", "rejected", "hidden"];

describe("an open petition has closed at its closing moment, whether or not the job has run", () => {
  test.each([
    [CLOSES - 1, "open"],
    [CLOSES, "closed"],
    [CLOSES + 1, "closed"],
  ])("at %i it is %s", (at, state) => expect(stateAt(open, at)).toBe(state));

  test("without a closing moment it stays open", () => {
    expect(stateAt(petition("open", { closesAt: null }), Number.MAX_SAFE_INTEGER)).toBe("open");
  });

  test.each([...others, "stopped" as const, "closed" as const])("%s stays what it is", (state) => {
    expect(stateAt(petition(state), CLOSES)).toBe(state);
    expect(stateAt(petition(state), CLOSES - 1)).toBe(state);
  });
});

describe("a signature is in time from the opening moment until the closing moment", () => {
  test.each([
    [OPENS - 1, false],
    [OPENS, true],
    [CLOSES - 1, true],
    [CLOSES, false],
  ])("submitted at %i: %s", (at, inTime) => {
    expect(acceptsSignatureAt(open, at)).toBe(inTime);
    // Judged later, when the petition has closed, it is the same.
    expect(acceptsSignatureAt(closed, at)).toBe(inTime);
    expect(acceptsSignatureAt(petition("closed"), at)).toBe(inTime);
  });

  test("of a stopped petition, until it was stopped", () => {
    expect(acceptsSignatureAt(stopped, STOPS - 1)).toBe(true);
    expect(acceptsSignatureAt(stopped, STOPS)).toBe(false);
  });

  test("never before it has an opening moment", () => {
    expect(acceptsSignatureAt(petition("open", { opensAt: null }), CLOSES - 1)).toBe(false);
  });

  test.each(others)("never while it is %s", (state) => expect(acceptsSignatureAt(petition(state), STOPS)).toBe(false));
});

describe("the count moves for 24 hours after the end, and is final then", () => {
  test("the grace is 24 hours", () => expect(VERIFICATION_GRACE_MS).toBe(DAY));

  test.each([
    ["open, though the job has not run", open, CLOSES],
    ["closed", closed, CLOSES],
    ["stopped", stopped, STOPS],
    ["closed a while ago, extended in vain", petition("closed", { endedAt: STOPS }), STOPS],
  ])("%s", (_, ended, end) => {
    expect(countMovesAt(ended, end)).toBe(true);
    expect(countMovesAt(ended, end + DAY - 1)).toBe(true);
    expect(countMovesAt(ended, end + DAY)).toBe(false);
    expect(countMovesAt(ended, end + DAY + 1)).toBe(false);
  });

  test.each(["draft", "gathering", "moderation", "changes_requested"] as const)(
    "of a petition that is %s it moves without end: supporters verify before it opens",
    (state) => {
      const early = petition(state, { opensAt: null, closesAt: null });
      expect(countMovesAt(early, 0)).toBe(true);
      expect(countMovesAt(early, Number.MAX_SAFE_INTEGER)).toBe(true);
    },
  );

  test.each(["rejected", "hidden"] as const)("of one that is %s it never moves", (state) => {
    expect(countMovesAt(petition(state), OPENS + 1)).toBe(false);
  });
});

test("what was accepted in time can still be verified for as long as the count moves", () => {
  for (const ended of [closed, stopped, open]) {
    const end = ended.endedAt ?? CLOSES;
    expect(acceptsSignatureAt(ended, end - 1) && countMovesAt(ended, end - 1 + DAY)).toBe(true);
  }
});

test("the public sees petitions that are open, closed, rejected or stopped, and no other", () => {
  const seen = ["open", "closed", "stopped", "rejected", ...others].filter((state) =>
    isPublicState(state as PetitionState),
  );
  expect(new Set(seen)).toEqual(new Set(["open", "closed", "stopped", "rejected"]));
});

describe("while signing is paused", () => {
  const BEGINS = CLOSES - 5 * DAY;
  const paused = petition("open", { pausedSince: BEGINS });

  test("the time by which petitions close stands still, and with it the time for verifying", () => {
    expect(stateAt(paused, CLOSES + 90 * DAY)).toBe("open");
    expect(acceptsSignatureAt(paused, CLOSES + DAY)).toBe(true); // accepted by who had not heard of it
    expect(countMovesAt(paused, CLOSES + 90 * DAY)).toBe(true);
  });

  test.each([
    [CLOSES - 1, "open"],
    [CLOSES, "closed"],
  ])("what was over before it has closed: paused at %i, it is %s", (pausedSince, state) => {
    expect(stateAt(petition("open", { pausedSince }), CLOSES + DAY)).toBe(state);
  });

  test("a petition that is stopped ends then, also after the time that was set", () => {
    const ended = petition("stopped", { pausedSince: BEGINS, endedAt: CLOSES + DAY });
    expect(acceptsSignatureAt(ended, CLOSES + DAY - 1)).toBe(true);
    expect(acceptsSignatureAt(ended, CLOSES + DAY)).toBe(false);
    expect(countMovesAt(ended, CLOSES + DAY + VERIFICATION_GRACE_MS - 1)).toBe(true);
    expect(countMovesAt(ended, CLOSES + DAY + VERIFICATION_GRACE_MS)).toBe(false);
  });
});
