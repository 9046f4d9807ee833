import { DIMENSIONS, type Dimension, type IntakeHour } from "./anomaly.ts";

/** What is seen of signatures that are alike: how many, of them pending, and where they came from. */
export interface Seen {
  readonly petitionNo: number;
  /** Hours since 1970. */
  readonly hour: number;
  readonly network: string | null;
  readonly domain: string | null;
  readonly area: string | null;
  readonly channel: string | null;
  readonly n: number;
  readonly pending: number;
}

/** An hour of a petition. */
export type PetitionHour = IntakeHour & { readonly petitionNo: number };

// Values of a dimension that an hour keeps: the largest. Who has a quarter of a day is among the first of its hours.
const KEPT = 40;

type Groups = Record<Dimension, Record<string, number>>;
const none = (): Groups => ({ network: {}, domain: {}, area: {}, channel: {} });

/**
 * Adds what a look has seen to what was known of the same hours.
 * @param seen.fresh signatures that came since the last look; `ripe`: those of a day before, as they are now
 * @param seen.withdrawals since the last look, all in the hour `at`
 */
export function addToHours(
  known: readonly PetitionHour[],
  seen: {
    fresh: readonly Seen[];
    ripe: readonly Seen[];
    withdrawals: readonly { petitionNo: number; more: number }[];
    at: number;
  },
): PetitionHour[] {
  const hours = new Map(
    known.map((hour) => [nameOf(hour), { ...hour, groups: structuredClone(hour.groups) as Groups }]),
  );
  const hourOf = (petitionNo: number, hour: number) => {
    const name = nameOf({ petitionNo, hour });
    const found = hours.get(name) ?? {
      ...{ petitionNo, hour, submitted: 0, groups: none(), ripe: 0, unverified: 0, withdrawals: 0 },
    };
    hours.set(name, found);
    return found;
  };
  for (const one of seen.fresh) {
    const hour = hourOf(one.petitionNo, one.hour);
    Object.assign(hour, { submitted: hour.submitted + one.n });
    for (const kind of DIMENSIONS) {
      const key = one[kind];
      if (key) hour.groups[kind][key] = (hour.groups[kind][key] ?? 0) + one.n;
    }
  }
  for (const one of seen.ripe) {
    const hour = hourOf(one.petitionNo, one.hour);
    Object.assign(hour, { ripe: hour.ripe + one.n, unverified: hour.unverified + one.pending });
  }
  for (const { petitionNo, more } of seen.withdrawals) {
    const hour = hourOf(petitionNo, seen.at);
    Object.assign(hour, { withdrawals: Math.max(0, hour.withdrawals + more) });
  }
  for (const { groups } of hours.values()) for (const kind of DIMENSIONS) groups[kind] = largest(groups[kind]);
  return [...hours.values()];
}

/** Which hour of which petition. */
const nameOf = ({ petitionNo, hour }: { petitionNo: number; hour: number }): string => `${petitionNo}:${hour}`;

const largest = (values: Record<string, number>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(values)
      .sort(([, a], [, b]) => b - a)
      .slice(0, KEPT),
  );

/** An hour as it is stored, with every dimension. */
export const readHour = <Row extends { groups: Partial<Groups> }>(row: Row): Row & { groups: Groups } => ({
  ...row,
  groups: { ...none(), ...row.groups },
});
