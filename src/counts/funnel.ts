// Steps of migrations/0012_counts.sql: from 2^(n/4) to 2^((n+1)/4) seconds.
const STEPS_A_DOUBLING = 4;

/** The middle of a step, by ratio: at most 9.1 % from each time in it. Seconds. */
const middleOf = (step: number): number => Math.round(2 ** ((step + 0.5) / STEPS_A_DOUBLING));

/**
 * A quantile of the times to verify, in whole seconds: the time that at least this share of them does not exceed. It is
 * known to the step, so the answer is at most 9.1 % (or, below five seconds, half a second) from the true one; a time below
 * one second counts as one. Null for no times. `steps`: how many by step.
 */
export function timeToVerify(steps: Readonly<Record<string, number>>, share: number): number | null {
  const known = Object.entries(steps)
    .map(([step, count]) => ({ step: Number(step), count }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.step - b.step);
  const rank = share * known.reduce((sum, { count }) => sum + count, 0);
  let passed = 0;
  for (const { step, count } of known) {
    passed += count;
    if (passed >= rank) return middleOf(step);
  }
  return null;
}

/** What a tally says of the way from submission to verified. */
interface Stages {
  readonly funnelSubmitted: number;
  readonly funnelMailed: number;
  readonly funnelVerified: number;
  readonly verifySteps: Readonly<Record<string, number>>;
}

/** The stages as staff read them, each with its share of the one before. */
export const funnelOf = (tally: Stages) => ({
  submitted: tally.funnelSubmitted,
  mailed: tally.funnelMailed,
  verified: tally.funnelVerified,
  rates: {
    mailed: rate(tally.funnelMailed, tally.funnelSubmitted),
    verified: rate(tally.funnelVerified, tally.funnelMailed),
    overall: rate(tally.funnelVerified, tally.funnelSubmitted),
  },
  seconds_to_verify: { median: timeToVerify(tally.verifySteps, 0.5), p95: timeToVerify(tally.verifySteps, 0.95) },
});

/** A share to four places; null of nothing. */
export const rate = (part: number, whole: number): number | null =>
  whole === 0 ? null : Math.round((part / whole) * 10_000) / 10_000;
