import * as v from "valibot";
import type { Database } from "../db/database.ts";
import { type Bytes, fromBase64Url } from "../lib/bytes.ts";
import { parseEmailAddress } from "../lib/email-address.ts";
import { publicId } from "../lib/ids.ts";
import type { ComposedMail } from "../mail/mail-job.ts";
import type { RenderedMail } from "../mail/petition-letter.ts";
import { countMovesAt, isBeforeOpening, stateAt } from "../petitions/petition.ts";
import { addressOf, ownPage, type PetitionAddressDeps, titleToTell } from "../petitions/petition-address.ts";
import type { PetitionDirectory, PetitionFacts } from "../petitions/petition-directory.ts";
import { personPage } from "./person-token.ts";
import { hasName, parseKeyHex, type SignatureKey, sealContext } from "./signature.ts";
import {
  creatorVerificationMail,
  reminderMail,
  repeatNotice,
  supporterVerificationMail,
  type VerificationArgs,
  verificationMail,
  type withdrawalMail,
} from "./signature-mails.ts";
import { holdersOfMailbox, type NewSignature, signatureForMail } from "./signatures.store.ts";
import { verificationCodes, verificationToken } from "./verify-signature.ts";
import { withdrawalToken } from "./withdraw-signature.ts";

export interface ComposeDeps extends PetitionAddressDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly petitions: PetitionDirectory;
  readonly recipientHash: (canonical: string) => Promise<string>;
  readonly municipality: string;
  readonly contact: string;
  readonly privacyNoticeUrl: string;
}

const Sealed = v.object({ name: v.string(), email: v.string() });

/** A signer whose data has been opened, and the petition. */
interface Addressee {
  readonly key: SignatureKey;
  readonly petition: PetitionFacts;
  readonly locale: string;
  readonly name: string;
  readonly email: string;
  /** Canonical address. */
  readonly recipient: string;
}

/**
 * The mails that answer submissions, by what is in the database now: a pending signature gets its verification mail,
 * one that is verified already, or whose mailbox is full, gets a notice at the stored address. An invalidated one gets what
 * it would get otherwise: nothing may look different. One row read for each. `mailedAt`: when the mails were put into the outbox.
 */
export async function composeAnswers(
  deps: ComposeDeps,
  items: readonly string[],
  mailedAt: number,
): Promise<(ComposedMail | null)[]> {
  const keys = items.map(parseKeyHex);
  const [first, ...rest] = keys.map((key) => signatureForMail(deps.db, key));
  if (!first) return [];
  const found = await deps.db.batch([first, ...rest]);
  return Promise.all(
    keys.map(async (key, index) => {
      const petition = await deps.petitions.facts(deps.db, key.petitionNo);
      if (!petition || !countMovesAt(petition, deps.clock())) return null;
      const row = found[index]?.[0];
      if (!row) return composeForMailbox(deps, petition, { key, mailedAt });
      if (row.state === "withdrawn" || !row.sealed) return null;
      const to = await open(deps, petition, { key, locale: row.locale, sealed: row.sealed });
      if (!to) return null;
      if (row.verifiedAt !== null) return limited(to, await renderNotice(deps, to));
      const mail = await renderVerification(deps, to, { role: row.role, mailedAt, partner: row.partner });
      // A repeat's mail is the first only if the job was made before it.
      return { ...limited(to, mail), countedBefore: row.repeatedAt ?? Number.POSITIVE_INFINITY };
    }),
  );
}

/**
 * The reminders to those who have not verified, by what is in the database now: none to who has meanwhile, who withdrew,
 * whose mail is in trouble, or whose petition is not open any more. Held and invalidated ones get what others do.
 */
export async function composeVerificationReminders(
  deps: ComposeDeps,
  items: readonly string[],
  mailedAt: number,
): Promise<(ComposedMail | null)[]> {
  const keys = items.map(parseKeyHex);
  const [first, ...rest] = keys.map((key) => signatureForMail(deps.db, key));
  if (!first) return [];
  const found = await deps.db.batch([first, ...rest]);
  return Promise.all(
    keys.map(async (key, index) => {
      const petition = await deps.petitions.facts(deps.db, key.petitionNo);
      if (!petition || stateAt(petition, deps.clock()) !== "open") return null;
      const row = found[index]?.[0];
      if (!row?.sealed || row.state === "withdrawn" || row.verifiedAt !== null || row.mailTrouble !== null) return null;
      const to = await open(deps, petition, { key, locale: row.locale, sealed: row.sealed });
      if (!to) return null;
      return limited(to, reminderMail({ ...(await verificationArgs(deps, to, mailedAt)), partner: row.partner }));
    }),
  );
}

/**
 * The mail that confirms a withdrawal, or that data was erased of a signature that stays (`letter`), from the data that
 * the job carries: the signature no longer holds it.
 */
