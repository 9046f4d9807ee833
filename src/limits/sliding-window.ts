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
