import type { Catalogue } from "./catalogue.ts";
import { mail as integrityMail } from "./fr/integrity.ts";
import { mail } from "./fr/mail.ts";
import { newsMail } from "./fr/news-mail.ts";
import { pages } from "./fr/pages.ts";

/** The French texts. */
export const fr: Catalogue = {
  mail: {
    ...mail,
    ...newsMail,
    ...integrityMail,
  },
  pages: {
    ...pages,
  },
};
