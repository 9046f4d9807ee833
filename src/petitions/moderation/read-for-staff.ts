import { hasRole, type Role, type Staff } from "../../access/staff.ts";
import type { Database } from "../../db/database.ts";
import { Problem } from "../../http/problems.ts";
import type { Bytes } from "../../lib/bytes.ts";
import { petitionNo } from "../../lib/ids.ts";
import { type PetitionState, PUBLIC_STATES } from "../petition.ts";
import type { PetitionDirectory } from "../petition-directory.ts";
import { thresholdsOf } from "../petitions.store.ts";
import { closeEnough, similarTo } from "../similar-petitions.ts";
import { staffDocument } from "./staff-petition-view.ts";
import { notesOf, petitionForStaff, versionsOf } from "./staff-petitions.store.ts";
import { changesContext, noteContext, openText } from "./staff-texts.ts";

// More than people write by hand: a bound for the answer, not for them.
const MOST_VERSIONS = 50;
const MOST_NOTES = 200;

// Of what is decided, nobody asks any more whether there is the same already.
const NOT_DECIDED: readonly PetitionState[] = ["gathering", "moderation", "changes_requested"];
const MOST_SIMILAR = 5;

/** From this role on staff read who submitted a petition: they have to tell whether it is that person. */
const READS_CREATOR: Role = "moderator";

/** Whose signature a petition's creator's is. */
export interface CreatorKey {
  readonly no: number;
  readonly id: string;
  readonly wrappedSecret: Bytes | null;
  readonly creatorEmailHash: Bytes | null;
  readonly creatorPersonHash: number | null;
}

export interface ReadForStaffDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly petitions: PetitionDirectory;
  /** The creator's name; null when there is none or the data is gone. */
  readonly creatorName: (petition: CreatorKey) => Promise<string | null>;
}

/**
 * One petition with everything that staff need to decide on it, in whatever state it is. Of the creator's data only the
 * name is opened, and only for those who decide. Raises `not_found`.
 */
export async function readForStaff(deps: ReadForStaffDeps, staff: Staff, id: string) {
  const { db } = deps;
  const no = petitionNo(id);
  const [[row], thresholds, versions, notes] = await db.batch([
    petitionForStaff(db, no),
    thresholdsOf(db, no),
    versionsOf(db, no, MOST_VERSIONS),
    notesOf(db, no, MOST_NOTES),
  ]);
  if (row?.id !== id) throw new Problem("not_found");
  const secret = await deps.petitions.secret(row);
  const opened = {
    changesMessage: await openText(secret, row.changesMessage, changesContext(id)),
    creatorName: hasRole(staff.role, READS_CREATOR) ? await deps.creatorName(row) : null,
    notes: await Promise.all(notes.map((note) => openText(secret, note.sealed, noteContext(note.id)))),
  };
  const similar = NOT_DECIDED.includes(row.state) ? await similarFor(deps, staff, row) : [];
  return staffDocument(row, { thresholds, versions, notes, similar, opened }, deps.clock());
}

/** Petitions like one that waits, the most alike first. Who is limited to a department sees only what everybody may. */
async function similarFor(
  { db, clock }: ReadForStaffDeps,
  staff: Staff,
  { no, title }: { readonly no: number; readonly title: string },
) {
  const states = staff.department === null ? [...PUBLIC_STATES, ...NOT_DECIDED] : PUBLIC_STATES;
  const found = similarTo(db, { text: title, states, exceptNo: no, now: clock(), limit: MOST_SIMILAR });
  return found === undefined ? [] : closeEnough((await db.batch([found]))[0]);
}
