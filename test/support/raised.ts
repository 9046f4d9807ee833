import {
  type AlarmKind,
  type Finding,
  QUIET_HOURS,
  unusualHours,
  unusuallyUnverified,
  unusualShares,
  unusualWithdrawals,
} from "../../src/integrity/anomaly.ts";
import type { ScenarioHour } from "./scenarios.ts";

/** An alarm, and the hour in which it was raised. */
export interface Raised extends Finding {
  readonly kind: AlarmKind;
  readonly at: number;
}

const COMMON = new Set(["gmail", "outlook", "icloud"]);

/** The alarms that a course raises, looked at once an hour. */
export function raisedBy(course: readonly ScenarioHour[]): Raised[] {
  const hours = new Map<number, number>();
  const unusual = new Map<number, number>();
  const seen = new Map<string, number>();
  const raised: Raised[] = [];
  let verified = 0;
  for (const [at, hour] of course.entries()) {
    hours.set(at, hour.verified);
    verified += hour.verified - hour.invalidated - hour.withdrawals;
    const intake = course.slice(Math.max(0, at - 200), at + 1);
    const findings = [
      ...unusualHours(hours, at, { opened: 0, unusual }),
      ...unusualShares(intake, at, COMMON),
      ...unusuallyUnverified(intake, at),
      ...unusualWithdrawals(intake, at, verified),
    ];
    for (const finding of findings) {
      const name = `${finding.kind} ${finding.key}`;
      if (finding.kind === "surge") unusual.set(at, finding.expected);
      const last = seen.get(name);
      if (last === undefined || at - last > QUIET_HOURS) raised.push({ ...finding, at });
      seen.set(name, at);
    }
  }
  return raised;
}
