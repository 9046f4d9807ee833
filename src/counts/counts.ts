/** One bar of a breakdown. A blank key stands for signatures of which the dimension is not known. */
export interface Bar {
  readonly key: string;
  readonly label: string;
  readonly count: number;
}

interface Row {
  readonly key: string;
  readonly label?: string | null;
  readonly count: number;
}

/**
 * Rows as bars; what they lack of the total becomes the blank bar. A bar of zero says that somebody was counted there who
 * isn't any more.
 */
export function bars(rows: readonly Row[], total: number): Bar[] {
  const known = rows.map(({ key, label, count }) => ({ key, label: label ?? key, count }));
  const rest = total - known.reduce((sum, { count }) => sum + count, 0);
  return rest > 0 ? [...known, { key: "", label: "", count: rest }] : known;
}

/** The bars of counts that belong together under another key, in the order in which the keys first appear. */
export function regroup(rows: readonly Row[], keyOf: (row: Row) => string): Row[] {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(keyOf(row), (sums.get(keyOf(row)) ?? 0) + row.count);
  return [...sums].map(([key, count]) => ({ key, count }));
}

/** Signatures for each 1,000 people who live there, to two places; null where nobody does, or nobody knows. */
export const perThousand = (count: number, population: number | null): number | null =>
  population ? Math.round((count / population) * 100_000) / 100 : null;

/** A cell of a breakdown as everyone may see it: rounded down to a multiple of 5, so that no difference reveals a person. */
export const publicCell = (count: number): number => count - (count % 5);
