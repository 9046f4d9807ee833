import { AccessAssertions } from "./access/access-assertion.ts";
import { requireStaff } from "./access/require-staff.ts";
import type { Role, Staff } from "./access/staff.ts";
import { ReferenceLists } from "./areas/reference-lists.ts";
import { type Config, readConfig } from "./config.ts";
import { openDatabase } from "./db/database.ts";
import type { PublicBody } from "./http/caching.ts";
import { Problem } from "./http/problems.ts";
import { composeAlarms, composeDifferences } from "./integrity/integrity-mails.ts";
import { TELL_DIFFERENCE } from "./integrity/reconcile-tallies.ts";
import { TELL_ALARM } from "./integrity/watch-petitions.ts";
import type { Bytes } from "./lib/bytes.ts";
import { FreshCache } from "./lib/fresh-cache.ts";
import { inTime } from "./lib/in-time.ts";
import { describeError, log } from "./lib/log.ts";
import { RootKeys } from "./lib/root-keys.ts";
import { durableLimiter, type LimiterShard } from "./limits/durable-limiter.ts";
import { Limiter, type LimiterPort, type Verdict } from "./limits/limiter.ts";
import { RuleBook } from "./limits/rule-book.ts";
import { upstashLimiter } from "./limits/upstash-limiter.ts";
import { captureSender, type MailCapture } from "./mail/capture-sender.ts";
import { cloudflareSender } from "./mail/cloudflare-sender.ts";
import type { DeliveryMessage } from "./mail/record-delivery-events.ts";
import { resendSender } from "./mail/resend-sender.ts";
import type { MailSender } from "./mail/sender.ts";
import { recordMailingEvents } from "./mailings/record-mailing-events.ts";
import { composeTests, MAILING_TEST } from "./mailings/test-mailing.ts";
import { NoticeBook } from "./notices/notice-book.ts";
import { composeReminders } from "./overview/compose-reminders.ts";
import { STAFF_REMINDER } from "./overview/remind-staff.ts";
import type { ClaimsPort } from "./partners/idempotency/claim.ts";
import { durableClaims, type IdempotencyShard } from "./partners/idempotency/durable-claims.ts";
import { KeyBook } from "./partners/key-book.ts";
import { type Asked, requirePartner } from "./partners/require-partner.ts";
import { composeWebhooksDisabled, WEBHOOK_DISABLED } from "./partners/webhooks/compose-webhook-mails.ts";
import { ringWaitingWebhooks } from "./partners/webhooks/ring-waiting-webhooks.ts";
import type { CreatorKey } from "./petitions/moderation/read-for-staff.ts";
import {
  CREATOR_NEWS,
  composeCreatorNews,
  composeOverdue,
  composeThresholdReached,
  THRESHOLD_REACHED,
} from "./petitions/news/compose-petition-news.ts";
import { ANSWER_OVERDUE } from "./petitions/news/tell-overdue.ts";
import { PetitionDirectory } from "./petitions/petition-directory.ts";
import type { Creator } from "./petitions/petitions.routes.ts";
import { requirePetition } from "./petitions/require-petition.ts";
import type { SubmitPetitionDeps } from "./petitions/submit-petition.ts";
import { composePersonLinks } from "./privacy/person/compose-person-links.ts";
import { PERSON_LINKS } from "./privacy/person/request-link.ts";
import type { RetentionPolicy } from "./privacy/retention/retention.ts";
import { composeAnswers, composeFarewells, composeVerificationReminders } from "./signatures/compose-signature-mail.ts";
import { countMailed } from "./signatures/count-mailed.ts";
import { creatorOf } from "./signatures/creator-of.ts";
import { openReference } from "./signatures/open-reference.ts";
import { recordMailTrouble } from "./signatures/record-mail-trouble.ts";
import { recordSubmissions } from "./signatures/record-submissions.ts";
import { REMIND_AFTER_MS } from "./signatures/remind-unverified.ts";
import { signAsCreator } from "./signatures/sign-as-creator.ts";
import { ANSWER_SUBMISSION, CONFIRM_WITHDRAWAL, ERASED, REMIND_UNVERIFIED } from "./signatures/signature.ts";
import { erasureMail, withdrawalMail } from "./signatures/signature-mails.ts";
import type { IntakeMessage } from "./signatures/submission.ts";

