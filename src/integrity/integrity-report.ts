import { publicCell } from "../counts/counts.ts";

/** Numbers by cell: `assurance:email`, `invalidated:bots`, `held`. */
export type ReportCells = Readonly<Record<string, number>>;

/** A report: what is published, and what each cell was exactly when it was last published, which nobody may read. */
export interface Report {
  readonly taken: ReportCells;
  readonly cells: ReportCells;
}

// The step of what is published: fewer people than this never move a cell.
const STEP = 5;

/**
 * The report of a new day. A cell is rounded down to a multiple of five, and it is taken anew only when at least five
 * signatures more, or fewer, are in it than when it was last taken: so whoever compares days, cells and the exact total
 * sees no move of a single person, also not of one who happens to cross a multiple of five.
 * @param exact the numbers now; a cell that is missing is 0
 */
export function nextReport(before: Report | null, exact: ReportCells): Report {
  const taken: Record<string, number> = {};
  const cells: Record<string, number> = {};
  for (const cell of new Set([...Object.keys(before?.taken ?? {}), ...Object.keys(exact)])) {
    const [now, last] = [exact[cell] ?? 0, before?.taken[cell] ?? 0];
    const moved = Math.abs(now - last) >= STEP;
    taken[cell] = moved ? now : last;
    cells[cell] = moved ? publicCell(now) : (before?.cells[cell] ?? 0);
  }
  return { taken, cells };
}

/** The published cells of one name, by what stands behind it, without those that are 0. */
export const cellsOf = (cells: ReportCells, name: string): Record<string, number> =>
  Object.fromEntries(
    Object.entries(cells)
      .filter(([cell, count]) => cell.startsWith(`${name}:`) && count > 0)
      .map(([cell, count]) => [cell.slice(name.length + 1), count]),
  );
