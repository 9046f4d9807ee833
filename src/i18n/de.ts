import type { Catalogue } from "./catalogue.ts";
import { creatorPages } from "./de/creator-pages.ts";
import { mail as integrityMail } from "./de/integrity.ts";
import { mail } from "./de/mail.ts";
import { newsMail } from "./de/news-mail.ts";
import { pages } from "./de/pages.ts";
import { partnerMail } from "./de/partner-mail.ts";
import { personMail, personPages } from "./de/person.ts";
import { supporterMail } from "./de/supporter-mail.ts";
import { supporterPages } from "./de/supporter-pages.ts";
import { unsubscribePages, updates } from "./de/updates.ts";

/** The German texts. */
export const de: Catalogue = {
  mail: {
    ...mail,
    ...supporterMail,
    ...newsMail,
    ...integrityMail,
    ...personMail,
    ...partnerMail,
    updates,
  },
  pages: {
    ...pages,
    ...supporterPages,
    ...creatorPages,
    ...personPages,
    ...unsubscribePages,
  },
};
