import { recordAct } from "../access/audit.ts";
import type { Staff } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { requireVersion } from "../http/if-match.ts";
import { Problem } from "../http/problems.ts";
import { newUuid, petitionNo, publicId } from "../lib/ids.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { illegalState } from "../petitions/moderation/decision.ts";
import { countAtOnce } from "./count-recipients.ts";
import { findMailing, type MailingOfPetition } from "./find-mailing.ts";
import type { MailingTexts } from "./mailing.ts";
import { requireMailingState } from "./mailing-state.ts";
import { insertDraft, mailingIsIn, mayBeMailed, petitionToMail, writeTexts } from "./mailings.store.ts";

export interface DraftDeps {
  readonly db: Database;
  readonly keys: RootKeys;
  readonly clock: () => number;
}

/**
 * Keeps a message to those who asked for news of a petition (by its UUID); nobody gets it before it is confirmed. Raises
 * `illegal_state` unless the petition is open, closed or stopped.
 */
export async function draftMailing(
  deps: DraftDeps,
  staff: Staff,
  petitionId: string,
  texts: MailingTexts,
): Promise<MailingOfPetition> {
  const { db } = deps;
  const [id, no, now] = [newUuid(), petitionNo(petitionId), deps.clock()];
  const when = mayBeMailed(no);
  const after = { mailing: publicId("mlg", id), text_digest: await digestOf(deps.keys, texts) };
  const act = { actor: staff, act: "mailing.draft", subject: publicId("pet", petitionId), after, at: now };
  const draft = { id, petitionNo: no, texts, actor: staff.id, now };
  const [, written] = await db.batch([recordAct(db, act, when), insertDraft(db, draft, when)]);
  if (written.meta.changes === 0) throw await notMailed(db, no);
  await countAtOnce(db, draft);
  return findMailing(deps, staff, after.mailing);
}

/** Replaces the texts of a draft. Raises `not_found`, `precondition_failed`, `run_state` once it is confirmed. */
export async function editMailing(
  deps: DraftDeps,
  staff: Staff,
  { id, tags }: { id: string; tags: readonly string[] },
  texts: MailingTexts,
): Promise<MailingOfPetition> {
  const { db } = deps;
  const { mailing, petitionId } = await findMailing(deps, staff, id);
  requireVersion(tags, mailing.version);
  requireMailingState(mailing, ["draft"]);
  const act = {
    actor: staff,
    act: "mailing.edit",
    subject: publicId("pet", petitionId),
    before: { mailing: id, text_digest: await digestOf(deps.keys, mailing.texts ?? {}) },
    after: { mailing: id, text_digest: await digestOf(deps.keys, texts) },
    at: deps.clock(),
  };
  const [, written] = await db.batch([
    recordAct(db, act, mailingIsIn(mailing.id, ["draft"], mailing.version)),
    writeTexts(db, mailing.id, mailing.version, texts),
  ]);
  if (written.meta.changes === 0) throw new Problem("precondition_failed");
  await countAtOnce(db, mailing);
  return findMailing(deps, staff, id);
}

const digestOf = (keys: RootKeys, texts: MailingTexts): Promise<string> => keys.hash("audit", JSON.stringify(texts));

/** Why signers of a petition are not written to. */
export async function notMailed(db: Database, no: number): Promise<Problem> {
  const [[petition]] = await db.batch([petitionToMail(db, no)]);
  return petition ? illegalState(petition.state) : new Problem("not_found");
}
