import { seesDepartment } from "../../access/staff.ts";
import type { Database } from "../../db/database.ts";
import { parseEmailAddress } from "../../lib/email-address.ts";
import { publicId } from "../../lib/ids.ts";
import type { ComposedMail } from "../../mail/mail-job.ts";
import type { RenderedMail } from "../../mail/petition-letter.ts";
import type { CreatorKey } from "../moderation/read-for-staff.ts";
import { changesContext, openText } from "../moderation/staff-texts.ts";
import { isPublicState, stateAt } from "../petition.ts";
import { ownPage, type PetitionAddressDeps } from "../petition-address.ts";
import type { PetitionDirectory } from "../petition-directory.ts";
import { petitionToken } from "../petition-token.ts";
import {
  type CreatorEvent,
  creatorMail,
  creatorThresholdMail,
  staffOverdueMail,
  staffThresholdMail,
} from "./creator-mails.ts";
import { type PetitionNewsRow, petitionNews, staffForMail, thresholdNamed } from "./petition-news.store.ts";
import { DAY_MS } from "./tell-overdue.ts";

/** A purpose of a job in the outbox: tell a petition's creator what happened to it. Made by triggers. */
export const CREATOR_NEWS = "creator_news";

/** A purpose of a job in the outbox: tell creator and staff that a threshold is reached. Made by a trigger. */
export const THRESHOLD_REACHED = "threshold_reached";

/** Somebody to write to. */
interface Addressee {
  readonly name: string;
  /** As typed. */
  readonly email: string;
  /** Canonical address. */
  readonly recipient: string;
  readonly locale: string;
}

export interface PetitionNewsDeps extends PetitionAddressDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly timeZone: string;
  readonly locales: readonly [string, ...string[]];
  readonly petitions: PetitionDirectory;
  readonly municipality: string;
  readonly contact: string;
  readonly privacyNoticeUrl: string;
  /** A petition's creator; null when there is none or the data is gone. */
  readonly creatorOf: (petition: CreatorKey) => Promise<Addressee | null>;
}

type State = Pick<PetitionNewsRow, "approvedAt" | "stoppedBy"> & { readonly state: PetitionNewsRow["state"] };

/** Whether what happened is still so: by the time of the mail staff may have decided otherwise. */
const STILL_SO: Record<CreatorEvent, (petition: State) => boolean> = {
  gathering: ({ state }) => state === "gathering",
  first_supporter: ({ state }) => state === "gathering",
  moderation: ({ state, approvedAt }) => state === "moderation" && approvedAt === null,
  changes_requested: ({ state }) => state === "changes_requested",
  scheduled: ({ state, approvedAt }) => state === "moderation" && approvedAt !== null,
  opened: ({ state }) => state === "open",
  reopened: ({ state }) => state === "open",
  rejected: ({ state }) => state === "rejected",
  hidden: ({ state }) => state === "hidden",
  stopped: ({ state, stoppedBy }) => state === "stopped" && stoppedBy === "staff",
};

const isEvent = (text: string): text is CreatorEvent => Object.hasOwn(STILL_SO, text);

/**
 * The mails to petitions' creators about what happened: each item is the petition's number in eight hexadecimal digits, a
 * colon, and the event. What is no longer so is not told.
 */
export const composeCreatorNews = (
  deps: PetitionNewsDeps,
  items: readonly string[],
): Promise<(ComposedMail | null)[]> =>
  Promise.all(
    items.map(async (item) => {
      const [, hex, event] = /^([0-9a-f]{8}):(\w+)$/.exec(item) ?? [];
      if (hex === undefined || event === undefined || !isEvent(event)) return null;
      const [[petition]] = await deps.db.batch([petitionNews(deps.db, Number.parseInt(hex, 16))]);
      if (!petition || !STILL_SO[event]({ ...petition, state: stateAt(petition, deps.clock()) })) return null;
      const to = await deps.creatorOf(petition);
      return to && composed(to, await renderNews(deps, petition, event, to));
    }),
  );

async function renderNews(
  deps: PetitionNewsDeps,
  petition: PetitionNewsRow,
  event: CreatorEvent,
  to: Addressee,
): Promise<RenderedMail> {
  const names = petition.reasonNames ?? {};
  const language = to.locale.split("-")[0] ?? "";
  const messages: Partial<Record<CreatorEvent, string | null>> = {
    changes_requested: await openText(
      await deps.petitions.secret(petition),
      petition.changesMessage,
      changesContext(petition.id),
    ),
    rejected: petition.rejectionDetails,
    hidden: petition.rejectionDetails,
    stopped: petition.stopReason,
  };
  return creatorMail(event, {
    ...commonArgs(deps, petition, to),
    timeZone: deps.timeZone,
    // To be passed on: whoever opens it reads it in their own language.
    supporterUrl: `${deps.publicUrl}/s/${await petitionToken(deps.keys, "supporter", petition.id)}`,
    ownPageUrl: await ownPage(deps, petition, to.locale),
    supportersNeeded: petition.supportersNeeded,
    // As long as it gathers, somebody is missing: if not a supporter, the creator.
    supportersMissing: Math.max(petition.supportersNeeded - (petition.supporters ?? 0), 1),
    opensAt: petition.opensAt,
    closesAt: petition.closesAt,
    message: messages[event] ?? null,
    reason: names[to.locale] ?? names[language] ?? names.en ?? Object.values(names)[0] ?? null,
  });
}

