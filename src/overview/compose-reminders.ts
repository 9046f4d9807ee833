import { catalogueFor, formatCount, negotiateLocale, textLocale } from "../i18n/catalogue.ts";
import { localDay } from "../lib/local-time.ts";
import { SWITCH_NAMES } from "../limits/switches.ts";
import { foreignWords, oneLine, renderLetter } from "../mail/letter.tsx";
import type { ComposedMail } from "../mail/mail-job.ts";
import { isReason, overviewsByScope } from "./due-reminders.ts";
import type { OverviewDeps, SectionReading } from "./read-overview.ts";
import { remindable } from "./reminders.store.ts";

export interface ReminderDeps extends OverviewDeps {
  readonly locales: readonly string[];
  readonly publicUrl: string;
  readonly municipality: string;
  readonly contact: string;
  readonly privacyNoticeUrl: string;
}

const MAX_NAME = 80;

type Member = Awaited<ReturnType<typeof remindable>>[number];

/**
 * The daily mails, by what waits when they are written. Null for whom nothing waits any more, who does not want to be
 * reminded any more or has no access, and for a mail that is late by a day: that day's own says it all.
 */
export async function composeReminders(deps: ReminderDeps, items: readonly string[]): Promise<(ComposedMail | null)[]> {
  const [members] = await deps.db.batch([remindable(deps.db)]);
  const byId = new Map(members.map((member) => [member.id, member]));
  const overviewOf = overviewsByScope(deps);
  const today = localDay(deps.clock(), deps.timeZone);
  const mails: (ComposedMail | null)[] = [];
  for (const item of items) {
    const [day, id = ""] = item.split(":");
    const member = day === today ? byId.get(id) : undefined;
    const readings = member ? await overviewOf(member) : [];
    mails.push(member && isReason(readings, deps.clock()) ? reminder(deps, member, readings) : null);
  }
  return mails;
}

/** Auto-Submitted keeps vacation replies away (RFC 3834). */
function reminder(deps: ReminderDeps, member: Member, readings: readonly SectionReading[]): ComposedMail {
  const locale = negotiateLocale({ requested: member.locale ?? undefined, offered: deps.locales });
  const { mail } = catalogueFor(locale);
  const texts = mail.reminder;
  const dates = new Intl.DateTimeFormat(textLocale(locale), { dateStyle: "long", timeZone: deps.timeZone });
  const lines = readings.flatMap(({ section, count, more, oldest, items }) => {
    if (oldest === null || section.reminds === "never") return [];
    const number = `${formatCount(locale, count)}${more ? "+" : ""}`;
    const on = SWITCH_NAMES.filter((name) => items.some(({ code }) => code === name));
    const shown = section.name === "switches_on" ? on.map((name) => texts.switches[name]).join(", ") : number;
    return [texts.sections[section.name]({ shown, since: dates.format(oldest) })];
  });
  const email = member.email as string;
  return {
    to: email,
    recipient: email,
    limited: false,
    headers: { "Auto-Submitted": "auto-generated" },
    subject: oneLine(texts.subject({ municipality: deps.municipality })),
    ...renderLetter({
      locale: textLocale(locale),
      greeting: mail.greeting({ name: foreignWords(member.name, MAX_NAME) }),
      paragraphs: [texts.intro, ...lines],
      action: { label: texts.action, url: `${deps.publicUrl}/v1/admin/overview` },
      footer: {
        service: mail.footer.service({ municipality: deps.municipality }),
        reason: texts.reason,
        privacy: { label: mail.footer.privacy, url: deps.privacyNoticeUrl },
        contact: mail.footer.contact({ contact: deps.contact }),
      },
    }),
  };
}
