import { recordAct } from "../access/audit.ts";
import { memberId, type Staff } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { parseEmailAddress } from "../lib/email-address.ts";
import { newUuid, publicId } from "../lib/ids.ts";
import { describeError, log } from "../lib/log.ts";
import { enqueueMail } from "../mail/enqueue-mail.ts";
import type { ComposedMail } from "../mail/mail-job.ts";
import { composeMailing } from "./compose-mailing.ts";
import { findMailing } from "./find-mailing.ts";
import { petitionHex } from "./mailing.ts";
import { mailingById, staffToMail } from "./mailings.store.ts";
import { type PreviewDeps, toCompose } from "./preview-mailing.ts";

/** A purpose of a job in the outbox: send a mailing's mail to the staff member who looks at it. */
export const MAILING_TEST = "mailing_test";

export interface TestMailingDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly locales: readonly [string, ...string[]];
  readonly ring: (jobIds: readonly string[]) => Promise<void>;
}

/**
 * Sends a mailing's mail to the staff member who asks, and to nobody else, in each of some languages (all of the
 * municipality's without any). Raises `not_found`, and `no_own_address` for whoever has no address in the list of staff.
 */
export async function testMailing(
  deps: TestMailingDeps,
  staff: Staff,
  { id, locale }: { id: string; locale: string | undefined },
): Promise<{ status: "on_its_way"; locales: readonly string[] }> {
  const { db } = deps;
  const { mailing, petitionId } = await findMailing(deps, staff, id);
  const member = memberId(staff);
  const [[found]] = member === null ? [[]] : await db.batch([staffToMail(db, member)]);
  if (!found?.email) throw new Problem("no_own_address");
  const locales = locale === undefined ? deps.locales : [locale];
  const job = {
    id: newUuid(),
    kind: MAILING_TEST,
    // The petition comes first, as in every item that is about one.
    items: locales.map((each) => `${petitionHex(mailing.petitionNo)}:${mailing.id}:${member}:${each}`),
    now: deps.clock(),
  };
  const act = { actor: staff, act: "mailing.test", subject: publicId("pet", petitionId), after: { mailing: id } };
  await db.batch([recordAct(db, { ...act, at: job.now }), enqueueMail(db, job)]);
  await deps.ring([job.id]).catch((error) => log("doorbell_failed", describeError(error)));
  return { status: "on_its_way", locales };
}

/** The tests, as the mailing is when they are made; null where the mailing or the staff member's access is gone. */
export const composeTests = (
  deps: PreviewDeps & { readonly db: Database },
  items: readonly string[],
): Promise<(ComposedMail | null)[]> =>
  Promise.all(
    items.map(async (item) => {
      const [, mailingId = "", staffId = "", locale = ""] = item.split(":");
      const [[found], [member]] = await deps.db.batch([mailingById(deps.db, mailingId), staffToMail(deps.db, staffId)]);
      const address = member?.email ? parseEmailAddress(member.email) : null;
      if (!found || !member || !address) return null;
      const to = { name: member.name, email: address.typed, locale, signer: null };
      const mail = await composeMailing(deps, toCompose(deps, found), to);
      return { ...mail, recipient: address.canonical, limited: false };
    }),
  );
