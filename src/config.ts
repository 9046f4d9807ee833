import * as v from "valibot";
import { Settings } from "./config-settings.ts";
import { type Bytes, fromBase64, sameBytes } from "./lib/bytes.ts";
import { RootKeys } from "./lib/root-keys.ts";
import type { Threshold } from "./petitions/opening.ts";

/** The key that local development and tests run with. Anyone can read it here, so it is refused everywhere else. */
export const LOCAL_ROOT_KEY = "bG9jYWwtZGV2ZWxvcG1lbnQta2V5LW5vdC1zZWNyZXQ=";

/** The staff key that works in local mode only. */
export const LOCAL_STAFF_KEY = "fm_staff_local";

/** What holds for a petition when it opens, unless staff or an import say otherwise. */
export interface PetitionPolicy {
  readonly timeZone: string;
  /** BCP 47 tags; the first is the default. */
  readonly locales: readonly [string, ...string[]];
  readonly thresholds: readonly Threshold[];
  /** Calendar months that a petition stays open. */
  readonly durationMonths: number;
}

/** Every setting, parsed. */
export interface Config extends PetitionPolicy {
  readonly environment: string;
  /** Local mode: captured mail, the local staff key, and nothing that leaves the machine. */
  readonly local: boolean;
  /** Origin under which residents reach the service, without a slash at the end. */
  readonly publicUrl: string;
  readonly municipality: string;
  readonly mailFrom: string;
  readonly contact: string;
  readonly privacyNoticeUrl: string;
  /** The page on which residents read a petition, with `{id}` for its id. */
  readonly petitionPage: string;
  readonly rootKey: Bytes;
  readonly rootKeyPrevious: Bytes | undefined;
  readonly staffBootstrapKey: string | undefined;
  /** Set when staff get in by Cloudflare Access too: the team's host name, and the application's audience tag. */
  readonly access: { readonly teamDomain: string; readonly audience: string } | undefined;
  /** Where limits are counted instead of in Durable Objects. */
  readonly upstash: { readonly url: string; readonly token: string } | undefined;
  /** Set when mail goes through Resend. */
  readonly resend: { readonly apiKey: string; readonly webhookSecret: string } | undefined;
  /** Days after which an unverified signature is deleted. */
  readonly unverifiedDays: number;
  /** Days after which address and network of a signature are erased. */
  readonly addressDays: number;
  /** Calendar months after a petition's end until everything personal of it is erased. */
  readonly retentionMonths: number;
  /** Days after a threshold is reached by which the municipality has to do what it stands for. */
  readonly responseDueDays: number;
  /** Mails a minute of all mailings to signers together. */
  readonly mailingsPerMinute: number;
  /** Supporters who must have verified before staff look at a new petition (0: none), and the most who may until it opens. */
  readonly supporters: { readonly needed: number; readonly max: number };
  /** Where Durable Objects keep their data; the database and the queues were created there. Undefined: anywhere. */
  readonly jurisdiction: "eu" | "us" | undefined;
}

/** The settings are not fit to serve with. `problems` names each one and never repeats a value. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("; "));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/** Reads every setting from the Worker's bindings. Throws a `ConfigError` that names all that are missing or malformed. */
export function readConfig(env: object): Config {
  const local = Reflect.get(env, "ENVIRONMENT") === "local";
  const result = v.safeParse(Settings, env);
  const problems = [
    ...(result.issues ?? []).map((issue) => nameIssue(issue, env)),
    ...halfOf(env, ["UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN"], "Upstash needs its URL and its token"),
    ...halfOf(env, ["ACCESS_TEAM_DOMAIN", "ACCESS_AUDIENCE"], "single sign-on needs the team and the application"),
    ...tooFewSupporters(env),
    ...bindingProblems(env, local),
    ...senderProblems(env, local),
    ...(local ? [] : localOnlyProblems(env)),
  ];
  if (!result.success || problems.length > 0) throw new ConfigError(problems);
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token, ...settings } = result.output;
  const { ACCESS_TEAM_DOMAIN: teamDomain, ACCESS_AUDIENCE: audience } = settings;
  return {
    ...petitionPolicy(settings),
    environment: settings.ENVIRONMENT,
    local,
    publicUrl: settings.PUBLIC_URL,
    municipality: settings.MUNICIPALITY,
    mailFrom: settings.MAIL_FROM,
    contact: settings.CONTACT,
    privacyNoticeUrl: settings.PRIVACY_NOTICE_URL,
    petitionPage: settings.PETITION_PAGE ?? `${settings.PUBLIC_URL}/v1/petitions/{id}`,
    rootKey: settings.ROOT_KEY,
    rootKeyPrevious: settings.ROOT_KEY_PREVIOUS,
    staffBootstrapKey: settings.STAFF_BOOTSTRAP_KEY,
    access: teamDomain && audience ? { teamDomain, audience } : undefined,
    upstash: url && token ? { url, token } : undefined,
    resend:
      settings.RESEND_API_KEY !== undefined && settings.RESEND_WEBHOOK_SECRET !== undefined
        ? { apiKey: settings.RESEND_API_KEY, webhookSecret: settings.RESEND_WEBHOOK_SECRET }
        : undefined,
    unverifiedDays: settings.UNVERIFIED_DAYS,
    addressDays: settings.ADDRESS_DAYS,
    retentionMonths: settings.RETENTION_MONTHS,
    responseDueDays: settings.RESPONSE_DUE_DAYS,
    mailingsPerMinute: settings.MAILINGS_PER_MINUTE,
    supporters: { needed: settings.SUPPORTERS_NEEDED, max: settings.SUPPORTERS_MAX },
    jurisdiction: jurisdictionOf(settings),
  };
}

