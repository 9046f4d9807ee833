import { recordAct } from "../../access/audit.ts";
import type { Staff } from "../../access/staff.ts";
import { Problem } from "../../http/problems.ts";
import { newUuid, petitionNo, publicId } from "../../lib/ids.ts";
import { LEGAL_STATES, requireState } from "./decision.ts";
import { insertNote, isNotIn, petitionToDecide } from "./decisions.store.ts";
import type { RequestChangesDeps } from "./request-changes.ts";
import { noteContext, requireSecret } from "./staff-texts.ts";

/**
 * Adds a note that only staff read. It is no decision: it changes nothing that others have read, so it needs no version
 * and makes no new one. Raises `illegal_state` for a draft.
 */
export async function notePetition(
  { db, keys, clock, petitions }: RequestChangesDeps,
  staff: Staff,
  id: string,
  { text }: { readonly text: string },
): Promise<void> {
  const no = petitionNo(id);
  const [[petition]] = await db.batch([petitionToDecide(db, no)]);
  if (petition?.id !== id) throw new Problem("not_found");
  requireState(petition.state, LEGAL_STATES.note);
  const secret = await requireSecret(petitions, petition);
  const noteId = newUuid();
  const sealed = await secret.seal(text, noteContext(noteId));
  const now = clock();
  const after = { note: publicId("note", noteId), text_digest: await keys.hash("audit", text) };
  const entry = { actor: staff, act: "petition.note", subject: publicId("pet", id), after, at: now };
  const note = { no, id: noteId, author: staff.id, sealed, writtenAt: now };
  await db.batch([recordAct(db, entry, isNotIn(no, "draft")), insertNote(db, note, isNotIn(no, "draft"))]);
}
