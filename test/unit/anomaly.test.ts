import { describe, expect, test } from "vitest";
import {
  type AlarmKind,
  HOUR_LEAST,
  type IntakeHour,
  unusualHours,
  unusuallyUnverified,
  unusualShares,
  unusualWithdrawals,
} from "../../src/integrity/anomaly.ts";
import { raisedBy } from "../support/raised.ts";
import { drawScenario, SCENARIOS, type ScenarioName } from "../support/scenarios.ts";

const DRAWS = 20;
const names = Object.keys(SCENARIOS) as ScenarioName[];
const results: Record<string, Record<string, unknown>> = {};

describe.each(names)("%s", (name) => {
  const { alarms } = SCENARIOS[name] as { alarms: readonly string[] };
  const courses = Array.from({ length: DRAWS }, (_, draw) => raisedBy(drawScenario(name, draw)));

  test("figures", () => {
    const hit = courses.filter((raised) => raised.some(({ kind }) => alarms.includes(kind))).length;
    const wrong = courses.map((raised) => raised.filter(({ at }) => at < 15 * 24 || alarms.length === 0));
    const delays = courses.flatMap((raised) =>
      raised
        .filter(({ kind }) => alarms.includes(kind))
        .slice(0, 1)
        .map(({ at }) => at - 15 * 24),
    );
    const kinds: Partial<Record<AlarmKind, number>> = {};
    for (const { kind } of courses.flat()) kinds[kind] = (kinds[kind] ?? 0) + 1;
    results[name] = {
      must: alarms.join(),
      detected: alarms.length ? `${hit}/${DRAWS}` : "-",
      false: wrong.flat().length,
      kinds: JSON.stringify(kinds),
      delay: `${Math.min(...delays)}-${Math.max(...delays)}`,
    };
    if (Object.keys(results).length === names.length) console.table(results);
  });
});