/** A message of the MAIL queue: a doorbell. What to send is in the outbox. */
export interface MailMessage {
  readonly v: 1;
  readonly job_id: string;
}

/** A message of the REVIEW queue: a doorbell. What to do, and how far it has come, is in the run. */
export interface ReviewMessage {
  readonly v: 1;
  readonly run_id: string;
}

/** A message of the WEBHOOKS queue: a doorbell. What is to be delivered is with the endpoint. */
export interface WebhookMessage {
  readonly v: 1;
  readonly endpoint_id: string;
}

/** The Worker's bindings beside its settings. */
export interface Bindings {
  readonly DB: D1Database;
  readonly INTAKE: Queue<IntakeMessage>;
  readonly MAIL: Queue<MailMessage>;
  readonly MAIL_EVENTS: Queue<DeliveryMessage>;
  readonly REVIEW: Queue<ReviewMessage>;
  readonly WEBHOOKS: Queue<WebhookMessage>;
  readonly LIMITER: DurableObjectNamespace<LimiterShard>;
  readonly IDEMPOTENCY: DurableObjectNamespace<IdempotencyShard>;
  readonly MAIL_CAPTURE?: DurableObjectNamespace<MailCapture>;
  readonly MAILER?: SendEmail;
  /** Files that are deployed beside the Worker. */
  readonly STATIC: Fetcher;
}

// Public answers an isolate remembers, at most twice as many: a list of 50 is up to 90 KB, most answers are 2 KB.
const REMEMBERED_ANSWERS = 100;
// Partners of whom an isolate remembers that it has just rung for them.
const REMEMBERED_PARTNERS = 100;

// A doorbell that hangs is given up: the sweeper rings a minute later.
const DOORBELL_MS = 2_000;

/** What lives as long as an isolate: settings, keys, and what was read lately. */
interface Isolate {
  readonly config: Config;
  readonly keys: RootKeys;
  readonly limits: LimiterPort;
  readonly ruleBook: RuleBook;
  readonly sender: MailSender;
  readonly petitions: PetitionDirectory;
  readonly lists: ReferenceLists;
  readonly notices: NoticeBook;
  readonly answers: FreshCache<PublicBody>;
  readonly assertions: AccessAssertions | undefined;
  readonly partnerKeys: KeyBook;
  readonly rungPartners: FreshCache<true>;
  readonly claims: ClaimsPort;
}

// The platform gives every event of an isolate the same `env`; another `env` is another isolate.
const isolates = new WeakMap<object, Isolate>();

const clock = (): number => Date.now();