/**
 * The mails about a threshold: an item is the petition's number, the threshold, and for staff the member's UUID. Nothing
 * is said of one that is no longer reached, of a petition that is not shown, or to staff who no longer see it.
 */
export const composeThresholdReached = (
  deps: PetitionNewsDeps,
  items: readonly string[],
): Promise<(ComposedMail | null)[]> =>
  Promise.all(
    items.map(async (item) => {
      const [, hex, name, staffId] = /^([0-9a-f]{8}):(response|hearing)(?::([0-9a-f-]{36}))?$/.exec(item) ?? [];
      if (hex === undefined) return null;
      const no = Number.parseInt(hex, 16);
      const [[petition], [threshold]] = await deps.db.batch([
        petitionNews(deps.db, no),
        thresholdNamed(deps.db, no, name as "response" | "hearing"),
      ]);
      if (!petition || !isPublicState(petition.state) || !threshold || threshold.reachedAt === null) return null;
      const to = staffId === undefined ? await deps.creatorOf(petition) : await staffMember(deps, petition, staffId);
      if (!to) return null;
      const args = commonArgs(deps, petition, to);
      return composed(
        to,
        staffId === undefined
          ? creatorThresholdMail(args, threshold)
          : staffThresholdMail({ ...args, id: publicId("pet", petition.id) }, threshold),
      );
    }),
  );

/**
 * The mails to staff about what is overdue; items as for a threshold. Nothing is said of what has been done meanwhile, of a
 * petition that is not shown, or to staff who no longer see it.
 */
export const composeOverdue = (
  deps: PetitionNewsDeps & { readonly responseDueDays: number },
  items: readonly string[],
): Promise<(ComposedMail | null)[]> =>
  Promise.all(
    items.map(async (item) => {
      const [, hex, name, staffId] = /^([0-9a-f]{8}):(response|hearing):([0-9a-f-]{36})$/.exec(item) ?? [];
      if (hex === undefined || staffId === undefined) return null;
      const no = Number.parseInt(hex, 16);
      const [[petition], [threshold]] = await deps.db.batch([
        petitionNews(deps.db, no),
        thresholdNamed(deps.db, no, name as "response" | "hearing"),
      ]);
      const isShown = petition && isPublicState(petition.state) && petition.state !== "rejected";
      if (!isShown || !threshold || threshold.reachedAt === null || threshold.actedAt !== null) return null;
      const to = await staffMember(deps, petition, staffId);
      if (!to) return null;
      const args = { ...commonArgs(deps, petition, to), id: publicId("pet", petition.id), timeZone: deps.timeZone };
      const dueAt = threshold.reachedAt + deps.responseDueDays * DAY_MS;
      return composed(to, staffOverdueMail(args, { ...threshold, reachedAt: threshold.reachedAt, dueAt }));
    }),
  );

async function staffMember(
  { db, locales }: PetitionNewsDeps,
  { departmentCode }: PetitionNewsRow,
  id: string,
): Promise<Addressee | null> {
  const [[found]] = await db.batch([staffForMail(db, id)]);
  const address = found?.email ? parseEmailAddress(found.email) : null;
  if (!found || !address || !seesDepartment(found, departmentCode)) return null;
  const { name, locale } = found;
  return { name, email: address.typed, recipient: address.canonical, locale: locale ?? locales[0] };
}

const commonArgs = (deps: PetitionNewsDeps, petition: PetitionNewsRow, to: Addressee) => ({
  locale: to.locale,
  name: to.name,
  petitionTitle: petition.title,
  petitionUrl: deps.petitionUrl(publicId("pet", petition.id)),
  municipality: deps.municipality,
  contact: deps.contact,
  privacyNoticeUrl: deps.privacyNoticeUrl,
});

/** Auto-Submitted keeps vacation replies away (RFC 3834). Each is caused once, by staff or by a count: no limit applies. */
const composed = (to: Addressee, mail: RenderedMail): ComposedMail => ({
  ...mail,
  to: to.email,
  recipient: to.recipient,
  limited: false,
  headers: { "Auto-Submitted": "auto-generated" },
});
