import { de } from "./de.ts";
import { en } from "./en.ts";
import { fr } from "./fr.ts";

/** English is the reference: another language that misses a text, or has one too many, does not compile. */
export type Catalogue = typeof en;

/** The languages that texts exist in. */
export type LanguageCode = "en" | "de" | "fr";

/** The texts by language. */
export const catalogues: Record<LanguageCode, Catalogue> = { en, de, fr };

const rtlScripts = new Set(["Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Syrc", "Thaa"]);

const maxHeaderChars = 500;
const maxHeaderEntries = 20;
// RFC 5646, section 4.4.1: a well-formed tag without private parts needs no more than 35 characters.
const maxTagChars = 35;

/**
 * The texts in a language.
 * @param locale a BCP 47 tag; only its primary language decides ("de-AT" is German)
 * @returns English when there are no texts for it
 */
export function catalogueFor(locale: string): Catalogue {
  const language = primaryLanguage(locale);
  return isLanguageCode(language) ? catalogues[language] : en;
}

/**
 * The tag to declare (`lang`) for what {@link catalogueFor} gives for the same locale.
 * @returns the locale in canonical form, or "en" where the texts fall back to English
 */
export function textLocale(locale: string): string {
  return isLanguageCode(primaryLanguage(locale)) ? (parseTag(locale)?.toString() ?? primaryLanguage(locale)) : "en";
}

/**
 * The direction in which a language is written.
 * @param locale a BCP 47 tag; "ltr" when it is not well-formed
 */
export function textDirection(locale: string): "ltr" | "rtl" {
  return rtlScripts.has(parseTag(locale)?.maximize().script ?? "") ? "rtl" : "ltr";
}

/**
 * A count as people of that language write it, e.g. 12,345 or 12.345.
 * @param locale a BCP 47 tag; English digits and separators when there are no texts for it
 * @param n a whole number
 */
export function formatCount(locale: string, n: number): string {
  return new Intl.NumberFormat(textLocale(locale), { maximumFractionDigits: 0 }).format(n);
}

/**
 * A day as people of that language write it, e.g. 3 May 2027 or 3. Mai 2027.
 * @param locale a BCP 47 tag; written in English when there are no texts for it
 * @param at a moment of the day, in milliseconds since 1970
 * @param timeZone whose day it is, an IANA name
 */
export function formatDay(locale: string, at: number, timeZone: string): string {
  return new Intl.DateTimeFormat(textLocale(locale), { dateStyle: "long", timeZone }).format(at);
}

/**
 * A day and its time as people of that language write them.
 * @param locale a BCP 47 tag; written in English when there are no texts for it
 * @param at a moment, in milliseconds since 1970
 * @param timeZone whose day it is, an IANA name
 */
export function formatMoment(locale: string, at: number, timeZone: string): string {
  return new Intl.DateTimeFormat(textLocale(locale), { dateStyle: "long", timeStyle: "short", timeZone }).format(at);
}

/**
 * The best of the offered languages for a reader: the requested one, else the browser's wishes (RFC 9110, 12.5.4), else
 * the first offered. A wish matches the same tag first, then the same primary language. Never throws.
 * @param requested a tag the reader or the frontend named
 * @param acceptLanguage the header; only its first 500 characters and 20 entries are looked at
 * @param offered tags in order of preference
 * @returns one of `offered` as it is spelt there; "en" when nothing is offered
 */
export function negotiateLocale({
  requested,
  acceptLanguage,
  offered,
}: {
  requested?: string | undefined;
  acceptLanguage?: string | null | undefined;
  offered: readonly string[];
}): string {
  const fallback = offered[0] ?? "en";
  const named = requested === undefined ? undefined : matchTag(requested, offered);
  if (named !== undefined) return named;

  const wishes = parseAcceptLanguage(acceptLanguage ?? "");
  const refused = new Set(wishes.filter(({ q }) => q === 0).map(({ tag }) => tag));
  const acceptable = offered.filter((tag) => !refused.has(tag.toLowerCase()) && !refused.has(primaryLanguage(tag)));
  for (const { tag, q } of wishes) {
    if (q === 0) continue;
    const match = tag === "*" ? acceptable[0] : matchTag(tag, acceptable);
    if (match !== undefined) return match;
  }
  return fallback;
}

function matchTag(wanted: string, offered: readonly string[]): string | undefined {
  if (wanted.length > maxTagChars) return undefined;
  const tag = wanted.trim().toLowerCase();
  const language = primaryLanguage(tag);
  return (
    offered.find((candidate) => candidate.toLowerCase() === tag) ??
    offered.find((candidate) => primaryLanguage(candidate) === language)
  );
}

/** The header's well-formed entries, most wanted first; equal ones keep their order. */
function parseAcceptLanguage(header: string): { tag: string; q: number }[] {
  const entries = header.slice(0, maxHeaderChars).split(",");
  // The cut may have gone through a tag: "…,de" could be half of "den".
  if (header.length > maxHeaderChars) entries.pop();
  return entries
    .slice(0, maxHeaderEntries)
    .flatMap((entry) => {
      const [tag = "", weight, ...rest] = entry.split(";").map((part) => part.trim().toLowerCase());
      const q = weight === undefined ? "1" : /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.exec(weight)?.[1];
      const wellFormed = tag.length <= maxTagChars && /^(?:\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)$/.test(tag);
      return wellFormed && q !== undefined && rest.length === 0 ? [{ tag, q: Number(q) }] : [];
    })
    .sort((a, b) => b.q - a.q);
}

function primaryLanguage(locale: string): string {
  return locale.trim().toLowerCase().split(/[-_]/, 1)[0] ?? "";
}

function isLanguageCode(language: string): language is LanguageCode {
  return Object.hasOwn(catalogues, language);
}

function parseTag(locale: string): Intl.Locale | undefined {
  try {
    return new Intl.Locale(locale.trim().replaceAll("_", "-"));
  } catch {
    // Not a language tag: whoever asks has an answer for that.
    return undefined;
  }
}
