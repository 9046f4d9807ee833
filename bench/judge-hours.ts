import { type Finding, OVER_HOURS, QUIET_HOURS, unusualHours } from "../src/integrity/anomaly.ts";

/** An alarm about hours, as it would have been raised. Local hours, counted from 1970 on. */
export interface HourAlarm {
  readonly kind: Finding["kind"];
  readonly raised: number;
  /** The last hour in which its cause was seen. */
  readonly seen: number;
  readonly count: number;
  readonly expected: number;
}

/**
 * The alarms that a petition's hours would have raised, looked at once at the end of each: one a cause, which is another
 * only after two quiet days. `counts`: signatures by local hour, the first being that of the opening.
 */
export function alarmsOfHours(counts: ReadonlyMap<number, number>): HourAlarm[] {
  const opened = Math.min(...counts.keys());
  const unusual = new Map<number, number>();
  const alarms: HourAlarm[] = [];
  for (const at of [...counts.keys()].sort((a, b) => a - b)) {
    for (const { kind, count, expected } of unusualHours(counts, at, { opened, unusual })) {
      if (kind === "surge") unusual.set(at, expected);
      const index = alarms.findLastIndex((alarm) => alarm.kind === kind && at - alarm.seen <= QUIET_HOURS);
      const before = alarms[index];
      if (!before) alarms.push({ kind, raised: at, seen: at, count, expected });
      else if (kind === "surge") {
        alarms[index] = { ...before, seen: at, count: before.count + count, expected: before.expected + expected };
      } else alarms[index] = { ...before, seen: at, count: Math.max(before.count, count) };
    }
  }
  return alarms;
}

/** The local hour from which on an alarm is over. */
export const overAt = ({ seen }: HourAlarm): number => seen + OVER_HOURS + 1;
