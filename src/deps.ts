import { requireStaff } from "./access/require-staff.ts";
import type { Role, Staff } from "./access/staff.ts";
import type { Bindings } from "./bindings.ts";
import { openDatabase } from "./db/database.ts";
import { Problem } from "./http/problems.ts";
import { composeAlarms, composeDifferences } from "./integrity/integrity-mails.ts";
import { TELL_DIFFERENCE } from "./integrity/reconcile-tallies.ts";
import { TELL_ALARM } from "./integrity/watch-petitions.ts";
import { clock, openIsolate } from "./isolate.ts";
import type { Bytes } from "./lib/bytes.ts";
import { inTime } from "./lib/in-time.ts";
import { describeError, log } from "./lib/log.ts";
import { Limiter, type Verdict } from "./limits/limiter.ts";
import type { Composer } from "./mail/mail-job.ts";
import type { DeliveryMessage } from "./mail/record-delivery-events.ts";
import { recordMailingEvents } from "./mailings/record-mailing-events.ts";
import { composeTests, MAILING_TEST } from "./mailings/test-mailing.ts";
import { composeReminders } from "./overview/compose-reminders.ts";
import { STAFF_REMINDER } from "./overview/remind-staff.ts";
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
import type { Creator } from "./petitions/petitions.routes.ts";
import { requirePetition } from "./petitions/require-petition.ts";
import type { SignAsCreator } from "./petitions/submit-petition.ts";
import { composePersonLinks } from "./privacy/person/compose-person-links.ts";
import { PERSON_LINKS } from "./privacy/person/request-link.ts";
import { composeAnswers, composeFarewells, composeVerificationReminders } from "./signatures/compose-signature-mail.ts";
import { countMailed } from "./signatures/count-mailed.ts";
import { creatorOf } from "./signatures/creator-of.ts";
import { openReference } from "./signatures/open-reference.ts";
import { recordMailTrouble } from "./signatures/record-mail-trouble.ts";
import { recordSubmissions } from "./signatures/record-submissions.ts";
import { signAsCreator } from "./signatures/sign-as-creator.ts";
import { ANSWER_SUBMISSION, CONFIRM_WITHDRAWAL, ERASED, REMIND_UNVERIFIED } from "./signatures/signature.ts";
import { erasureMail, withdrawalMail } from "./signatures/signature-mails.ts";
import type { IntakeMessage } from "./signatures/submission.ts";

// A doorbell that hangs is given up: the sweeper rings a minute later.
const DOORBELL_MS = 2_000;

/**
 * Everything that verbs and routes need for one event, from the Worker's bindings. What the isolate has it has by its
 * prototype: to copy that many properties takes a hundred times as long as to inherit them. So it is not to be spread.
 * Throws a `ConfigError`.
 */
export function openDeps(env: Bindings, ctx: Pick<ExecutionContext, "waitUntil">) {
  const isolate = openIsolate(env);
  const { db, cost } = openDatabase(env.DB);
  const limiter = new Limiter(isolate.limits, isolate.keys, clock, () => isolate.ruleBook.current(db));
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
  const base = inheriting(isolate, {
    db,
    cost,
    limiter,
    limitsTold: [] as Verdict[],
    rules: limiter.rules,
    switches: async () => (await limiter.rules()).switches,
    later: (work: Promise<unknown>) => ctx.waitUntil(work),
    ring,
    ringReview,
    ringWebhooks,
    recipientHash: (canonical: string) => limiter.hash(canonical),
    channels: async () => (await isolate.lists.get(db)).channels,
    creatorOf: (petition: CreatorKey): ReturnType<typeof creatorOf> => creatorOf(base, petition),
  });
  const recordBatch = (bodies: readonly unknown[]) => recordSubmissions(base, bodies);
  return Object.assign(base, {
    recordBatch,
    enqueue: (message: IntakeMessage) => env.INTAKE.send(message),
    enqueueAll: (messages: readonly IntakeMessage[]) => env.INTAKE.sendBatch(messages.map((body) => ({ body }))),
    enqueueDelivery: (message: DeliveryMessage) => env.MAIL_EVENTS.send(message),
    countMailed: (items: readonly string[]) => countMailed(db, items),
    recordTrouble: (troubles: Parameters<typeof recordMailTrouble>[1]) => recordMailTrouble(base, troubles),
    recordNews: (news: Parameters<typeof recordMailingEvents>[1]) => recordMailingEvents(base, news),
    record: async (message: IntakeMessage) => {
      const [outcome] = await recordBatch([message]);
      if (outcome !== "done") throw new Error("the database did not take the submission");
    },
    resetMailLimit: (recipient: string) => {
      const work = isolate.verified.add(recipient, (recipients) =>
        limiter.forget(recipients, [{ policy: "mail_recipient", scope: "" }]),
      );
      if (work) ctx.waitUntil(work);
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
      (creator: Creator): SignAsCreator =>
      (petition) =>
        signAsCreator(db, petition, creator),
    composerOf: (kind: string): Composer | undefined => {
      const composers: Readonly<Record<string, Composer>> = {
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
        [CREATOR_NEWS]: (items: readonly string[]) => composeCreatorNews(base, items),
        [ANSWER_OVERDUE]: (items: readonly string[]) => composeOverdue(base, items),
        [THRESHOLD_REACHED]: (items: readonly string[]) => composeThresholdReached(base, items),
        [MAILING_TEST]: (items: readonly string[]) => composeTests(base, items),
        [TELL_DIFFERENCE]: (items: readonly string[]) => composeDifferences(base, items),
        [TELL_ALARM]: (items: readonly string[]) => composeAlarms(base, items),
        [WEBHOOK_DISABLED]: (items: readonly string[]) => composeWebhooksDisabled(base, items),
      };
      return composers[kind];
    },
    openReference: (of: Parameters<typeof openReference>[1]) => openReference(base, of),
    creatorName: async (petition: CreatorKey) => (await base.creatorOf(petition))?.name ?? null,
    requireStaff: (headers: Headers, atLeast: Role) => requireStaff(base, headers, atLeast),
    requirePartner: (headers: Headers, asked: Asked) => requirePartner(base, headers, asked),
    requirePetition: (staff: Staff, id: string) => requirePetition(base, staff, id),
    staticFile: (path: string) => staticFile(env.STATIC, path),
  });
}

export type Deps = ReturnType<typeof openDeps>;

/** An object with properties of its own that has all that another one has. */
const inheriting = <From extends object, Own extends object>(from: From, own: Own): Own & From =>
  // Objects that are created so share their hidden class from the start; one whose prototype is set afterwards has its own.
  Object.assign(Object.create(from), own);

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