/** Everything that verbs and routes need for one event, from the Worker's bindings. Throws a `ConfigError`. */
export function openDeps(env: Bindings, ctx: Pick<ExecutionContext, "waitUntil">) {
  const isolate = openIsolate(env);
  const { config, keys } = isolate;
  const { db, cost } = openDatabase(env.DB);
  const limiter = new Limiter(isolate.limits, keys, clock, () => isolate.ruleBook.current(db));
  const ring = async (jobIds: readonly string[]): Promise<void> => {
    await inTime(env.MAIL.sendBatch(jobIds.map((job_id) => ({ body: { v: 1, job_id } }))), DOORBELL_MS);
  };
  const ringReview = async (runIds: readonly string[]): Promise<void> => {
    await inTime(env.REVIEW.sendBatch(runIds.map((run_id) => ({ body: { v: 1, run_id } }))), DOORBELL_MS);
  };
  const ringWebhooks = async (endpointIds: readonly string[]): Promise<void> => {
    await inTime(
      env.WEBHOOKS.sendBatch(endpointIds.map((endpoint_id) => ({ body: { v: 1, endpoint_id } }))),
      DOORBELL_MS,
    );
  };
  const recipientHash = (canonical: string) => limiter.hash(canonical);
  const base = {
    ...isolate,
    db,
    cost,
    clock,
    limiter,
    limitsTold: [] as Verdict[],
    rules: limiter.rules,
    switches: async () => (await limiter.rules()).switches,
    later: (work: Promise<unknown>) => ctx.waitUntil(work),
    ring,
    ringReview,
    ringWebhooks,
    recipientHash,
    publicUrl: config.publicUrl,
    local: config.local,
    municipality: config.municipality,
    contact: config.contact,
    mailFrom: config.mailFrom,
    privacyNoticeUrl: config.privacyNoticeUrl,
    petitionUrl: (id: string) => config.petitionPage.replaceAll("{id}", id),
    timeZone: config.timeZone,
    unverifiedDays: config.unverifiedDays,
    retention: retentionOf(config),
    responseDueDays: config.responseDueDays,
    supporters: config.supporters,
    mailingsPerMinute: config.mailingsPerMinute,
    thresholds: config.thresholds,
    durationMonths: config.durationMonths,
    locales: config.locales,
    singleSignOn: config.access !== undefined,
    channels: async () => (await isolate.lists.get(db)).channels,
  };
  const creator = (petition: CreatorKey) => creatorOf(base, petition);
  const recordBatch = (bodies: readonly unknown[]) => recordSubmissions(base, bodies);
  return {
    ...base,
    recordBatch,
    enqueue: (message: IntakeMessage) => env.INTAKE.send(message),
    enqueueAll: (messages: readonly IntakeMessage[]) => env.INTAKE.sendBatch(messages.map((body) => ({ body }))),
    enqueueDelivery: (message: DeliveryMessage) => env.MAIL_EVENTS.send(message),
    resendWebhookSecret: config.resend?.webhookSecret,
    remindAfterMs: { [ANSWER_SUBMISSION]: REMIND_AFTER_MS },
    countMailed: (items: readonly string[]) => countMailed(db, items),
    recordTrouble: (troubles: Parameters<typeof recordMailTrouble>[1]) => recordMailTrouble(base, troubles),
    recordNews: (news: Parameters<typeof recordMailingEvents>[1]) => recordMailingEvents(base, news),
    record: async (message: IntakeMessage) => {
      const [outcome] = await recordBatch([message]);
      if (outcome !== "done") throw new Error("the database did not take the submission");
    },
    resetMailLimit: (recipient: string) => {
      ctx.waitUntil(limiter.forget(recipient, [{ policy: "mail_recipient", scope: "" }]));
    },
    // A partner's busy hour costs a ring in some seconds, not one for each signature; the sweeper finds the rest.
    tellPartner: (partner: string) => {
      const rung = isolate.rungPartners.get(partner, async () => {
        await ringWaitingWebhooks(base, partner);
        return true as const;
      });
      ctx.waitUntil(rung.catch((error: unknown) => log("doorbell_failed", describeError(error))));
    },
    signAsCreator:
      (creator: Creator): SubmitPetitionDeps["signAsCreator"] =>
      (petition) =>
        signAsCreator(db, petition, creator),
    composers: {
      [ANSWER_SUBMISSION]: (items: readonly string[], _: unknown, createdAt: number) =>
        composeAnswers(base, items, createdAt),
      [CONFIRM_WITHDRAWAL]: (items: readonly string[], sealed: Bytes | null) =>
        composeFarewells(base, items, { sealed, letter: withdrawalMail }),
      [ERASED]: (items: readonly string[], sealed: Bytes | null) =>
        composeFarewells(base, items, { sealed, letter: erasureMail }),
      [PERSON_LINKS]: (items: readonly string[]) => composePersonLinks(base, items),
      [REMIND_UNVERIFIED]: (items: readonly string[], _: unknown, createdAt: number) =>
        composeVerificationReminders(base, items, createdAt),
      [STAFF_REMINDER]: (items: readonly string[]) => composeReminders(base, items),
      [CREATOR_NEWS]: (items: readonly string[]) => composeCreatorNews({ ...base, creatorOf: creator }, items),
      [ANSWER_OVERDUE]: (items: readonly string[]) => composeOverdue({ ...base, creatorOf: creator }, items),
      [THRESHOLD_REACHED]: (items: readonly string[]) =>
        composeThresholdReached({ ...base, creatorOf: creator }, items),
      [MAILING_TEST]: (items: readonly string[]) => composeTests(base, items),
      [TELL_DIFFERENCE]: (items: readonly string[]) => composeDifferences(base, items),
      [TELL_ALARM]: (items: readonly string[]) => composeAlarms(base, items),
      [WEBHOOK_DISABLED]: (items: readonly string[]) => composeWebhooksDisabled(base, items),
    },
    openReference: (of: Parameters<typeof openReference>[1]) => openReference(base, of),
    creatorName: async (petition: CreatorKey) => (await creator(petition))?.name ?? null,
    requireStaff: (headers: Headers, atLeast: Role) => requireStaff(base, headers, atLeast),
    requirePartner: (headers: Headers, asked: Asked) => requirePartner(base, headers, asked),
    requirePetition: (staff: Staff, id: string) => requirePetition(base, staff, id),
    staticFile: (path: string) => staticFile(env.STATIC, path),
    capture: config.local ? env.MAIL_CAPTURE : undefined,
    frame: {
      locale: config.locales[0],
      municipality: config.municipality,
      contact: config.contact,
      privacyNoticeUrl: config.privacyNoticeUrl,
    },
  };
}

