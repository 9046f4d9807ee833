/** Where a tally is kept: in rows of its own, in columns of the petition's row, or in one column as `{key: count}`. */
export type Kept =
  // `others`: further columns of the table that a new row needs.
  | { readonly table: string; readonly key: string; readonly count: string; readonly others?: readonly string[] }
  | { readonly columns: readonly string[] }
  | { readonly json: string };

/** One tally of a petition's signatures. */
export interface Tally {
  /** Its cells are called `<name>:<key>`. */
  readonly name: string;
  /** SQL over a row's columns (those of `recount_moves`): the key under which the row counts; NULL when it doesn't. */
  readonly key: string;
  readonly kept: Kept;
}

const counted = (column: string): string => `iif(state = 'verified' AND hold IS NULL, ${column}, NULL)`;

/**
 * Every tally that signatures move, by what a row must be to count in it. What is not here, no recount checks: what has
 * happened and is over (`funnel_…`, and `begun` but for what it is at least) can't be found in rows that are there now.
 */
export const TALLIES: readonly Tally[] = [
  {
    name: "state",
    key: "iif(hold IS NOT NULL AND (state = 'pending' OR state = 'verified'), 'quarantined_' || state, state)",
    kept: {
      columns: ["pending", "verified", "quarantined_pending", "quarantined_verified", "invalidated", "withdrawn"],
    },
  },
  { name: "assurance", key: counted("assurance"), kept: { columns: ["email", "register", "paper", "eid"] } },
  { name: "locale", key: counted("locale"), kept: { json: "locales" } },
  {
    name: "verify_step",
    key: "iif(state = 'verified' AND hold IS NULL AND assurance = 'email', verify_step, NULL)",
    kept: { json: "verify_steps" },
  },
  { name: "area", key: counted("area_code"), kept: { table: "area_tallies", key: "area_code", count: "verified" } },
  { name: "channel", key: counted("channel"), kept: { table: "channel_tallies", key: "channel", count: "verified" } },
  { name: "hour", key: counted("verified_hour"), kept: { table: "hour_tallies", key: "hour", count: "verified" } },
  {
    name: "held_pending",
    key: "iif(state = 'pending', hold, NULL)",
    kept: { table: "hold_tallies", key: "hold", count: "pending", others: ["verified"] },
  },
  {
    name: "held_verified",
    key: "iif(state = 'verified', hold, NULL)",
    kept: { table: "hold_tallies", key: "hold", count: "verified", others: ["pending"] },
  },
  {
    name: "invalidated",
    key: "iif(state = 'invalidated', coalesce(invalidated_reason, 'unstated'), NULL)",
    kept: { table: "invalidation_tallies", key: "reason", count: "invalidated" },
  },
];

/** A cell that is not what it should be: what the tally says, and what the rows say. */
export type Difference = Readonly<Record<string, { readonly tally: number; readonly rows: number }>>;

/** What a petition's row of tallies holds beside counts, all of it following from the petition; and what it should. */
export interface RowFact {
  readonly cell: string;
  readonly right: boolean;
}

/**
 * Compares tallies with a recount of the same moment; a cell that one of them lacks is 0 there. A fact that is not
 * right is told as 0 where 1 was due: its value is no count.
 */
export function differenceOf(
  tallied: readonly { cell: string; n: number }[],
  recounted: Readonly<Record<string, number>>,
  facts: readonly RowFact[],
): Difference {
  const tally = new Map(tallied.map(({ cell, n }) => [cell, n]));
  const wrong: Record<string, { tally: number; rows: number }> = {};
  for (const cell of new Set([...tally.keys(), ...Object.keys(recounted)])) {
    const pair = { tally: tally.get(cell) ?? 0, rows: recounted[cell] ?? 0 };
    if (pair.tally !== pair.rows) wrong[cell] = pair;
  }
  for (const { cell, right } of facts) if (!right) wrong[cell] = { tally: 0, rows: 1 };
  return wrong;
}

/** What must be added to each cell; it stays the same while signing goes on, however both sides move. */
export const correctionOf = (difference: Difference): Record<string, number> =>
  Object.fromEntries(Object.entries(difference).map(([cell, { tally, rows }]) => [cell, rows - tally]));

/** Whether two passes have found the same: the same cells, each off by the same number. */
export function agree(first: Difference, second: Difference): boolean {
  const [one, other] = [correctionOf(first), correctionOf(second)];
  const cells = Object.keys(one);
  return cells.length === Object.keys(other).length && cells.every((cell) => one[cell] === other[cell]);
}
