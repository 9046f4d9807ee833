import { takeBreakdowns } from "./counts/take-breakdowns.ts";
import { takeSnapshots } from "./counts/take-snapshots.ts";
import { forgetDeadLetters } from "./db/dead-letters.store.ts";
import type { Deps } from "./deps.ts";
import { reconcileTallies } from "./integrity/reconcile-tallies.ts";
import { ringForgottenRuns } from "./integrity/ring-forgotten-runs.ts";
import { takeIntegrityReports } from "./integrity/take-integrity-reports.ts";
import { watchPetitions } from "./integrity/watch-petitions.ts";
import { describeError, log } from "./lib/log.ts";
import { resealLists } from "./limits/settings.ts";
import { forgetDeliveryEvents } from "./mail/record-delivery-events.ts";
import { ringForgottenMail } from "./mail/ring-forgotten-mail.ts";
import { countRecipients } from "./mailings/count-recipients.ts";
import { postMailings } from "./mailings/post-mailings.ts";
import { remindStaff } from "./overview/remind-staff.ts";
import { forgetDeliveries } from "./partners/webhooks/forget-deliveries.ts";
import { resealSigningKeys } from "./partners/webhooks/reseal-signing-keys.ts";
import { ringWaitingWebhooks } from "./partners/webhooks/ring-waiting-webhooks.ts";
import { tellDailyTotals } from "./partners/webhooks/tell-daily-totals.ts";
import { closeDuePetitions } from "./petitions/close-due-petitions.ts";
import { openDuePetitions } from "./petitions/moderation/open-due-petitions.ts";
import { tellOverdue } from "./petitions/news/tell-overdue.ts";
import { rankPetitions } from "./petitions/rank-petitions.ts";
import { removeAbandonedDrafts } from "./petitions/remove-abandoned-drafts.ts";
import { rewrapSecrets } from "./petitions/rewrap-secrets.ts";
import { erasePetitions, planErasures } from "./privacy/retention/erase-petitions.ts";
import { expireAddresses } from "./privacy/retention/expire-addresses.ts";
import { forgetWithTime } from "./privacy/retention/forget-with-time.ts";
import { expireSignatures } from "./signatures/expire-signatures.ts";
import { forgetSent } from "./signatures/forget-sent.ts";
import { forgetTests } from "./signatures/forget-tests.ts";
import { remindUnverified } from "./signatures/remind-unverified.ts";

// As long as D1 could be taken back to before: by then staff have seen them, and their personal data must end.
const DEAD_LETTER_MS = 30 * 24 * 60 * 60_000;

type Job = (deps: Deps) => Promise<unknown>;

/** Schedule → jobs. Every job may be missed or run twice. The schedules are those of wrangler.toml. */
const jobs: Readonly<Record<string, Readonly<Record<string, Job>>>> = {
  "* * * * *": {
    open_due_petitions: openDuePetitions,
    close_due_petitions: closeDuePetitions,
    ring_forgotten_mail: ringForgottenMail,
    ring_forgotten_runs: ringForgottenRuns,
    ring_waiting_webhooks: ringWaitingWebhooks,
    rank_petitions: rankPetitions,
    remind_staff: remindStaff,
    remind_unverified: remindUnverified,
    reconcile_tallies: ({ db, clock }) => reconcileTallies({ db, clock }),
    watch_petitions: watchPetitions,
    expire_addresses: ({ db, clock, retention: policy }) => expireAddresses({ db, clock, policy }),
    erase_petitions: ({ db, clock, retention: policy }) => erasePetitions({ db, clock, policy }),
    count_recipients: countRecipients,
    // The last: it may take most of the minute.
    post_mailings: postMailings,
  },
  "17 * * * *": {
    tell_daily_totals: tellDailyTotals,
    take_breakdowns: takeBreakdowns,
    take_snapshots: takeSnapshots,
    expire_signatures: ({ db, clock, config }) => expireSignatures({ db, clock, days: config.unverifiedDays }),
    remove_abandoned_drafts: ({ db, clock, config }) =>
      removeAbandonedDrafts({ db, clock, days: config.unverifiedDays }),
    forget_dead_letters: ({ db, clock }) => db.batch([forgetDeadLetters(db, clock() - DEAD_LETTER_MS)]),
    rewrap_secrets: ({ db, keys, config }) =>
      rewrapSecrets({ db, keys, rotating: config.rootKeyPrevious !== undefined }),
    reseal_lists: ({ db, keys, config }) => resealLists({ db, keys, rotating: config.rootKeyPrevious !== undefined }),
    reseal_signing_keys: ({ db, keys, config }) =>
      resealSigningKeys({ db, keys, rotating: config.rootKeyPrevious !== undefined }),
    forget_tests: ({ db, clock }) => forgetTests({ db, clock }),
    forget_sent: ({ db, clock, config }) => forgetSent({ db, clock, unverifiedDays: config.unverifiedDays }),
    forget_delivery_events: forgetDeliveryEvents,
    forget_deliveries: ({ db, clock }) => forgetDeliveries({ db, clock }),
    tell_overdue: tellOverdue,
    take_integrity_reports: takeIntegrityReports,
    plan_erasures: ({ db, retention: policy }) => planErasures({ db, policy }),
    forget_with_time: ({ db, clock }) => forgetWithTime({ db, clock }),
  },
};

/** Runs the jobs of a schedule; one that fails is logged and stops no other. */
export async function runJobs(schedule: string, deps: Deps): Promise<void> {
  for (const [name, job] of Object.entries(jobs[schedule] ?? {})) {
    try {
      await job(deps);
    } catch (error) {
      log("job_failed", { job: name, ...describeError(error) });
    }
  }
}
