import type { Staff } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import type { Table } from "../http/table.ts";
import { publicId } from "../lib/ids.ts";
import { REACH_METHOD, reachByArea, reachByChannel } from "./reach.ts";
import { readTallies } from "./read-tallies.ts";

/** From where a petition's signatures come, compared with where people live, for staff who see it. Raises `not_found`. */
export async function petitionReach({ db, clock }: { db: Database; clock: () => number }, staff: Staff, id: string) {
  const wanted = { areas: true, channels: true, hours: null, allAreas: true };
  const { tally, labels, areas, channels } = await readTallies(db, staff, { id, wanted });
  return {
    petition_id: publicId("pet", id),
    as_of: new Date(clock()).toISOString(),
    verified: tally.verified,
    ...reachByArea(areas, labels),
    channels: reachByChannel(channels, labels, tally.verified),
    method: REACH_METHOD,
  };
}

type PetitionReach = Awaited<ReturnType<typeof petitionReach>>;

/** What a table of reach is made from; across petitions there are no channels. */
interface Reach extends Pick<PetitionReach, "areas">, Partial<Pick<PetitionReach, "channels">> {
  readonly as_of: string | null;
}

/** The same as a table: a record for each area, then one for each channel. */
export const reachTable = ({ as_of, areas, channels = [] }: Reach): Table => ({
  columns: [
    ...["as_of", "kind", "key", "label", "verified", "share", "population", "population_share", "per_1000"],
    ...["expected", "missing", "owner", "partner"],
  ],
  records: [
    ...areas.map((area) => [
      ...[as_of, "area", area.key, area.label, area.verified, area.share, area.population, area.population_share],
      ...[area.per_1000, area.expected, area.missing, null, null],
    ]),
    ...channels.map(({ key, label, verified, share, owner, partner }) => [
      ...[as_of, "channel", key, label, verified, share, null, null, null, null, null, owner, partner],
    ]),
  ],
});
