import { AccessAssertions } from "./access/access-assertion.ts";
import { ReferenceLists } from "./areas/reference-lists.ts";
import type { Bindings } from "./bindings.ts";
import { type Config, readConfig } from "./config.ts";
import type { PublicBody } from "./http/caching.ts";
import { FreshCache } from "./lib/fresh-cache.ts";
import { Gathered } from "./lib/gathered.ts";
import { RootKeys } from "./lib/root-keys.ts";
import { durableLimiter } from "./limits/durable-limiter.ts";
import { FirstTries } from "./limits/first-tries.ts";
import type { LimiterPort } from "./limits/limiter.ts";
import { RuleBook } from "./limits/rule-book.ts";
import { upstashLimiter } from "./limits/upstash-limiter.ts";
import { captureSender, type MailCapture } from "./mail/capture-sender.ts";
import { cloudflareSender } from "./mail/cloudflare-sender.ts";
import { resendSender } from "./mail/resend-sender.ts";
import type { MailSender } from "./mail/sender.ts";
import { NoticeBook } from "./notices/notice-book.ts";
import { durableClaims } from "./partners/idempotency/durable-claims.ts";
import { KeyBook } from "./partners/key-book.ts";
import { PetitionDirectory } from "./petitions/petition-directory.ts";
import type { RetentionPolicy } from "./privacy/retention/retention.ts";
import { REMIND_AFTER_MS } from "./signatures/remind-unverified.ts";
import { ANSWER_SUBMISSION } from "./signatures/signature.ts";

// Public answers an isolate remembers, at most twice as many: a list of 50 is up to 90 KB, most answers are 2 KB.
const REMEMBERED_ANSWERS = 100;
// Partners of whom an isolate remembers that it has just rung for them.
const REMEMBERED_PARTNERS = 100;

// So long the mails that somebody got today stay counted in a rush after they have verified: one call is for many.
const FORGET_MAILS_MS = 2_000;

/** What lives as long as an isolate: settings, keys, and what was read lately. */
export type Isolate = ReturnType<typeof makeIsolate>;

// The platform gives every event of an isolate the same `env`; another `env` is another isolate.
const isolates = new WeakMap<object, Isolate>();

/** Milliseconds since 1970. */
export const clock = (): number => Date.now();

/** What lives as long as the isolate, if anything has been asked of it yet. */
export const knownIsolate = (env: Bindings): Isolate | undefined => isolates.get(env);

/** What lives as long as the isolate. Throws a `ConfigError`. */
export function openIsolate(env: Bindings): Isolate {
  const known = isolates.get(env);
  if (known) return known;
  const isolate = makeIsolate(env, readConfig(env));
  isolates.set(env, isolate);
  return isolate;
}

function makeIsolate(env: Bindings, config: Config) {
  const keys = new RootKeys(config.rootKey, config.rootKeyPrevious);
  const { access, locales, municipality, contact, privacyNoticeUrl } = config;
  const { unverifiedDays, addressDays, retentionMonths, timeZone } = config;
  const retention: RetentionPolicy = { unverifiedDays, addressDays, retentionMonths, timeZone };
  return {
    clock,
    config,
    keys,
    limits: limiterOf(env, config),
    firstTries: new FirstTries(clock),
    ruleBook: new RuleBook(keys, clock, config.local),
    sender: senderOf(env, config),
    petitions: new PetitionDirectory(keys, clock),
    lists: new ReferenceLists(clock),
    notices: new NoticeBook(clock),
    /** Answers that all may read, as sent. */
    answers: new FreshCache<PublicBody>(REMEMBERED_ANSWERS, clock),
    partnerKeys: new KeyBook(clock),
    rungPartners: new FreshCache<true>(REMEMBERED_PARTNERS, clock),
    /** Recipients who have verified, as the limits know them. */
    verified: new Gathered<string>(FORGET_MAILS_MS, clock),
    claims: durableClaims(env.IDEMPOTENCY, config.jurisdiction),
    assertions: access && new AccessAssertions(access, clock),
    publicUrl: config.publicUrl,
    local: config.local,
    municipality,
    contact,
    mailFrom: config.mailFrom,
    privacyNoticeUrl,
    petitionUrl: (id: string) => config.petitionPage.replaceAll("{id}", id),
    timeZone,
    unverifiedDays,
    retention,
    responseDueDays: config.responseDueDays,
    supporters: config.supporters,
    mailingsPerMinute: config.mailingsPerMinute,
    thresholds: config.thresholds,
    durationMonths: config.durationMonths,
    locales,
    singleSignOn: access !== undefined,
    resendWebhookSecret: config.resend?.webhookSecret,
    remindAfterMs: { [ANSWER_SUBMISSION]: REMIND_AFTER_MS },
    capture: config.local ? env.MAIL_CAPTURE : undefined,
    frame: { locale: locales[0], municipality, contact, privacyNoticeUrl },
  };
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
