import * as v from "valibot";
import { staffRoles } from "../db/staff-schema.ts";
import { idAnswer, listAnswer, timeAnswer } from "../http/answer-fields.ts";
import { momentField } from "../http/moment-field.ts";
import { pageFields } from "../http/paging.ts";
import { because } from "../http/validation.ts";

const word = (says: string) =>
  v.optional(
    v.pipe(
      v.string(),
      v.maxLength(100, because("too_long")),
      v.regex(/^[\w.:-]+$/, because("wrong_type")),
      v.description(says),
    ),
  );
const filter = {
  actor: word(
    "Who did it: a staff member's or a partner's key's id, or `local`, `bootstrap`, `creator`, `signer`, `service`.",
  ),
  subject: word("The id of what it was done to: a petition's, a staff member's."),
  act: word("What was done, such as `petition.approve`."),
  from: v.optional(momentField("From this moment on.")),
  to: v.optional(momentField("Before this moment.")),
};

/** Query of `GET /v1/admin/audit`. */
export const AuditQuery = v.strictObject({ ...filter, ...pageFields(100) });

/** Query of `GET /v1/admin/audit/export`. */
export const AuditExportQuery = v.strictObject({
  ...filter,
  format: v.optional(v.picklist(["csv", "ndjson"], because("wrong_type")), "csv"),
  bom: v.optional(
    v.pipe(
      v.picklist(["true", "false"], because("wrong_type")),
      v.description("Whether a CSV begins with the mark by which spreadsheets know UTF-8."),
    ),
    "false",
  ),
});

const changes = (says: string) => v.pipe(v.nullable(v.record(v.string(), v.unknown())), v.description(says));

const AuditEntryAnswer = v.strictObject({
  id: idAnswer("aud"),
  at: timeAnswer,
  actor: v.pipe(
    v.string(),
    v.description("A staff member's or a partner's key's id, or `local`, `bootstrap`, `creator`, `signer`, `service`."),
  ),
  actor_name: v.pipe(v.nullable(v.string()), v.description("The staff member's name, as it is now.")),
  role: v.pipe(v.nullable(v.picklist(staffRoles)), v.description("The actor's role then.")),
  act: v.string(),
  subject: v.pipe(v.string(), v.description("The id of what it was done to.")),
  before: changes("What the act changed, as it was."),
  after: changes("The same, as it was then."),
  reason: v.nullable(v.string()),
});

/** Answer of `GET /v1/admin/audit`. */
export const AuditList = listAnswer(AuditEntryAnswer);