/** Local mode has no jurisdictions: workerd throws when it is asked for one. */
function jurisdictionOf({ ENVIRONMENT, JURISDICTION }: v.InferOutput<typeof Settings>): "eu" | "us" | undefined {
  return ENVIRONMENT === "local" || JURISDICTION === "none" ? undefined : JURISDICTION;
}

const PolicySettings = v.pick(Settings, ["TIME_ZONE", "LOCALES", "THRESHOLDS", "DURATION_MONTHS"]);

/** Reads only what opens a petition, for commands that have settings but no bindings. Throws a `ConfigError`. */
export function readPetitionPolicy(vars: object): PetitionPolicy {
  const result = v.safeParse(PolicySettings, vars);
  if (!result.success) throw new ConfigError(result.issues.map((issue) => nameIssue(issue, vars)));
  return petitionPolicy(result.output);
}

const KeySettings = v.pick(Settings, ["ROOT_KEY", "ROOT_KEY_PREVIOUS"]);

/** Reads only the root keys, for commands; `local` as in `Config`. Throws a `ConfigError` that never repeats them. */
export function readRootKeys(secrets: object, local: boolean): RootKeys {
  const result = v.safeParse(KeySettings, secrets);
  const problems = [
    ...(result.issues ?? []).map((issue) => nameIssue(issue, secrets)),
    ...(local ? [] : publishedKeyProblems(secrets)),
  ];
  if (!result.success || problems.length > 0) throw new ConfigError(problems);
  return new RootKeys(result.output.ROOT_KEY, result.output.ROOT_KEY_PREVIOUS);
}

const petitionPolicy = (settings: v.InferOutput<typeof PolicySettings>): PetitionPolicy => ({
  timeZone: settings.TIME_ZONE,
  locales: settings.LOCALES,
  thresholds: settings.THRESHOLDS,
  durationMonths: settings.DURATION_MONTHS,
});

function bindingProblems(env: object, local: boolean): string[] {
  const needed = [
    "DB",
    "INTAKE",
    "MAIL",
    "MAIL_EVENTS",
    "REVIEW",
    "WEBHOOKS",
    "LIMITER",
    "IDEMPOTENCY",
    ...(local ? ["MAIL_CAPTURE"] : []),
  ];
  return needed.filter((name) => !isBound(env, name)).map((name) => `binding ${name} is missing`);
}

/** A setting that is no use without the other. */
function halfOf(env: object, names: readonly [string, string], why: string): string[] {
  const missing = names.filter((name) => Reflect.get(env, name) === undefined);
  return missing.length === 1 ? [`${missing[0]} is missing: ${why}`] : [];
}

/** A petition could never leave its gate. */
function tooFewSupporters(env: object): string[] {
  const number = (name: string, usual: number) => Number(Reflect.get(env, name) ?? usual);
  const tooFew = number("SUPPORTERS_MAX", 20) < number("SUPPORTERS_NEEDED", 5);
  return tooFew ? ["SUPPORTERS_MAX is smaller than SUPPORTERS_NEEDED"] : [];
}

/**
 * Resend is one setting with two halves. Where both it and MAILER are there, Resend sends: MAILER comes with
 * wrangler.toml, and whoever sets a key means it.
 */
function senderProblems(env: object, local: boolean): string[] {
  const [key, secret] = ["RESEND_API_KEY", "RESEND_WEBHOOK_SECRET"].map((name) => Reflect.get(env, name) !== undefined);
  if (key && !secret) return ["RESEND_WEBHOOK_SECRET is missing beside RESEND_API_KEY"];
  if (secret && !key) return ["RESEND_API_KEY is missing beside RESEND_WEBHOOK_SECRET"];
  return local || key || isBound(env, "MAILER") ? [] : ["binding MAILER is missing, and so is RESEND_API_KEY"];
}

const isBound = (env: object, name: string): boolean => {
  const binding: unknown = Reflect.get(env, name);
  return typeof binding === "object" && binding !== null;
};

/** What belongs to local mode and would be a hole anywhere else. */
function localOnlyProblems(env: object): string[] {
  const text = (name: string) => String(Reflect.get(env, name) ?? "");
  const problems = publishedKeyProblems(env);
  if (text("STAFF_BOOTSTRAP_KEY").startsWith(LOCAL_STAFF_KEY)) problems.push("STAFF_BOOTSTRAP_KEY is local mode's");
  if (Reflect.has(env, "MAIL_CAPTURE")) problems.push("binding MAIL_CAPTURE is for local mode only");
  if (text("PUBLIC_URL") !== "" && !text("PUBLIC_URL").startsWith("https://")) problems.push("PUBLIC_URL is not https");
  if (text("UPSTASH_REDIS_REST_URL").startsWith("http://")) problems.push("UPSTASH_REDIS_REST_URL is not https");
  return problems;
}

function publishedKeyProblems(env: object): string[] {
  // Base64 has several spellings for the same bytes.
  const bytesOf = (text: unknown) => fromBase64(String(text ?? "")) ?? new Uint8Array();
  return ["ROOT_KEY", "ROOT_KEY_PREVIOUS"]
    .filter((name) => sameBytes(bytesOf(Reflect.get(env, name)), bytesOf(LOCAL_ROOT_KEY)))
    .map((name) => `${name} is the published key of local mode`);
}

function nameIssue(issue: v.BaseIssue<unknown>, env: object): string {
  const name = String(issue.path?.[0]?.key ?? "settings");
  if (Reflect.get(env, name) === undefined) return `${name} is missing`;
  // Valibot's own messages quote the input; ours begin with the setting's name.
  return issue.message.startsWith(name) ? issue.message : `${name} is malformed`;
}