export async function composeFarewells(
  deps: ComposeDeps,
  items: readonly string[],
  { sealed, letter }: { sealed: Bytes | null; letter: typeof withdrawalMail },
): Promise<(ComposedMail | null)[]> {
  return Promise.all(
    items.map(async (item) => {
      const key = parseKeyHex(item);
      // Anew: one that was hidden a moment ago is not told.
      const petition = await deps.petitions.factsNow(deps.db, key.petitionNo);
      if (!petition || !sealed) return null;
      const [[row]] = await deps.db.batch([signatureForMail(deps.db, key)]);
      const to = await open(deps, petition, { key, locale: row?.locale ?? petition.locale, sealed });
      return to && { ...limited(to, letter(await commonArgs(deps, to))), limited: false };
    }),
  );
}

/**
 * The mail to a mailbox that took no row for a submission: of the same person under a name that they corrected theirs to,
 * or of a third name. Whether staff have taken out who holds the place makes no difference.
 */
async function composeForMailbox(
  deps: ComposeDeps,
  petition: PetitionFacts,
  { key, mailedAt }: { key: SignatureKey; mailedAt: number },
): Promise<ComposedMail | null> {
  const [holders] = await deps.db.batch([holdersOfMailbox(deps.db, key)]);
  const same = holders.find(({ otherNames }) => hasName(otherNames, key.personHash));
  const holder = same ?? holders.find(({ verifiedAt }) => verifiedAt !== null);
  if (!holder?.sealed) return null;
  const { personHash, locale, sealed, role, partner } = holder;
  const to = await open(deps, petition, { key: { ...key, personHash }, locale, sealed });
  if (!to) return null;
  if (holder.verifiedAt === null) return limited(to, await renderVerification(deps, to, { role, mailedAt, partner }));
  return limited(to, await renderNotice(deps, to));
}

async function open(
  deps: ComposeDeps,
  petition: PetitionFacts,
  signature: { key: SignatureKey; locale: string; sealed: Bytes },
): Promise<Addressee | null> {
  const secret = await deps.petitions.secret(petition);
  const data = v.safeParse(Sealed, await secret?.open(signature.sealed, sealContext(signature.key)));
  const address = data.success ? parseEmailAddress(data.output.email) : null;
  if (!data.success || !address) return null;
  const { key, locale } = signature;
  return { key, petition, locale, name: data.output.name, email: address.typed, recipient: address.canonical };
}

async function renderVerification(
  deps: ComposeDeps,
  to: Addressee,
  { role, mailedAt, partner }: { role: NewSignature["role"]; mailedAt: number; partner: string | null },
): Promise<RenderedMail> {
  const args = { ...(await verificationArgs(deps, to, mailedAt)), partner };
  if (role === "creator" && to.petition.state === "draft")
    return creatorVerificationMail({
      ...args,
      ownPageUrl: await ownPage(deps, to.petition, to.locale),
      needsSupporters: to.petition.supportersNeeded > 0,
    });
  return isBeforeOpening(to.petition.state) ? supporterVerificationMail(args) : verificationMail(args);
}

async function verificationArgs(deps: ComposeDeps, to: Addressee, mailedAt: number): Promise<VerificationArgs> {
  const recipient = fromBase64Url(await deps.recipientHash(to.recipient)) ?? new Uint8Array();
  const [code] = await verificationCodes(deps.keys, to.key);
  const token = await verificationToken(deps.keys, to.key, { recipient, mailedAt });
  return {
    ...(await commonArgs(deps, to)),
    verifyUrl: `${deps.publicUrl}/v/${token}${languageQuery(to)}`,
    withdrawUrl: await withdrawUrl(deps, to),
    code: code as string,
    codeUrl: `${deps.publicUrl}/v${languageQuery(to)}&petition=${publicId("pet", to.petition.id)}`,
  };
}

const renderNotice = async (deps: ComposeDeps, to: Addressee): Promise<RenderedMail> =>
  repeatNotice({ ...(await commonArgs(deps, to)), withdrawUrl: await withdrawUrl(deps, to) });

const withdrawUrl = async (deps: ComposeDeps, to: Addressee): Promise<string> =>
  `${deps.publicUrl}/w/${await withdrawalToken(deps.keys, to.key)}${languageQuery(to)}`;

/** The page speaks the language of the mail. */
export const languageQuery = (to: Pick<Addressee, "locale">): string => `?lang=${encodeURIComponent(to.locale)}`;

/** What every mail about a signature says. Without a key it is a partner's test, of whom nothing is held. */
export const commonArgs = async (
  deps: ComposeDeps,
  to: Pick<Addressee, "locale" | "name" | "petition"> & Partial<Pick<Addressee, "key">>,
) => ({
  locale: to.locale,
  name: to.name,
  petitionTitle: titleToTell(to.petition, to.locale),
  petitionUrl: await addressOf(deps, to.petition, to.locale),
  personUrl: to.key && (await personPage(deps, to.key, to.locale)),
  municipality: deps.municipality,
  contact: deps.contact,
  privacyNoticeUrl: deps.privacyNoticeUrl,
});

/** Auto-Submitted keeps vacation replies away (RFC 3834). */
const limited = (to: Addressee, mail: RenderedMail): ComposedMail => ({
  ...mail,
  to: to.email,
  recipient: to.recipient,
  limited: true,
  headers: { "Auto-Submitted": "auto-generated" },
});
