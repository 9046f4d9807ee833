import type { Database } from "../db/database.ts";
import { catalogueFor, formatCount, textLocale } from "../i18n/catalogue.ts";
import { parseEmailAddress } from "../lib/email-address.ts";
import { publicId } from "../lib/ids.ts";
import { foreignWords, oneLine, renderLetter } from "../mail/letter.tsx";
import type { ComposedMail } from "../mail/mail-job.ts";
import { alarmForMail, differenceForMail, recipient } from "./integrity-mails.store.ts";

interface IntegrityMailDeps {
  readonly db: Database;
  readonly publicUrl: string;
  readonly municipality: string;
  readonly contact: string;
  readonly privacyNoticeUrl: string;
  readonly locales: readonly string[];
  readonly timeZone: string;
}

/** What a mail to a moderator says. */
interface StaffLetter {
  readonly subject: (named: { title: string }) => string;
  readonly title: string;
  readonly paragraphs: string[];
  readonly action: { label: string; url: string };
  readonly reason: string;
}

const MAX_SUBJECT = 120;
const MAX_TITLE = 120;
const MAX_NAME = 80;

/** The mails about differences between tallies and rows; items as `mailModerators` writes them. */
export const composeDifferences = (
  deps: IntegrityMailDeps,
  items: readonly string[],
): Promise<(ComposedMail | null)[]> =>
  Promise.all(
    items.map(async (item) => {
      const { id, staffId } = readItem(item);
      const [[found], [to]] = await deps.db.batch([differenceForMail(deps.db, id), recipient(deps.db, staffId)]);
      if (!found || !to?.email) return null;
      const locale = to.locale ?? deps.locales[0] ?? "en";
      const texts = catalogueFor(locale).mail.tallyDifference;
      const total = found.cells["state:verified"];
      const shown = (n: number) => formatCount(locale, n);
      return staffMail(
        deps,
        { ...to, email: to.email, locale },
        {
          subject: texts.subject,
          title: found.title,
          paragraphs: [
            texts[found.outcome]({ title: foreignWords(found.title, MAX_TITLE) }),
            total ? texts.total({ before: shown(total.tally), after: shown(total.rows) }) : texts.others,
            texts[`${found.outcome}Next`],
          ],
          action: {
            label: texts.action,
            url: `${deps.publicUrl}/v1/admin/reconciliations?petition=${publicId("pet", found.petitionId)}`,
          },
          reason: texts.reason,
        },
      );
    }),
  );

/** The mails about alarms; items as `mailModerators` writes them. */
export const composeAlarms = (deps: IntegrityMailDeps, items: readonly string[]): Promise<(ComposedMail | null)[]> =>
  Promise.all(
    items.map(async (item) => {
      const { id, staffId } = readItem(item);
      const [[found], [to]] = await deps.db.batch([alarmForMail(deps.db, id), recipient(deps.db, staffId)]);
      if (!found || !to?.email) return null;
      const locale = to.locale ?? deps.locales[0] ?? "en";
      const texts = catalogueFor(locale).mail.alarm;
      const { count, expected, of, from, to: until } = found.evidence;
      const shown = (n: number) => formatCount(locale, n);
      const moment = new Intl.DateTimeFormat(textLocale(locale), {
        ...{ timeZone: deps.timeZone, dateStyle: "medium", timeStyle: "short" },
      });
      const numbers = { shown: shown(count), expected: shown(expected), of: shown(of ?? 0) };
      return staffMail(
        deps,
        { ...to, email: to.email, locale },
        {
          subject: texts.subject,
          title: found.title,
          paragraphs: [
            texts.intro({ title: foreignWords(found.title, MAX_TITLE) }),
            texts.kinds[found.kind](numbers),
            texts.when({ from: moment.format(from), to: moment.format(until) }),
            texts.next,
          ],
          action: {
            label: texts.action,
            url: `${deps.publicUrl}/v1/admin/alerts?petition=${publicId("pet", found.petitionId)}`,
          },
          reason: texts.reason,
        },
      );
    }),
  );

const readItem = (item: string): { id: string; staffId: string } => {
  const [, id = "", staffId = ""] = item.split(":");
  return { id, staffId };
};

function staffMail(
  deps: IntegrityMailDeps,
  to: { name: string; email: string; locale: string },
  letter: StaffLetter,
): ComposedMail {
  const { mail } = catalogueFor(to.locale);
  const room = MAX_SUBJECT - letter.subject({ title: "" }).length;
  return {
    to: to.email,
    recipient: parseEmailAddress(to.email)?.canonical ?? to.email,
    limited: false,
    headers: { "Auto-Submitted": "auto-generated" },
    subject: oneLine(letter.subject({ title: foreignWords(letter.title, room) })),
    ...renderLetter({
      locale: textLocale(to.locale),
      greeting: mail.greeting({ name: foreignWords(to.name, MAX_NAME) }),
      paragraphs: letter.paragraphs,
      action: letter.action,
      footer: {
        service: mail.footer.service({ municipality: deps.municipality }),
        reason: letter.reason,
        privacy: { label: mail.footer.privacy, url: deps.privacyNoticeUrl },
        contact: mail.footer.contact({ contact: deps.contact }),
      },
    }),
  };
}
