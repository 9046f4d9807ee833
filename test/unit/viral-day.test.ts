import { describe, expect, test } from "vitest";
import { arrivalsOf, viralDay } from "../../bench/viral/arrivals.ts";
import { balance, type LedgerPerson, type LedgerRow } from "../../bench/viral/ledger.ts";
import { drawPeople } from "../../bench/viral/person.ts";
import { Random } from "../../scripts/demo/random.ts";

const person = (accepted: string[], more: Partial<LedgerPerson> = {}): LedgerPerson => ({
  ...{ accepted, pressed: false, toldVerified: false, mailbox: `${accepted.join()}@example.org` },
  ...more,
});
const row = (submission: string, more: Partial<LedgerRow> = {}): LedgerRow => ({
  ...{ submission, state: "pending", hold: null, verified: false },
  ...more,
});
const ledgerOf = (
  people: LedgerPerson[],
  rows: LedgerRow[],
  { deaths = 0, got = 1, excused = got }: { deaths?: number; got?: number; excused?: number } = {},
) => balance({ people, rows, deaths, mails: new Map(people.map(({ mailbox }) => [mailbox, { got, excused }])) });

const VERIFIED = { state: "verified", verified: true };
const PRESSED = { pressed: true, toldVerified: true };

describe("the ledger of a viral day", () => {
  test("accounts for what is verified, pending, held and repeated", () => {
    const people = [person(["a"], PRESSED), person(["b"]), person(["c"], PRESSED), person(["d1", "d2"])];
    const rows = [row("a", VERIFIED), row("b"), row("c", { ...VERIFIED, hold: "rate" }), row("d2")];
    expect(ledgerOf(people, rows)).toMatchObject({
      ...{ accepted: 5, verified: 1, pending: 2, held: 1, repeated: 1, lost: 0, mails: 4, mailsTooMany: 0 },
      wrong: [],
    });
  });

  test.each([
    ["a submission that left no row is lost", [person(["a", "a2"])], [], "2 accepted submissions are lost"],
    ["a row that nobody sent is told", [person(["a"])], [row("a"), row("x")], "1 signatures are nobody's"],
    ["nobody may have two signatures", [person(["a", "b"])], [row("a"), row("b")], "a person has 2 signatures"],
    ["nobody is verified who did not press", [person(["a"])], [row("a", VERIFIED)], "nobody pressed"],
    ["who was told so is verified", [person(["a"], PRESSED)], [row("a")], "it is not so"],
    ["no state is unknown to it", [person(["a"])], [row("a", { state: "withdrawn" })], "a signature is withdrawn"],
  ])("%s", (_, people, rows, says) => {
    expect(ledgerOf(people, rows).wrong.join()).toContain(says);
  });

  test("a mailbox may get one mail too many for each death, and not two", () => {
    const people = [person(["a"])];
    expect(ledgerOf(people, [row("a")], { got: 2, deaths: 1 })).toMatchObject({ mailsTooMany: 1, wrong: [] });
    expect(ledgerOf(people, [row("a")], { got: 2 }).wrong).toHaveLength(1);
    expect(ledgerOf(people, [row("a")], { got: 3, deaths: 1 }).wrong).toHaveLength(1);
    expect(ledgerOf(people, [row("a")], { got: 0, deaths: 1 }).wrong).toHaveLength(1);
  });

  test("a mail too many is one that came while nothing failed, too", () => {
    const people = [person(["a"])];
    expect(ledgerOf(people, [row("a")], { got: 2, deaths: 1, excused: 1 }).wrong).toEqual([]);
    expect(ledgerOf(people, [row("a")], { got: 2, deaths: 1, excused: 0 }).wrong).toHaveLength(1);
  });
});

describe("who comes, and when", () => {
  test("as many come as were asked for, in the curve's proportions and in order", () => {
    const { at, lasts } = arrivalsOf({ counts: [1, 0, 3] }, new Random(1), 400);
    expect(at).toHaveLength(400);
    expect(lasts).toBe(3 * 3_600);
    expect(at).toEqual([...at].sort((a, b) => a - b));
    expect(at.filter((time) => time < 3_600)).toHaveLength(100);
    expect(at.filter((time) => time >= 2 * 3_600)).toHaveLength(300);
  });

  test("without a number as many come as the curve has, and to an empty curve nobody", () => {
    expect(arrivalsOf({ counts: [2, 5] }, new Random(1)).at).toHaveLength(7);
    expect(arrivalsOf({ counts: [0, 0] }, new Random(1), 10).at).toHaveLength(0);
    expect(arrivalsOf({ counts: [] }, new Random(1)).at).toHaveLength(0);
  });

  test("the same seed draws the same people, and another one others", () => {
    const { at } = arrivalsOf(viralDay(), new Random(5), 100);
    expect(at).toEqual(arrivalsOf(viralDay(), new Random(5), 100).at);
    expect(drawPeople(100, new Random(5))).toEqual(drawPeople(100, new Random(5)));
    expect(drawPeople(100, new Random(6))).not.toEqual(drawPeople(100, new Random(5)));
  });

  test("among enough people each kind is met: silent ones, repeats, scanners, households, and bots from one address", () => {
    const people = drawPeople(2_000, new Random(1));
    expect(people.some(({ verifies }) => verifies === null)).toBe(true);
    expect(people.some(({ submissions }) => submissions > 1)).toBe(true);
    expect(people.some(({ scans }) => scans > 0)).toBe(true);
    expect(new Set(people.map(({ email }) => email)).size).toBeLessThan(people.length);
    expect(new Set(people.filter(({ bot }) => bot).map(({ address }) => address)).size).toBe(1);
  });
});