export type Deps = ReturnType<typeof openDeps>;

/** What lives as long as the isolate. Throws a `ConfigError`. */
export function openIsolate(env: Bindings): Isolate {
  const known = isolates.get(env);
  if (known) return known;
  const config = readConfig(env);
  const keys = new RootKeys(config.rootKey, config.rootKeyPrevious);
  const isolate: Isolate = {
    config,
    keys,
    limits: limiterOf(env, config),
    ruleBook: new RuleBook(keys, clock, config.local),
    sender: senderOf(env, config),
    petitions: new PetitionDirectory(keys, clock),
    lists: new ReferenceLists(clock),
    notices: new NoticeBook(clock),
    answers: new FreshCache(REMEMBERED_ANSWERS, clock),
    partnerKeys: new KeyBook(clock),
    rungPartners: new FreshCache(REMEMBERED_PARTNERS, clock),
    claims: durableClaims(env.IDEMPOTENCY, config.jurisdiction),
    assertions: config.access && new AccessAssertions(config.access, clock),
  };
  isolates.set(env, isolate);
  return isolate;
}

const retentionOf = ({ unverifiedDays, addressDays, retentionMonths, timeZone }: Config): RetentionPolicy => ({
  ...{ unverifiedDays, addressDays, retentionMonths, timeZone },
});

/** Raises `unavailable` when the file can't be had. */
async function staticFile(files: Fetcher, path: string): Promise<string> {
  try {
    const answer = await files.fetch(`https://static.invalid${path}`);
    if (answer.ok) return await answer.text();
    log("static_file_failed", { path, status: answer.status });
  } catch (error) {
    log("static_file_failed", { path, ...describeError(error) });
  }
  throw new Problem("unavailable", { headers: { "Retry-After": "10" } });
}

function limiterOf(env: Bindings, config: Config): LimiterPort {
  return config.upstash ? upstashLimiter(config.upstash, clock) : durableLimiter(env.LIMITER, config.jurisdiction);
}

/** `readConfig` has made sure that the one that is needed is there. Resend goes before a binding that is there too. */
function senderOf(env: Bindings, config: Config): MailSender {
  const from = { email: config.mailFrom, name: config.municipality };
  if (config.local) return captureSender(env.MAIL_CAPTURE as DurableObjectNamespace<MailCapture>, clock);
  if (config.resend) return resendSender(config.resend.apiKey, from, clock);
  return cloudflareSender(env.MAILER as SendEmail, from);
}
