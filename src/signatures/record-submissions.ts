import { type Database, DatabaseFailure } from "../db/database.ts";
import { toHex } from "../lib/bytes.ts";
import { type EmailAddress, parseEmailAddress } from "../lib/email-address.ts";
import { newUuid, petitionNo, uuidHex } from "../lib/ids.ts";
import { describeError, log } from "../lib/log.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { foldPostcode } from "../lib/text.ts";
import { judge } from "../limits/judge.ts";
import type { Rules } from "../limits/rule-book.ts";
import { dropMail, enqueueMail } from "../mail/enqueue-mail.ts";
import type { NoticeBook } from "../notices/notice-book.ts";
import { type Channel, channelOf, channelOfPartner } from "../petitions/channels/channel.ts";
import { acceptsSignatureAt, acceptsSupporterAt } from "../petitions/petition.ts";
import type { PetitionDirectory, PetitionFacts } from "../petitions/petition-directory.ts";
import type { PetitionSecret } from "../petitions/petition-secret.ts";
import { noteRepeats } from "./first-mails.store.ts";
import { recordSent, type SentByPartner } from "./partner-submissions.store.ts";
import { sealSignature } from "./seal-signature.ts";
import { sentByPartner } from "./sent-by-partner.ts";
import { ANSWER_SUBMISSION, keyHex } from "./signature.ts";
import { areasOfPostcodes, lastAcceptedAt, type NewSignature, recordSignatures } from "./signatures.store.ts";
import { openSubmission, type Submission } from "./submission.ts";

export interface RecordDeps {
  readonly db: Database;
  readonly keys: RootKeys;
  readonly clock: () => number;
  readonly petitions: PetitionDirectory;
  /** The channels of every petition. */
  readonly channels: () => Promise<readonly Channel[]>;
  readonly ring: (jobIds: readonly string[]) => Promise<void>;
  /** The limits and lists that hold. */
  readonly rules: () => Promise<Rules>;
  readonly notices: NoticeBook;
}

/** What is written of a submission; both are null when nothing is. */
interface Recordable {
  readonly signature: NewSignature | null;
  readonly sent: SentByPartner | null;
}

/** What became of a message: `done` (recorded, or there was nothing to record), or `retry`. */
export type RecordOutcome = "done" | "retry";

/**
 * Records a batch of INTAKE messages (at most 100) in one transaction and rings for their mail. Repeatable: a message
 * that comes again changes nothing. When the database refuses one submission, the others are recorded without it.
 * Gives an outcome for each message, in step.
 */
export async function recordSubmissions(deps: RecordDeps, bodies: readonly unknown[]): Promise<RecordOutcome[]> {
  const submissions = await Promise.all(bodies.map((body) => openSubmission(deps.keys, body)));
  let signatures: Awaited<ReturnType<typeof prepare>>;
  try {
    signatures = await prepare(deps, submissions);
  } catch (error) {
    log("intake_not_prepared", describeError(error));
    return bodies.map(() => "retry");
  }
  const rows = signatures.filter((row) => row !== "unreadable");
  const failed = await recordOrSplit(deps, rows);
  return signatures.map((row, index) => {
    if (row === "unreadable" || submissions[index] === null) return "retry";
    return failed.has(row) ? "retry" : "done";
  });
}

/** Records rows together; when the database refuses their data, one by one. Gives those that failed. */
async function recordOrSplit(deps: RecordDeps, all: readonly Recordable[]): Promise<Set<Recordable>> {
  const failed = new Set<Recordable>();
  const rows = all.filter(({ signature, sent }) => signature || sent);
  if (rows.length === 0) return failed;
  try {
    await recordTogether(deps, rows);
  } catch (error) {
    log("intake_not_recorded", { ...describeError(error), rows: rows.length });
    const refused = error instanceof DatabaseFailure && error.refused;
    if (rows.length === 1 || !refused) return new Set(rows);
    for (const row of rows) for (const one of await recordOrSplit(deps, [row])) failed.add(one);
  }
  return failed;
}

