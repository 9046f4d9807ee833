import type { Database } from "../db/database.ts";
import { petitionNo, publicId } from "../lib/ids.ts";
import { type HeldGroup, heldByReason, heldGroups } from "./holds.store.ts";
import { digestOf, type HoldReason } from "./invalidation.ts";

// Of each reason the latest so many are looked at for what they have in common.
const LOOKED_AT = 5_000;
const GROUPS = 10;

/**
 * A petition's held signatures by reason, and what those of a reason have in common: networks, domains and addresses as
 * digests with sizes and times. `id`: the petition's UUID.
 */
export async function reviewHolds({ db, clock }: { db: Database; clock: () => number }, id: string) {
  const no = petitionNo(id);
  const [tallies] = await db.batch([heldByReason(db, no)]);
  const [first, ...rest] = tallies.map(({ hold }) =>
    heldGroups(db, { petitionNo: no, hold: hold as HoldReason, limit: LOOKED_AT, most: GROUPS }),
  );
  const found = first ? await db.batch([first, ...rest]) : [];
  return {
    petition_id: publicId("pet", id),
    as_of: new Date(clock()).toISOString(),
    holds: tallies.map(({ hold, pending, verified }, index) => {
      const groups = (found[index] ?? []) as HeldGroup[];
      const of = (kind: HeldGroup["kind"]) => groups.filter((group) => group.kind === kind);
      const [all] = of("all");
      return {
        hold: hold as HoldReason,
        pending,
        verified,
        looked_at: all?.signatures ?? 0,
        first_at: all ? timeOf(all.first_at) : null,
        last_at: all ? timeOf(all.last_at) : null,
        networks: of("network").map(groupView),
        domains: of("domain").map(groupView),
        addresses: of("address").map(groupView),
      };
    }),
  };
}

const timeOf = (at: number): string => new Date(at).toISOString();

const groupView = (group: HeldGroup) => ({
  digest: digestOf(group.digest ?? ""),
  signatures: group.signatures,
  verified: group.verified,
  first_at: timeOf(group.first_at),
  last_at: timeOf(group.last_at),
  addresses: group.addresses,
  asn: group.asn,
  country: group.country,
});
