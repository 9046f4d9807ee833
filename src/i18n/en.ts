import { creatorPages } from "./en/creator-pages.ts";
import { mail as integrityMail } from "./en/integrity.ts";
import { mail } from "./en/mail.ts";
import { newsMail } from "./en/news-mail.ts";
import { pages } from "./en/pages.ts";
import { partnerMail } from "./en/partner-mail.ts";
import { personMail, personPages } from "./en/person.ts";
import { supporterMail } from "./en/supporter-mail.ts";
import { supporterPages } from "./en/supporter-pages.ts";
import { unsubscribePages, updates } from "./en/updates.ts";

/** The English words, and the shape that every other language follows (see catalogue.ts). Each subject has its own file. */
export const en = {
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