async function recordTogether(deps: RecordDeps, rows: readonly Recordable[]): Promise<void> {
  const { db } = deps;
  const newest = newestOfEachPerson(rows.flatMap(({ signature }) => signature ?? []));
  const sent = rows.flatMap((row) => row.sent ?? []);
  const alongside = sent.length > 0 ? [recordSent(db, sent)] : [];
  const [first] = alongside;
  if (newest.length === 0) return void (first && (await db.batch([first])));
  const jobId = newUuid();
  const items = newest.map(keyHex);
  const now = deps.clock();
  const job = { id: jobId, kind: ANSWER_SUBMISSION, items, now };
  const [written] = await db.batch([recordSignatures(db, newest, now), enqueueMail(db, job), ...alongside]);
  const keys = new Set(written.map((row) => `${row.petition_no}:${row.email_hash}:${row.person_hash}`));
  const unwritten = newest.filter((row) => !keys.has(`${row.petitionNo}:${toHex(row.emailHash)}:${row.personHash}`));
  await dropAnswered(deps, jobId, unwritten);
  if (unwritten.length > 0) await db.batch([noteRepeats(db, unwritten, now)]);
  // The row is in the outbox: when the doorbell fails, the sweeper rings a minute later.
  await deps.ring([jobId]).catch((error) => log("doorbell_failed", describeError(error)));
}

/**
 * What is no newer than what wrote its row wrote nothing: a message that came again, or one that a newer submission of the
 * same person has overtaken. The mail of that one is in an earlier job, and speaks for both: this job has none.
 */
async function dropAnswered(deps: RecordDeps, jobId: string, rows: readonly NewSignature[]): Promise<void> {
  const [first, ...rest] = rows.map((row) => lastAcceptedAt(deps.db, row));
  if (!first) return;
  const found = await deps.db.batch([first, ...rest]);
  const answered = rows.filter((row, index) => (found[index]?.[0]?.acceptedAt ?? 0) >= row.acceptedAt);
  if (answered.length > 0) await deps.db.batch([dropMail(deps.db, jobId, answered.map(keyHex))]);
}

/**
 * Within a batch the newest submission of a person speaks for the earlier ones, but is held as the earliest one is:
 * as when they come in two batches, and the renewed row keeps its hold.
 */
function newestOfEachPerson(rows: readonly NewSignature[]): NewSignature[] {
  const newest = new Map<string, NewSignature>();
  for (const row of [...rows].sort((a, b) => a.acceptedAt - b.acceptedAt)) {
    const earlier = newest.get(keyHex(row));
    newest.set(keyHex(row), earlier ? { ...row, hold: earlier.hold } : row);
  }
  return [...newest.values()].sort((a, b) => a.acceptedAt - b.acceptedAt);
}

/** The row of each submission; null for one that can't be opened, was too late, or has no petition to sign. */
async function prepare(
  deps: RecordDeps,
  submissions: readonly (Submission | null)[],
): Promise<(Recordable | "unreadable")[]> {
  const postcodes = submissions.flatMap((one) => (one?.data.postcode ? [foldPostcode(one.data.postcode)] : []));
  const distinct = [...new Set(postcodes)];
  const [shared, rules] = await Promise.all([deps.channels(), deps.rules(), deps.notices.known(deps.db)]);
  const found = distinct.length > 0 ? (await deps.db.batch([areasOfPostcodes(deps.db, distinct)]))[0] : [];
  const areas = new Map(found.map(({ postcode, areaCode }) => [postcode, areaCode]));
  // One call reads what is not remembered of all their petitions; one by one each would be a call.
  const petitions = new Set(submissions.flatMap((one) => (one ? [petitionNo(one.petition_id)] : [])));
  await Promise.all([...petitions].map((no) => deps.petitions.facts(deps.db, no)));
  const rows: (Recordable | "unreadable")[] = [];
  const anew = new Map<number, PetitionFacts | undefined>();
  for (const submission of submissions) {
    if (!submission) {
      rows.push({ signature: null, sent: null });
      continue;
    }
    const petition = await petitionToSign(deps, submission, anew);
    const secret = petition && (await deps.petitions.secret(petition));
    if (!secret) log("submission_not_in_time", {});
    const seen = await deps.notices.seenBy(deps.db, seenWith(submission));
    const channel = petition && channelFor(submission, petition, shared);
    const signature =
      petition && secret && (await signatureOf(submission, { petition, secret, areas, channel, rules, seen }));
    if (signature === "unreadable") rows.push(signature);
    else {
      const sent = await sentByPartner(submission, { secret, consent: seen.partner_consent });
      rows.push({ signature, sent });
    }
  }
  return rows;
}

