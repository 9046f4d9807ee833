import type { Staff } from "../access/staff.ts";
import { type OverviewDeps, readOverview, type SectionReading } from "./read-overview.ts";

const DAY_MS = 24 * 60 * 60_000;

/** Whether what waits is worth a mail: something that a decision waits for, or trouble that is new since yesterday. */
export const isReason = (readings: readonly SectionReading[], now: number): boolean =>
  readings.some(({ section, count, more, newest }) => {
    if (section.reminds === "never") return false;
    return section.reminds === "daily" ? count > 0 : more || (newest !== null && newest > now - DAY_MS);
  });

/** Reads overviews, each scope's once: staff with the same role and department see the same. */
export function overviewsByScope(deps: OverviewDeps) {
  const read = new Map<string, SectionReading[]>();
  return async ({ role, department }: Pick<Staff, "role" | "department">): Promise<SectionReading[]> => {
    const scope = JSON.stringify([role, department]);
    const readings = read.get(scope) ?? (await readOverview(deps, { role, department }));
    read.set(scope, readings);
    return readings;
  };
}
