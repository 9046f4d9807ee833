import { BATCH, UNEXPLAINED } from "../counts/breakdown.ts";
import { publicCell } from "../counts/counts.ts";

/** Numbers by cell, `group:key`: `assurance:email`, `invalidated:bots`, `held:any`. */
export type ReportCells = Readonly<Record<string, number>>;

/** What is published, and from where the next change is measured. */
export interface Report {
  /** What a group's cells were together, exactly, when they last changed: for nobody to read. */
  readonly taken: Readonly<Record<string, number>>;
  readonly cells: ReportCells;
}

// Of what is published.
const STEP = 5;

/**
 * The report of a new day. Rounding alone would betray whoever makes a cell cross a multiple of five, because everybody
 * can follow the exact total. Therefore the cells of a group change only when at least ten people have come, or gone, and
 * all at once: when they change says nothing about where somebody belongs. And at least five of a group are in no cell,
 * so that not even where all belong to one cell anybody can be said to. Cells rise when a group has grown, and fall when
 * it has shrunk; in between one may be a little too high.
 * @param exact the numbers now; a cell that is missing is 0
 */
export function nextReport(before: Report | null, exact: ReportCells): Report {
  const shown = before?.cells ?? {};
  const names = [...new Set([...Object.keys(shown), ...Object.keys(exact)])].sort();
  const taken: Record<string, number> = {};
  const cells: Record<string, number> = {};
  for (const group of new Set(names.map(groupOf))) {
    const own = names.filter((name) => groupOf(name) === group);
    const [now, last] = [own.reduce((sum, name) => sum + (exact[name] ?? 0), 0), before?.taken[group] ?? 0];
    const changes = Math.abs(now - last) >= BATCH;
    taken[group] = changes ? now : last;
    const target = own.map((name): [string, number] => {
      const [old, next] = [shown[name] ?? 0, publicCell(exact[name] ?? 0)];
      return [name, !changes ? old : now > last ? Math.max(old, next) : Math.min(old, next)];
    });
    Object.assign(cells, Object.fromEntries(changes ? leaveUnexplained(target, now) : target));
  }
  return { taken, cells };
}

/** Takes steps from the largest cells until enough of the group is in none. */
function leaveUnexplained(cells: readonly [string, number][], total: number): [string, number][] {
  const left = cells.map(([name, count]) => ({ name, count }));
  let over = left.reduce((sum, { count }) => sum + count, 0) - (total - UNEXPLAINED);
  while (over > 0) {
    const largest = left.reduce((most, cell) => (cell.count > most.count ? cell : most));
    if (largest.count === 0) break;
    largest.count -= STEP;
    over -= STEP;
  }
  return left.map(({ name, count }) => [name, count]);
}

const groupOf = (cell: string): string => cell.slice(0, cell.indexOf(":"));

/** The published cells of a group, by key, without those that are 0. */
export const cellsOf = (cells: ReportCells, group: string): Record<string, number> =>
  Object.fromEntries(
    Object.entries(cells)
      .filter(([cell, count]) => groupOf(cell) === group && count > 0)
      .map(([cell, count]) => [cell.slice(group.length + 1), count]),
  );
