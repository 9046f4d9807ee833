import { type Staff, seesDepartment } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { petitionNo } from "../lib/ids.ts";
import { byArea, byChannel, byHour, labelsFor, tallyOf } from "./counts.store.ts";
import { readLabels } from "./labels.ts";
import type { Span } from "./span.ts";

/** Which rows of tallies are wanted; hours are those of a span of days. */
export interface Wanted {
  readonly areas: boolean;
  readonly channels: boolean;
  readonly hours: Span | null;
  /** Names of areas also where nobody has signed. */
  readonly allAreas?: boolean;
}

// How often rows are read once more because one was new meanwhile: that is rare, and twice in a row next to never.
const TRIES = 3;

/**
 * A petition's tallies, as they are at one moment while people sign, for staff who see it: a row for each area, channel and
 * hour, and at most four more. Raises `not_found`. `id`: UUID.
 */
export async function readTallies(db: Database, staff: Staff, { id, wanted }: { id: string; wanted: Wanted }) {
  const no = petitionNo(id);
  let [[known]] = await db.batch([tallyOf(db, no, id)]);
  for (let left = TRIES; ; left--) {
    if (!known || !seesDepartment(staff, known.departmentCode)) throw new Problem("not_found");
    const rows = {
      areas: wanted.areas ? known.areas : 0,
      channels: wanted.channels ? known.channels : 0,
      hours: wanted.hours ? known.hours : 0,
    };
    const named = wanted.allAreas === true || rows.areas + rows.channels > 0;
    // The tally once more, in the transaction of its rows: with the one from before they would not add up.
    const [[tally], [labels], areas, channels, hours] = await db.batch([
      tallyOf(db, no, id),
      labelsFor(db, no, { own: rows.channels > 0, wanted: named }),
      byArea(db, no, rows.areas),
      byChannel(db, no, rows.channels),
      byHour(db, no, { ...(wanted.hours ?? { from: "", to: "" }), rows: rows.hours }),
    ]);
    const isNew = (one: "areas" | "channels" | "hours") => wanted[one] && tally?.[one] !== rows[one];
    if (tally && (left === 1 || !(isNew("areas") || isNew("channels") || isNew("hours")))) {
      return { tally, labels: readLabels(labels), areas, channels, hours };
    }
    known = tally;
  }
}
