import * as v from "valibot";
import { staffRoles } from "../db/staff-schema.ts";
import { idAnswer, listAnswer, timeAnswer } from "../http/answer-fields.ts";
import { inJsonSchema } from "../http/json-schema.ts";
import { momentField } from "../http/moment-field.ts";
import { pageFields } from "../http/paging.ts";
import { emailField, localeField, nameField } from "../http/person-fields.ts";
import { because, oneLine, textField } from "../http/validation.ts";
import type { EmailAddress } from "../lib/email-address.ts";

// A month covers holidays; a key that is to go on for longer need not be replaced.
const MAX_OVERLAP_HOURS = 30 * 24;

const role = v.pipe(
  v.picklist(staffRoles, because("wrong_type")),
  v.description("What they may do; each role may do what those before it may."),
);
const department = v.pipe(
  v.nullable(v.pipe(v.string(), v.maxLength(64, because("too_long")))),
  v.description("The code of the one department whose petitions they see; null: every petition."),
);
const email = v.pipe(
  v.nullable(
    v.pipe(
      emailField,
      inJsonSchema(
        v.transform((address: EmailAddress) => address.canonical),
        {},
      ),
    ),
  ),
  v.description("Work address, for single sign-on and reminders. It is kept in lower case and without a `+tag`."),
);
const locale = v.pipe(
  v.nullable(v.pipe(localeField, v.description("A BCP 47 tag."))),
  v.description("The language of mails; null: the municipality's first."),
);
const reminders = v.pipe(v.boolean(), v.description("Whether they get the daily mail about what waits."));
const expiresAt = v.optional(
  v.nullable(momentField("When the key ends. Without it the key lasts until it is replaced or revoked.")),
  null,
);

/** Body of `POST /v1/admin/staff`. */
export const NewStaffBody = v.strictObject({
  name: nameField,
  email: v.optional(email, null),
  role,
  department: v.optional(department, null),
  locale: v.optional(locale, null),
  reminders: v.optional(reminders, true),
  key_expires_at: expiresAt,
});

/** Body of `PUT /v1/admin/staff/{id}`: all of it, because what is left out by mistake could widen somebody's access. */
export const StaffBody = v.strictObject({ name: nameField, email, role, department, locale, reminders });

/** Body of `PUT /v1/admin/me`. */
export const OwnSettingsBody = v.strictObject({ locale, reminders });

/** Body of `POST /v1/admin/staff/{id}/revoke`. */
export const RevokeBody = v.strictObject({
  reason: v.optional(v.pipe(textField(500), oneLine(), v.description("Why, for the audit log."))),
});

/** Body of `POST …/keys/rotate`. */
export const RotateBody = v.strictObject({
  overlap_hours: v.optional(
    v.pipe(
      v.number(),
      v.integer(because("wrong_type")),
      v.minValue(0, because("out_of_range")),
      v.maxValue(MAX_OVERLAP_HOURS, because("out_of_range")),
      v.description("Hours for which the other keys go on working; 0 ends them at once."),
    ),
    24,
  ),
  expires_at: expiresAt,
});

/** Query of `GET /v1/admin/staff`. */
export const StaffQuery = v.strictObject({
  ...pageFields(100),
  role: v.optional(v.pipe(v.picklist(staffRoles, because("wrong_type")), v.description("Only this role."))),
  department: v.optional(
    v.pipe(v.string(), v.maxLength(64, because("too_long")), v.description("Only this department's.")),
  ),
  revoked: v.optional(
    v.pipe(v.picklist(["true", "false"], because("wrong_type")), v.description("Also those whose access has ended.")),
    "false",
  ),
});

const member = {
  name: v.string(),
  email: v.nullable(v.string()),
  role: v.picklist(staffRoles),
  department: v.nullable(v.string()),
  locale: v.nullable(v.string()),
  reminders: v.boolean(),
};

/** A member of staff. */
export const StaffAnswer = v.strictObject({
  id: idAnswer("stf"),
  ...member,
  created_at: timeAnswer,
  revoked_at: v.pipe(v.nullable(timeAnswer), v.description("When their access ended.")),
});

/** Answer of `POST /v1/admin/staff`. */
export const NewStaffAnswer = v.strictObject({
  ...StaffAnswer.entries,
  key: v.pipe(v.string(), v.description("The key. It is shown this once and stored nowhere.")),
});

/** Answer of `GET /v1/admin/staff`. */
export const StaffList = listAnswer(StaffAnswer);

/** Answer of `GET /v1/admin/me` and `PUT /v1/admin/me`. */
export const OwnAnswer = v.strictObject({
  id: v.pipe(v.string(), v.description("`local` for local mode's key, `bootstrap` for `STAFF_BOOTSTRAP_KEY`.")),
  ...member,
});

const key = {
  id: idAnswer("key"),
  prefix: v.pipe(v.string(), v.description("How the key begins, by which people tell keys apart.")),
  created_at: timeAnswer,
  expires_at: v.pipe(v.nullable(timeAnswer), v.description("When it ends.")),
  last_used_at: v.pipe(v.nullable(timeAnswer), v.description("When it was last used, to the hour.")),
};

/** A key, without the key itself. */
export const StaffKeyAnswer = v.strictObject(key);

/** Answer of `GET …/keys` and `DELETE …/keys/{key_id}`. */
export const StaffKeyList = v.strictObject({ data: v.array(StaffKeyAnswer), next_cursor: v.null() });

/** Answer of `POST …/keys/rotate`. */
export const NewKeyAnswer = v.strictObject({
  ...key,
  key: v.pipe(v.string(), v.description("The key. It is shown this once and stored nowhere.")),
});
