import type { Database } from "../db/database.ts";
import { assurances } from "../db/schema.ts";
import { Problem } from "../http/problems.ts";
import { petitionNo, publicId } from "../lib/ids.ts";
import { byArea, byChannel, byHour, tallyOf } from "./counts.store.ts";
import { bars, regroup } from "./counts.ts";

/** Everything the tallies say of one petition, for staff. Raises `not_found`. `id`: UUID. */
export async function petitionCounts({ db, clock }: { db: Database; clock: () => number }, id: string) {
  const no = petitionNo(id);
  const [[tally], areas, channels, hours] = await db.batch([
    tallyOf(db, no, id),
    byArea(db, no),
    byChannel(db, no),
    byHour(db, no),
  ]);
  if (!tally) throw new Problem("not_found");
  const total = tally.verified;
  const partners = new Map(channels.map(({ key, partner }) => [key, partner]));
  return {
    petition_id: publicId("pet", id),
    as_of: new Date(clock()).toISOString(),
    states: {
      pending: tally.pending,
      verified: total,
      quarantined: tally.quarantinedPending + tally.quarantinedVerified,
      invalidated: tally.invalidated,
      withdrawn: tally.withdrawn,
    },
    by: {
      area: bars(areas, total),
      channel: bars(channels, total),
      partner: bars(
        regroup(channels, ({ key }) => partners.get(key) ?? "").filter(({ key }) => key !== ""),
        total,
      ),
      assurance: bars(
        assurances.map((key) => ({ key, count: tally[key] })),
        total,
      ),
      locale: bars(
        Object.entries(tally.locales).map(([key, count]) => ({ key, count })),
        total,
      ),
      day: bars(
        regroup(hours, ({ key }) => key.slice(0, 10)),
        total,
      ),
      hour: bars(hours, total),
    },
  };
}
