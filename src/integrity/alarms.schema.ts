import * as v from "valibot";
import { alarmKinds } from "../db/integrity-schema.ts";
import { countAnswer, idAnswer, listAnswer, timeAnswer } from "../http/answer-fields.ts";
import { pageFields } from "../http/paging.ts";
import { because, oneLine, textField } from "../http/validation.ts";

/** Query of `GET /v1/admin/alerts`. */
export const AlarmQuery = v.strictObject({
  petition: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^pet_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, because("wrong_type")),
      v.description("Only this petition's: its id."),
    ),
  ),
  state: v.optional(
    v.pipe(
      v.picklist(["open", "past"], because("wrong_type")),
      v.description("Only alarms whose cause is still there, or only those that are over."),
    ),
  ),
  ...pageFields(100),
});

/** Body of `POST /v1/admin/alerts/{id}/acknowledge`. */
export const AcknowledgeAlarm = v.strictObject({
  note: v.pipe(textField(1000), oneLine(), v.description("What was found, or done. Nobody's personal data.")),
});

/** An alarm. */
export const Alarm = v.strictObject({
  id: idAnswer("alarm"),
  petition_id: idAnswer("pet"),
  title: v.string(),
  kind: v.pipe(
    v.picklist(alarmKinds),
    v.description(
      "`surge`: far more in an hour than was to be expected; `night`: the same of a night; `network`, `domain`, `area`, `channel`: one of them has an unusual share; `unverified`: unusually many were never verified; `withdrawals`: unusually many withdrew.",
    ),
  ),
  key: v.pipe(
    v.nullable(v.string()),
    v.description("Which network or domain, as a `digest:…` that filters take; which area or channel, by its code."),
  ),
  state: v.picklist(["open", "past"]),
  raised_at: timeAnswer,
  seen_at: v.pipe(timeAnswer, v.description("When the cause was last there.")),
  ended_at: v.nullable(timeAnswer),
  evidence: v.strictObject({
    count: v.pipe(countAnswer, v.description("Signatures (or withdrawals) that it is about.")),
    expected: v.pipe(v.number(), v.description("How many were to be expected, by the petition's own past.")),
    of: v.pipe(v.nullable(countAnswer), v.description("Of how many `count` is a share.")),
    from: timeAnswer,
    to: timeAnswer,
  }),
  where: v.pipe(
    v.nullable(v.record(v.string(), v.string())),
    v.description("A filter for `POST /v1/admin/invalidations` with `dry_run`: the signatures to look at."),
  ),
  acknowledged_at: v.nullable(timeAnswer),
  acknowledged_by: v.nullable(v.string()),
  note: v.nullable(v.string()),
});

/** Answer of `GET /v1/admin/alerts`. */
export const AlarmList = listAnswer(Alarm);
