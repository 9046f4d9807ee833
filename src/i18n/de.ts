import type { Catalogue } from "./catalogue.ts";
import { mail as integrityMail } from "./de/integrity.ts";
import { mail } from "./de/mail.ts";
import { newsMail } from "./de/news-mail.ts";
import { pages } from "./de/pages.ts";

/** The German texts. */
export const de: Catalogue = {
  mail: {
    ...mail,
    ...newsMail,
    ...integrityMail,
  },
  pages: {
    ...pages,
  },
};
