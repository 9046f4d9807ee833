import type { AlarmEvidence } from "../db/integrity-schema.ts";
import type { AlarmKind, Finding } from "./anomaly.ts";
import { digestOf } from "./invalidation.ts";

const HOUR_MS = 60 * 60_000;

/** The numbers of a finding as an alarm keeps them; `toMoment`: when an hour began, in milliseconds since 1970. */
export const alarmEvidence = (finding: Finding, toMoment: (hour: number) => number): AlarmEvidence => ({
  count: finding.count,
  expected: Math.round(finding.expected * 10) / 10,
  of: finding.of,
  from: toMoment(finding.from),
  to: toMoment(finding.to),
});

/** The evidence of an alarm whose cause is seen again: the latest numbers, over all of its hours. */
export function causeOf({ evidence: before }: { evidence: AlarmEvidence }, now: AlarmEvidence): AlarmEvidence {
  const hours = { ...before.hours, ...now.hours };
  const sum = (place: 0 | 1) => Object.values(hours).reduce((total, pair) => total + pair[place], 0);
  return {
    ...now,
    from: Math.min(before.from, now.from),
    to: Math.max(before.to, now.to),
    // A surge is all of its hours together.
    ...(now.hours ? { hours, count: sum(0), expected: Math.round(sum(1) * 10) / 10 } : {}),
  };
}

/** An alarm's cause, as far as it says which signatures to look at. */
interface Cause {
  readonly kind: AlarmKind;
  readonly key: string;
  readonly evidence: AlarmEvidence;
}

/**
 * A filter for a dry run of an invalidation: the signatures that the alarm is about, as far as they can be told; null where
 * they have gone, or by what they were found is erased. Signatures are chosen by when they were submitted, an hour earlier than the first that were verified.
 * @param petition the petition's public id
 */
export function suggestedFilter({ kind, key, evidence }: Cause, petition: string): Record<string, string> | null {
  const isHash = kind === "network" || kind === "domain";
  if (kind === "withdrawals" || (isHash && key === "")) return null;
  const byVerification = kind === "surge" || kind === "night";
  const value = isHash ? digestOf(key) : key;
  const isShare = isHash || kind === "area" || kind === "channel";
  return {
    petition,
    ...(isShare ? { [kind]: value } : {}),
    from: new Date(evidence.from - (byVerification ? HOUR_MS : 0)).toISOString(),
    to: new Date(evidence.to).toISOString(),
  };
}
