import type { Catalogue } from "./catalogue.ts";
import { creatorPages } from "./fr/creator-pages.ts";
import { mail as integrityMail } from "./fr/integrity.ts";
import { mail } from "./fr/mail.ts";
import { newsMail } from "./fr/news-mail.ts";
import { pages } from "./fr/pages.ts";
import { partnerMail } from "./fr/partner-mail.ts";
import { personMail, personPages } from "./fr/person.ts";
import { supporterMail } from "./fr/supporter-mail.ts";
import { supporterPages } from "./fr/supporter-pages.ts";
import { unsubscribePages, updates } from "./fr/updates.ts";

/** The French texts. */
export const fr: Catalogue = {
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
