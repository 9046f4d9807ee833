/** The uses of one key: those of its current window and of the one before. */
export interface WindowCounts {
  /** Number of the current window since 1970. */
  readonly index: number;
  readonly current: number;
  readonly previous: number;
}

/** What a key's counts are at a moment, seen from its last change; a clock that jumps back changes nothing. */
export function advance(counts: WindowCounts | undefined, windowMs: number, now: number): WindowCounts {
  const index = Math.floor(now / windowMs);
  if (!counts || index > counts.index + 1) return { index, current: 0, previous: 0 };
  if (index === counts.index + 1) return { index, current: 0, previous: counts.current };
  return counts;
}

/** Uses that weigh at a moment: the current window's, and the part of the previous one's that still overlaps. */
export function weigh(counts: WindowCounts, windowMs: number, now: number): number {
  const elapsed = Math.min(Math.max(now - counts.index * windowMs, 0), windowMs) / windowMs;
  return counts.current + Math.floor(counts.previous * (1 - elapsed));
}

/** The first moment at which a key over its limit is under it again, if nothing more is counted. Milliseconds since 1970. */
export function freeAt(counts: WindowCounts, limit: number, windowMs: number): number {
  const { index, current, previous } = counts;
  // In the current window only what is left of the previous one can give way; else the current one's must.
  const [start, room, overlapping] = current < limit ? [index, limit - current, previous] : [index + 1, limit, current];
  return Math.floor(start * windowMs + Math.max(1 - room / overlapping, 0) * windowMs) + 1;
}

/** What is left of a use at a moment, and when its window ends or, if nothing is left, when there is more. */
export function leftOf(
  counts: WindowCounts,
  { limit, window }: { readonly limit: number; readonly window: number },
  now: number,
): { remaining: number; resetAt: number } {
  const windowMs = window * 1000;
  const remaining = Math.max(limit - weigh(counts, windowMs, now), 0);
  return { remaining, resetAt: remaining > 0 ? (counts.index + 1) * windowMs : freeAt(counts, limit, windowMs) };
}
