import * as v from "valibot";
import { parseEmailAddress } from "../lib/email-address.ts";
import { hasLink } from "../lib/text.ts";
import { inJsonSchema } from "./json-schema.ts";
import { because, noFormula, oneLine, plainText, textField } from "./validation.ts";

/** A person's name: to 255 characters, one line, no link, nothing that a spreadsheet would run. */
export const nameField = v.pipe(
  textField(255),
  oneLine(),
  noFormula(),
  inJsonSchema(
    v.check((name: string) => !hasLink(name), because("link")),
    { says: "No link." },
  ),
  v.description("The person's name."),
);

/** An e-mail address, read into its typed and its canonical form. */
export const emailField = v.pipe(
  v.string(),
  plainText(),
  v.maxLength(320, because("too_long")),
  inJsonSchema(v.transform(parseEmailAddress), { format: "idn-email" }),
  inJsonSchema(
    v.check((address: ReturnType<typeof parseEmailAddress>) => address !== null, because("email")),
    { says: "To 254 bytes; no quoted parts, no address literals." },
  ),
  inJsonSchema(
    v.transform((address: ReturnType<typeof parseEmailAddress>) => address as NonNullable<typeof address>),
    {},
  ),
  v.description("The person's e-mail address. Mail goes to it as typed."),
);

/** A postcode as typed. */
export const postcodeField = v.pipe(
  textField(16),
  v.regex(/^[\p{L}\p{N} .-]+$/u, because("wrong_type")),
  v.description("The person's postcode. One that is not known leaves the area blank and is never refused."),
);

/** A language tag (BCP 47). */
export const localeField = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$/, because("wrong_type")),
  v.description("The language of mails, as a BCP 47 tag. Without it `Accept-Language` decides."),
);
