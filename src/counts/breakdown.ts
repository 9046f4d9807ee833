import { publicCell } from "./counts.ts";

/*
 * What the public reads of a petition by area, day and channel, beside its live and exact total.
 *
 * The attacker reads every published number on every day, and the total at every moment, signs and withdraws as often as
 * they like, and knows which signatures are theirs. Rounding alone does not stop them: with the cell one below a multiple
 * of 5, the next person from there makes it jump, and the total tells when that person signed. Therefore:
 *
 * 1. Numbers rise only when at least BATCH more people count than when they last rose, and all of them at once. Who of
 *    those people came from where changes nothing that is published: exchanging any two of them gives the same numbers.
 * 2. Numbers fall only when at least BATCH more people are gone (withdrawn, held, taken out) than when they last fell.
 *    Until then one may be too high, by fewer than BATCH over all areas together.
 * 3. Of the people of a rise, and of those who are left after a fall, at least UNEXPLAINED are in no number by area or
 *    channel: what is missing to the total is never one person's, and never can all be said to come from one place.
 * 4. People are counted who stand at that moment: signing and withdrawing over and over makes up no batch.
 * 5. Areas in which fewer than FEW_PEOPLE live are not shown, nor hours.
 *
 * What is not promised: whoever makes all but one of a batch themselves, with as many mailboxes, may find out where the last
 * one came from. Days are days of the total, which everybody can follow: they hide only how many exactly.
 */

/** More people than this many must have come, or gone, before numbers change. */
export const BATCH = 10;
/** Of each batch so many people are in no number by area or channel. */
export const UNEXPLAINED = 5;
// Of what is published.
const STEP = 5;
/** In smaller areas everybody knows who signs. */
const FEW_PEOPLE = 100;

/** A number that everyone may read. */
export interface PublicCell {
  readonly key: string;
  readonly label: string;
  readonly count: number;
}

export const publicDimensions = ["area", "day", "channel"] as const;
export type PublicDimension = (typeof publicDimensions)[number];

/** What is published of a petition, and from where the next change is measured. */
export interface Breakdown {
  readonly verified: number;
  readonly gone: number;
  readonly cells: Readonly<Record<PublicDimension, readonly PublicCell[]>>;
}

/** An exact count that may be published, rounded; `population`: of an area. */
export interface ExactCell extends PublicCell {
  readonly population?: number | undefined;
}

/** What the tallies say now. `gone`: withdrawn, taken out, or held after they were verified. */
export interface ExactBreakdown extends Omit<Breakdown, "cells"> {
  readonly cells: Readonly<Record<PublicDimension, readonly ExactCell[]>>;
}

const NOTHING: Breakdown = { verified: 0, gone: 0, cells: { area: [], day: [], channel: [] } };

/** Whether enough people have come or gone since a breakdown was taken for its numbers to rise, or to fall. */
const changes = (before: Breakdown, { verified, gone }: { verified: number; gone: number }) => ({
  rises: verified - before.verified >= BATCH,
  falls: gone - before.gone >= BATCH,
});

/** The breakdown that takes the place of another, or of none; null when too little has changed. */
export function renewBreakdown(published: Breakdown | null, now: ExactBreakdown): Breakdown | null {
  const before = published ?? NOTHING;
  const { rises, falls } = changes(before, now);
  if (!rises && !falls) return null;
  const room = now.verified - before.verified - UNEXPLAINED;
  const most = now.verified - UNEXPLAINED;
  const renew = (dimension: PublicDimension, limits: { room: number; most: number }) =>
    renewCells(before.cells[dimension], now.cells[dimension], { rises, falls, ...limits });
  return {
    verified: rises ? now.verified : Math.min(before.verified, now.verified),
    gone: falls ? now.gone : Math.min(before.gone, now.gone),
    cells: {
      area: renew("area", { room, most }),
      day: renew("day", { room: Number.MAX_SAFE_INTEGER, most: Number.MAX_SAFE_INTEGER }),
      channel: renew("channel", { room, most }),
    },
  };
}

/** Cells by key, at `most` so many people in all. What may rise does so in the order of how far it has to, while there is room. */
function renewCells(
  before: readonly PublicCell[],
  now: readonly ExactCell[],
  { rises, falls, room, most }: { rises: boolean; falls: boolean; room: number; most: number },
): PublicCell[] {
  const exact = new Map(now.map((cell) => [cell.key, cell]));
  const old = new Map(before.map((cell) => [cell.key, cell]));
  const keys = [...new Set([...old.keys(), ...exact.keys()])].sort();
  const wanted = keys.map((key) => {
    const { count = 0, label = old.get(key)?.label ?? key, population = FEW_PEOPLE } = exact.get(key) ?? {};
    const from = old.get(key)?.count ?? 0;
    return { key, label, from, to: population < FEW_PEOPLE ? 0 : publicCell(count) };
  });
  const counts = new Map(wanted.map(({ key, from, to }) => [key, falls && to < from ? to : from]));
  let left = publicCell(room);
  for (const { key, from, to } of rises ? wanted.toSorted((a, b) => b.to - b.from - (a.to - a.from)) : []) {
    const step = Math.min(to - from, left);
    if (step <= 0) continue;
    counts.set(key, from + step);
    left -= step;
  }
  leaveOut(counts, most);
  return wanted.flatMap(({ key, label }) => {
    const count = counts.get(key) ?? 0;
    return count > 0 ? [{ key, label, count }] : [];
  });
}

/** Takes steps from the largest numbers until they are `most` in all. */
function leaveOut(counts: Map<string, number>, most: number): void {
  let over = [...counts.values()].reduce((sum, count) => sum + count, 0) - most;
  while (over > 0) {
    const [key, count] = [...counts].reduce((largest, cell) => (cell[1] > largest[1] ? cell : largest), ["", 0]);
    if (count === 0) return;
    counts.set(key, count - STEP);
    over -= STEP;
  }
}
