import * as v from "valibot";
import { partnerScopes } from "../db/partner-schema.ts";
import { idAnswer, listAnswer, timeAnswer } from "../http/answer-fields.ts";
import { idField } from "../http/id-field.ts";
import { inJsonSchema } from "../http/json-schema.ts";
import { momentField } from "../http/moment-field.ts";
import { pageFields } from "../http/paging.ts";
import { emailField, localeField } from "../http/person-fields.ts";
import { because, noFormula, oneLine, textField } from "../http/validation.ts";
import type { EmailAddress } from "../lib/email-address.ts";
import { isOrigin } from "./partner.ts";

// A month covers holidays; a key that is to go on for longer need not be replaced.
const MAX_OVERLAP_HOURS = 30 * 24;
const MOST_PETITIONS = 50;
const MOST_ORIGINS = 20;
const MOST_SIGNATURES = 100_000;

const line = (max: number) => v.pipe(textField(max), oneLine(), noFormula());

const said = {
  name: v.pipe(line(255), v.description("What residents read: the mail names it to those who signed through it.")),
  email: v.pipe(
    emailField,
    inJsonSchema(
      v.transform((address: EmailAddress) => address.typed),
      {},
    ),
    v.description("Whom to write to about what the partner runs, such as a webhook that fails."),
  ),
  locale: v.nullable(v.pipe(localeField, v.description("A BCP 47 tag."))),
  website: v.nullable(
    v.pipe(
      v.string(),
      v.maxLength(500, because("too_long")),
      v.regex(/^https:\/\/[^\s/?#@]+([/?#]\S*)?$/, because("wrong_type")),
    ),
  ),
};

/** Body of `POST /v1/admin/partners`. */
export const NewPartnerBody = v.strictObject({
  code: v.pipe(
    v.string(),
    v.regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, because("wrong_type")),
    v.description("What counts and lists call it. Its signatures come by a channel of this code. It can't be changed."),
  ),
  ...said,
  locale: v.optional(said.locale, null),
  website: v.optional(said.website, null),
});

/** Body of `PUT /v1/admin/partners/{id}`: all of it. */
export const PartnerBody = v.strictObject(said);

/** Body of `POST /v1/admin/partners/{id}/suspend` and `resume`. */
export const SuspendBody = v.strictObject({
  reason: v.optional(v.pipe(textField(500), oneLine(), v.description("Why, for the audit log."))),
});

/** Query of `GET /v1/admin/partners`. */
export const PartnersQuery = v.strictObject({
  ...pageFields(100),
  suspended: v.optional(
    v.pipe(v.picklist(["true", "false"], because("wrong_type")), v.description("Only those that are, or are not.")),
  ),
});

const expiresAt = v.optional(
  v.nullable(momentField("When the key ends. Without it the key lasts until it is replaced or revoked.")),
  null,
);

const listOf = <Text extends string>(item: v.GenericSchema<string, Text>, most: number) =>
  v.pipe(
    v.array(item),
    v.maxLength(most, because("too_many")),
    inJsonSchema(
      v.check((list: Text[]) => new Set(list).size === list.length, because("repeated_name")),
      { says: "Nothing twice." },
    ),
  );

const signatures = (per: string) =>
  v.optional(
    v.nullable(
      v.pipe(
        v.number(),
        v.integer(because("wrong_type")),
        v.minValue(1, because("out_of_range")),
        v.maxValue(MOST_SIGNATURES, because("out_of_range")),
        v.description(`Signatures ${per}; null: as the limits say for every partner.`),
      ),
    ),
    null,
  );

const originField = v.pipe(
  v.string(),
  v.maxLength(255, because("too_long")),
  inJsonSchema(v.check(isOrigin, because("origin")), {
    says: "Exactly as browsers send it; `http` only for `localhost` and `127.0.0.1`.",
  }),
);

/** Body of `POST /v1/admin/partners/{id}/keys`. */
export const NewKeyBody = v.strictObject({
  label: v.pipe(line(100), v.description("What it is for: a site, a service.")),
  scopes: v.pipe(
    listOf(v.picklist(partnerScopes, because("unknown_value")), partnerScopes.length),
    v.minLength(1, because("empty")),
    v.description("What it may do."),
  ),
  petitions: v.optional(
    v.nullable(
      v.pipe(
        listOf(idField("pet"), MOST_PETITIONS),
        v.minLength(1, because("empty")),
        v.description("The petitions that it is for; null: every petition."),
      ),
    ),
    null,
  ),
  origins: v.optional(
    v.pipe(
      listOf(originField, MOST_ORIGINS),
      v.description(
        "Origins of the pages that use it. With any it is a browser key: it can only have `signatures:write`, and works from those pages only. Without any it is for servers, and no page may use it.",
      ),
    ),
    [],
  ),
  signatures_per_minute: signatures("a minute"),
  signatures_per_day: signatures("a day"),
  test: v.optional(
    v.pipe(
      v.boolean(),
      v.description("With it the partner tries things out, and nothing is counted. It stays a test key."),
    ),
    false,
  ),
  expires_at: expiresAt,
});

/** Body of `POST /v1/admin/partners/{id}/keys/{key_id}/rotate`. */
export const RotateKeyBody = v.strictObject({
  overlap_hours: v.optional(
    v.pipe(
      v.number(),
      v.integer(because("wrong_type")),
      v.minValue(0, because("out_of_range")),
      v.maxValue(MAX_OVERLAP_HOURS, because("out_of_range")),
      v.description("Hours for which the old key goes on working; 0 ends it."),
    ),
    24,
  ),
  expires_at: v.optional(
    v.nullable(
      momentField(
        "When the new key ends; `null`: not by itself. To be said when the old key has an end, for it is not copied.",
      ),
    ),
  ),
});

/** A partner as staff read it. */
export const PartnerAnswer = v.strictObject({
  id: idAnswer("par"),
  code: v.string(),
  name: v.string(),
  email: v.string(),
  locale: v.nullable(v.string()),
  website: v.nullable(v.string()),
  created_at: timeAnswer,
  suspended_at: v.pipe(v.nullable(timeAnswer), v.description("Since when none of its keys works.")),
});

/** Answer of `GET /v1/admin/partners`. */
export const PartnerList = listAnswer(PartnerAnswer);

const key = {
  id: idAnswer("key"),
  prefix: v.pipe(v.string(), v.description("How the key begins, by which people tell keys apart.")),
  label: v.string(),
  test: v.boolean(),
  scopes: v.array(v.picklist(partnerScopes)),
  petitions: v.nullable(v.array(idAnswer("pet"))),
  origins: v.array(v.string()),
  signatures_per_minute: v.nullable(v.number()),
  signatures_per_day: v.nullable(v.number()),
  created_at: timeAnswer,
  expires_at: v.pipe(v.nullable(timeAnswer), v.description("When it ends.")),
  last_used_at: v.pipe(v.nullable(timeAnswer), v.description("When it was last used, to the hour.")),
};

/** A partner's key, without the key itself. */
export const PartnerKeyAnswer = v.strictObject(key);

/** Answer of `GET …/keys` and `DELETE …/keys/{key_id}`. */
export const PartnerKeyList = v.strictObject({ data: v.array(PartnerKeyAnswer), next_cursor: v.null() });

/** Answer of `POST …/keys` and `POST …/keys/{key_id}/rotate`. */
export const NewPartnerKeyAnswer = v.strictObject({
  ...key,
  key: v.pipe(v.string(), v.description("The key. It is shown this once and stored nowhere.")),
});
