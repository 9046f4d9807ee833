import * as v from "valibot";
import { parseEmailAddress } from "../lib/email-address.ts";
import { hasForbiddenCharacters, hasLink, looksLikeFormula } from "../lib/text.ts";
import { because, textField } from "./validation.ts";

/** A person's name: to 255 characters, one line, no link, nothing that a spreadsheet would run. */
export const nameField = v.pipe(
  textField(255),
  v.check((name) => !/[\r\n\t]/.test(name), because("forbidden_characters")),
  v.check((name) => !looksLikeFormula(name), because("formula")),
  v.check((name) => !hasLink(name), because("link")),
);

/** An e-mail address, read into its typed and its canonical form. */
export const emailField = v.pipe(
  v.string(),
  v.check((text) => !hasForbiddenCharacters(text), because("forbidden_characters")),
  v.maxLength(320, because("too_long")),
  v.transform(parseEmailAddress),
  v.check((address) => address !== null, because("email")),
  v.transform((address) => address as NonNullable<typeof address>),
);

/** A postcode as typed. */
export const postcodeField = v.pipe(textField(16), v.regex(/^[\p{L}\p{N} .-]+$/u, because("wrong_type")));

/** A language tag (BCP 47). */
export const localeField = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$/, because("wrong_type")),
);