/** Under which channel a submission is counted. */
function channelFor({ data, accepted_at: at }: Submission, petition: PetitionFacts, shared: readonly Channel[]) {
  return data.via
    ? channelOfPartner(data.via.partner, data.channel, { shared, at })
    : channelOf(data.channel, { shared, own: petition.channels, at });
}

/** What the person's form says that it showed, and when they sent it. */
const seenWith = ({ data, accepted_at: at }: Submission) => ({ seen: data.notices, at });

/**
 * A submission's petition, if it took the signature then. What was accepted is refused only by facts read anew, once
 * for a batch: `anew` keeps them.
 */
async function petitionToSign(
  deps: RecordDeps,
  submission: Submission,
  anew: Map<number, PetitionFacts | undefined>,
): Promise<PetitionFacts | null> {
  const no = petitionNo(submission.petition_id);
  const inTime = (facts: PetitionFacts | undefined): facts is PetitionFacts =>
    facts?.id === submission.petition_id &&
    (acceptsSignatureAt(facts, submission.accepted_at) ||
      (submission.supporter === true && acceptsSupporterAt(facts, submission.accepted_at)));
  const remembered = await deps.petitions.facts(deps.db, no);
  if (inTime(remembered)) return remembered;
  if (!anew.has(no)) anew.set(no, await deps.petitions.factsNow(deps.db, no));
  const facts = anew.get(no);
  return inTime(facts) ? facts : null;
}

/** The lists are asked again: whoever accepted the submission may not have had them, while the database was down. */
function blockedNow(
  rules: Rules,
  email: EmailAddress,
  { address, network }: Submission["data"],
): "list" | "disposable" | null {
  const from = address !== undefined && network !== undefined ? { address, network } : null;
  return judge(rules, { address: from, email }).hold;
}

async function signatureOf(
  submission: Submission,
  known: {
    petition: PetitionFacts;
    secret: PetitionSecret;
    areas: ReadonlyMap<string, string>;
    channel: string | null;
    rules: Rules;
    seen: { readonly privacy: number; readonly eligibility: number };
  },
): Promise<NewSignature | "unreadable"> {
  const { data } = submission;
  // An address that was one when it was accepted: the message ends where staff can see it.
  const email = parseEmailAddress(data.email);
  if (!email) return "unreadable";
  const folded = data.postcode === undefined ? undefined : foldPostcode(data.postcode);
  return sealSignature(known.secret, {
    petitionNo: petitionNo(submission.petition_id),
    submission: uuidHex(submission.submission_id),
    hold: blockedNow(known.rules, email, data) ?? submission.hold,
    // Whoever has the supporter link signs like everybody once the petition is open.
    role: acceptsSignatureAt(known.petition, submission.accepted_at) ? "signer" : "supporter",
    locale: data.locale,
    areaCode: (folded !== undefined && known.areas.get(folded)) || null,
    channel: known.channel,
    partner: data.via?.partner ?? null,
    updates: data.updates,
    asn: data.asn ?? null,
    country: data.country ?? null,
    acceptedAt: submission.accepted_at,
    privacyVersion: known.seen.privacy,
    eligibilityVersion: known.seen.eligibility,
    signer: { name: data.name, email: data.email, postcode: data.postcode },
    email,
    address: data.address,
    network: data.network,
  });
}
