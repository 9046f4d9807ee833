import { noticeKinds } from "../db/notices-schema.ts";
import { catalogueFor } from "../i18n/catalogue.ts";

/** `privacy`: the privacy notice. `eligibility`: what a signer states. `partner_consent`: passing data on to a partner. */
export type NoticeKind = (typeof noticeKinds)[number];

/** The version that every kind begins with: the service's own words, and for privacy the address in the settings. */
export const FIRST_VERSION = 1;

/** A version of a notice. */
export interface Notice {
  readonly kind: NoticeKind;
  readonly version: number;
  /** By language; empty where only the address says it. */
  readonly texts: Readonly<Record<string, string>>;
  readonly url: string | null;
  /** Milliseconds since 1970; null for the first version, which nobody has published. */
  readonly publishedAt: number | null;
}

/** That a version was published, and when. */
export type Published = Pick<Notice, "kind" | "version"> & { readonly publishedAt: number };

/** Versions by kind: what somebody saw, or says that they saw. */
export type NoticeVersions = { readonly [Kind in NoticeKind]?: number | undefined };

/** The settings that the first versions are made of. */
export interface NoticeSettings {
  readonly locales: readonly string[];
  readonly municipality: string;
  readonly privacyNoticeUrl: string;
}

/** The first version of a kind. */
export function firstNotice(kind: NoticeKind, settings: NoticeSettings): Notice {
  const { municipality } = settings;
  const inEach = (textIn: (locale: string) => string) =>
    Object.fromEntries(settings.locales.map((locale) => [locale, textIn(locale)]));
  const texts = {
    privacy: () => ({}),
    eligibility: () => inEach((locale) => catalogueFor(locale).pages.supporter.eligible({ municipality })),
    partner_consent: () => inEach((locale) => catalogueFor(locale).pages.partnerConsent({ municipality })),
  }[kind]();
  const url = kind === "privacy" ? settings.privacyNoticeUrl : null;
  return { kind, version: FIRST_VERSION, texts, url, publishedAt: null };
}

/** The newest version of a kind among those that were published. */
export const newestOf = (published: readonly Published[], kind: NoticeKind): number =>
  Math.max(FIRST_VERSION, ...published.filter((one) => one.kind === kind).map(({ version }) => version));

/** The versions that held at a moment, in milliseconds since 1970. */
export const versionsAt = (published: readonly Published[], at: number): Required<Record<NoticeKind, number>> => {
  const before = published.filter(({ publishedAt }) => publishedAt <= at);
  return Object.fromEntries(noticeKinds.map((kind) => [kind, newestOf(before, kind)])) as Record<NoticeKind, number>;
};

/** Of the versions that somebody says they saw, the kinds of which there is no such version. */
export const unknownAmong = (published: readonly Published[], seen: NoticeVersions): NoticeKind[] =>
  noticeKinds.filter((kind) => (seen[kind] ?? 0) > newestOf(published, kind));

/** A notice's words in a language: in that of the same primary language, or in any, when there are none in it. */
export function wordsOf({ texts }: Pick<Notice, "texts">, locale: string): string {
  const primary = (tag: string) => tag.toLowerCase().split("-")[0];
  const found = Object.entries(texts).find(([tag]) => primary(tag) === primary(locale)) ?? Object.entries(texts)[0];
  return texts[locale] ?? found?.[1] ?? "";
}
