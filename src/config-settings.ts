import * as v from "valibot";
import { type Bytes, fromBase64 } from "./lib/bytes.ts";
import { parseThresholds, type Threshold } from "./petitions/opening.ts";

const required = (name: string) => v.pipe(v.string(`${name} is missing`), v.nonEmpty(`${name} is empty`));

/** A whole number from 1 on. */
const wholeNumber = (name: string, fallback: string, max: number) =>
  v.pipe(
    v.optional(v.string(), fallback),
    v.regex(/^\d{1,5}$/, `${name} is not a whole number`),
    v.transform(Number),
    v.minValue(1, `${name} is too small`),
    v.maxValue(max, `${name} is too large`),
  );

const rootKey = (name: string) =>
  v.pipe(
    required(name),
    v.transform((text): Bytes => fromBase64(text) ?? new Uint8Array()),
    v.check((bytes) => bytes.length === 32, `${name} is not 32 bytes in base64`),
  );

// Alarms and staff who look after a weekend need to see where signatures came from.
const LEAST_ADDRESS_DAYS = 7;

/** The settings as they stand in the environment: each text checked and read. Messages begin with the name and repeat no value. */
export const Settings = v.object({
  ENVIRONMENT: v.pipe(required("ENVIRONMENT"), v.regex(/^[a-z][a-z0-9-]{0,31}$/, "ENVIRONMENT is malformed")),
  PUBLIC_URL: v.pipe(
    required("PUBLIC_URL"),
    v.url("PUBLIC_URL is not a URL"),
    v.transform((url) => url.replace(/\/+$/, "")),
    v.check((url) => new URL(url).origin === url.toLowerCase(), "PUBLIC_URL has more than an origin"),
  ),
  MUNICIPALITY: v.pipe(required("MUNICIPALITY"), v.maxLength(100, "MUNICIPALITY is over 100 characters")),
  TIME_ZONE: v.pipe(required("TIME_ZONE"), v.check(isTimeZone, "TIME_ZONE is not an IANA time zone")),
  LOCALES: v.pipe(
    required("LOCALES"),
    v.transform((text) => text.split(",").map((tag) => tag.trim())),
    v.check((tags) => tags.every(isLanguageTag), "LOCALES is not a list of language tags"),
    v.transform((tags) => tags as [string, ...string[]]),
  ),
  MAIL_FROM: v.pipe(required("MAIL_FROM"), v.email("MAIL_FROM is not an e-mail address")),
  CONTACT: required("CONTACT"),
  PRIVACY_NOTICE_URL: v.pipe(
    required("PRIVACY_NOTICE_URL"),
    v.url("PRIVACY_NOTICE_URL is not a URL"),
    v.regex(/^https?:/i, "PRIVACY_NOTICE_URL is not a web address"),
  ),
  PETITION_PAGE: v.optional(
    v.pipe(
      v.string(),
      v.url("PETITION_PAGE is not a URL"),
      v.regex(/^https?:/i, "PETITION_PAGE is not a web address"),
      v.check((url) => url.includes("{id}"), "PETITION_PAGE lacks {id}"),
    ),
  ),
  ROOT_KEY: rootKey("ROOT_KEY"),
  ROOT_KEY_PREVIOUS: v.optional(rootKey("ROOT_KEY_PREVIOUS")),
  STAFF_BOOTSTRAP_KEY: v.optional(
    v.pipe(v.string(), v.minLength(32, "STAFF_BOOTSTRAP_KEY is shorter than 32 characters")),
  ),
  ACCESS_TEAM_DOMAIN: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.cloudflareaccess\.com$/, "ACCESS_TEAM_DOMAIN is malformed"),
    ),
  ),
  ACCESS_AUDIENCE: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "ACCESS_AUDIENCE is malformed"))),
  UPSTASH_REDIS_REST_URL: v.optional(
    v.pipe(
      required("UPSTASH_REDIS_REST_URL"),
      v.url("UPSTASH_REDIS_REST_URL is not a URL"),
      v.regex(/^https?:\/\/\S+$/, "UPSTASH_REDIS_REST_URL is not a URL"),
    ),
  ),
  UPSTASH_REDIS_REST_TOKEN: v.optional(
    v.pipe(required("UPSTASH_REDIS_REST_TOKEN"), v.regex(/^[!-~]+$/, "UPSTASH_REDIS_REST_TOKEN is malformed")),
  ),
  RESEND_API_KEY: v.optional(v.pipe(v.string(), v.regex(/^re_[\w-]{8,200}$/, "RESEND_API_KEY is malformed"))),
  RESEND_WEBHOOK_SECRET: v.optional(
    v.pipe(v.string(), v.check(isWebhookSecret, "RESEND_WEBHOOK_SECRET is not whsec_ and 16 bytes or more in base64")),
  ),
  UNVERIFIED_DAYS: wholeNumber("UNVERIFIED_DAYS", "14", 90),
  ADDRESS_DAYS: v.pipe(
    wholeNumber("ADDRESS_DAYS", "30", 365),
    v.minValue(LEAST_ADDRESS_DAYS, "ADDRESS_DAYS is too small"),
  ),
  RETENTION_MONTHS: v.pipe(
    v.optional(v.string(), "6"),
    v.regex(/^([1-9]|[1-9]\d|1[01]\d|120)$/, "RETENTION_MONTHS is not from 1 to 120"),
    v.transform(Number),
  ),
  RESPONSE_DUE_DAYS: wholeNumber("RESPONSE_DUE_DAYS", "60", 730),
  MAILINGS_PER_MINUTE: wholeNumber("MAILINGS_PER_MINUTE", "300", 60_000),
  JURISDICTION: v.optional(v.picklist(["eu", "us", "none"], "JURISDICTION is none of eu, us, none")),
  THRESHOLDS: v.pipe(
    v.optional(v.string(), "response=100,hearing=1000"),
    v.transform(parseThresholds),
    v.check((thresholds) => thresholds !== null, "THRESHOLDS is not of the form response=100,hearing=1000"),
    v.transform((thresholds) => thresholds as readonly Threshold[]),
  ),
  DURATION_MONTHS: v.pipe(
    v.optional(v.string(), "6"),
    v.regex(/^([1-9]|[1-5]\d|60)$/, "DURATION_MONTHS is not from 1 to 60"),
    v.transform(Number),
  ),
  SUPPORTERS_NEEDED: v.pipe(
    v.optional(v.string(), "5"),
    v.regex(/^(1?\d|20)$/, "SUPPORTERS_NEEDED is not from 0 to 20"),
    v.transform(Number),
  ),
  SUPPORTERS_MAX: v.pipe(
    v.optional(v.string(), "20"),
    v.regex(/^([1-9]\d?|100)$/, "SUPPORTERS_MAX is not from 1 to 100"),
    v.transform(Number),
  ),
});

function isWebhookSecret(secret: string): boolean {
  return secret.startsWith("whsec_") && (fromBase64(secret.slice(6))?.length ?? 0) >= 16;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function isLanguageTag(tag: string): boolean {
  try {
    return tag.length <= 35 && Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
