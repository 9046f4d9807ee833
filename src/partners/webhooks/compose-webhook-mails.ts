import type { Database } from "../../db/database.ts";
import { catalogueFor, negotiateLocale, textLocale } from "../../i18n/catalogue.ts";
import { parseEmailAddress } from "../../lib/email-address.ts";
import { publicId } from "../../lib/ids.ts";
import { foreignWords, oneLine, renderLetter } from "../../mail/letter.tsx";
import type { ComposedMail } from "../../mail/mail-job.ts";
import { disabledForMail } from "./webhook-mails.store.ts";

/** The kind of the mails about disabled endpoints, as the database makes them. Items: a colon, and the endpoint's UUID. */
export const WEBHOOK_DISABLED = "webhook_disabled";

interface WebhookMailDeps {
  readonly db: Database;
  readonly publicUrl: string;
  readonly municipality: string;
  readonly contact: string;
  readonly privacyNoticeUrl: string;
  readonly locales: readonly string[];
  readonly timeZone: string;
}

const MAX_HOST = 80;
const MAX_NAME = 80;

/** The mails to partners whose endpoints are disabled; null for one that works again, is deleted, or is suspended. */
export const composeWebhooksDisabled = (
  deps: WebhookMailDeps,
  items: readonly string[],
): Promise<(ComposedMail | null)[]> =>
  Promise.all(
    items.map(async (item) => {
      const [[found]] = await deps.db.batch([disabledForMail(deps.db, item.slice(1))]);
      return found ? disabledMail(deps, found) : null;
    }),
  );

function disabledMail(deps: WebhookMailDeps, found: Awaited<ReturnType<typeof disabledForMail>>[number]): ComposedMail {
  const locale = negotiateLocale({ requested: found.locale ?? undefined, offered: deps.locales });
  const { mail } = catalogueFor(locale);
  const texts = mail.webhookDisabled;
  // Of an address only its host: the rest may be a secret.
  const host = foreignWords(URL.parse(found.url)?.hostname ?? "", MAX_HOST);
  const moment = new Intl.DateTimeFormat(textLocale(locale), {
    ...{ timeZone: deps.timeZone, dateStyle: "long", timeStyle: "short" },
  });
  const path = `/v1/partner/webhooks/${publicId("whk", found.id)}/enable`;
  return {
    to: found.email,
    recipient: parseEmailAddress(found.email)?.canonical ?? found.email,
    limited: false,
    headers: { "Auto-Submitted": "auto-generated" },
    subject: oneLine(texts.subject({ host })),
    ...renderLetter({
      locale: textLocale(locale),
      greeting: mail.greeting({ name: foreignWords(found.name, MAX_NAME) }),
      paragraphs: [texts[found.why]({ host, since: moment.format(found.disabledAt) }), texts.next({ path })],
      footer: {
        service: mail.footer.service({ municipality: deps.municipality }),
        reason: texts.reason,
        privacy: { label: mail.footer.privacy, url: deps.privacyNoticeUrl },
        contact: mail.footer.contact({ contact: deps.contact }),
      },
    }),
  };
}
