import * as v from "valibot";
import { petitionStates, petitions, thresholds } from "../../db/schema.ts";
import { countAnswer, idAnswer, listAnswer, timeAnswer } from "../../http/answer-fields.ts";
import { inJsonSchema } from "../../http/json-schema.ts";
import { pageFields } from "../../http/paging.ts";
import { because, textField } from "../../http/validation.ts";
import { MAX_SIGNATURES, type Threshold } from "../opening.ts";

const code = (max: number) =>
  v.pipe(v.string(), v.regex(/^[\w-]+$/, because("wrong_type")), v.maxLength(max, because("too_long")));

/** The code that asks for petitions of no department. */
export const NO_DEPARTMENT = "none";

/** Query of `GET /v1/admin/petitions`. */
export const StaffPetitionQuery = v.strictObject({
  state: v.optional(v.pipe(v.picklist(petitionStates), v.description("Only petitions in this state."))),
  waiting: v.optional(
    v.pipe(
      v.picklist(["true"], because("wrong_type")),
      v.description("Only those that wait for a decision: in `moderation`, and not approved for a later opening."),
    ),
  ),
  department: v.optional(
    v.pipe(code(64), v.description("Only petitions that this department answers for; `none`: those of no department.")),
  ),
  topic: v.optional(v.pipe(code(64), v.description("Only petitions about this topic."))),
  q: v.optional(
    v.pipe(textField(200), v.description("Words to look for: all must occur, the last may be unfinished.")),
  ),
  ...pageFields(100),
});

const DAY_OR_TIME =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,3})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d))?$/;

/** A day that is in the calendar: JavaScript takes 30 February for 2 March. What is no day the form refuses. */
export function isInCalendar(text: string): boolean {
  const day = text.slice(0, 10);
  const moment = new Date(`${day}T00:00:00Z`);
  return Number.isNaN(moment.getTime()) || moment.toISOString().slice(0, 10) === day;
}

/** Days are compared as texts, which goes wrong where a year has fewer or more than four digits. */
const isInMillennium = (text: string): boolean => !/^[013-9]\d{3}-/.test(text);

const dayOrTime = (says: string) =>
  v.pipe(
    v.string(),
    v.regex(DAY_OR_TIME, because("wrong_type")),
    inJsonSchema(v.check(isInCalendar, because("wrong_type")), { says: "A day that exists." }),
    inJsonSchema(v.check(isInMillennium, because("out_of_range")), { says: "Its year is from 2000 to 2999." }),
    v.description(says),
  );

const names = thresholds.name.enumValues;

const ThresholdBody = v.strictObject({
  name: v.pipe(v.picklist(names), v.description("What the municipality then owes: an answer, or a hearing.")),
  signatures: v.pipe(
    v.number(),
    v.integer(because("wrong_type")),
    v.minValue(1, because("out_of_range")),
    v.maxValue(MAX_SIGNATURES, because("out_of_range")),
  ),
});

const closing = dayOrTime(
  "The last day, `YYYY-MM-DD`, or a time on it: the petition closes at the end of the municipality's day.",
);

/** Body of `POST /v1/admin/petitions/{id}/approve`. */
export const ApproveBody = v.strictObject({
  opens_at: v.optional(
    dayOrTime("The day on which it opens, `YYYY-MM-DD`, or the time, at most a year ahead. Without it: now."),
  ),
  closes_at: v.optional(closing),
  thresholds: v.optional(
    v.pipe(
      v.array(ThresholdBody),
      inJsonSchema(
        v.check(
          (given: Threshold[]) => new Set(given.map(({ name }) => name)).size === given.length,
          because("repeated_name"),
        ),
        { says: "Each name once. Without it the municipality's own thresholds; `[]`: none." },
      ),
    ),
  ),
  department: v.optional(v.pipe(code(64), v.description("The department that answers for it."))),
});

/** Body of `POST /v1/admin/petitions/{id}/request-changes`. */
export const RequestChangesBody = v.strictObject({
  message: v.pipe(textField(2000), v.description("What the creator is asked to change, in their language.")),
});

/** Body of `POST /v1/admin/petitions/{id}/reject`. */
export const RejectBody = v.strictObject({
  code: v.pipe(code(64), v.description("A reason of `GET /v1/admin/rejection-reasons`.")),
  details: v.optional(
    v.pipe(
      textField(2000),
      v.description("More words to it. Public with a reason that may be shown; otherwise only the creator reads them."),
    ),
  ),
  hidden: v.optional(
    v.pipe(
      v.boolean(),
      v.description(
        "Whether you mean to hide the petition. It follows from the reason: what contradicts it is refused.",
      ),
    ),
  ),
});

/** Body of `POST /v1/admin/petitions/{id}/reopen`. */
export const ReopenBody = v.strictObject({
  closes_at: v.optional(
    v.pipe(
      closing,
      v.description(
        "For what had closed or was stopped: the new last day. Without it the old one if it is to come, else as for a new petition.",
      ),
    ),
  ),
});

/** Body of `POST /v1/admin/petitions/{id}/stop`. */
export const StopBody = v.strictObject({
  reason: v.pipe(textField(1000), v.description("Why it ends early: for the creator, and for the record.")),
});

/** Body of `POST /v1/admin/petitions/{id}/extend`. */
export const ExtendBody = v.strictObject({ closes_at: closing });

/** Body of `POST /v1/admin/petitions/{id}/assign`. */
export const AssignBody = v.strictObject({
  department: v.pipe(v.nullable(code(64)), v.description("A code of `GET /v1/departments`; null: none.")),
});

/** Body of `POST /v1/admin/petitions/{id}/notes`. */
export const NoteBody = v.strictObject({
  text: v.pipe(textField(4000), v.description("For staff only. It is kept sealed.")),
});

const summary = {
  id: idAnswer("pet"),
  state: v.picklist(petitionStates),
  version: v.pipe(v.number(), v.integer(), v.description("Grows with text and decisions; also the `ETag`.")),
  title: v.string(),
  locale: v.string(),
  area: v.nullable(v.string()),
  topics: v.array(v.string()),
  department: v.nullable(v.string()),
  created_at: timeAnswer,
  waiting_since: v.pipe(v.nullable(timeAnswer), v.description("Since when it is in `moderation`.")),
  waiting_days: v.pipe(v.nullable(countAnswer), v.description("Whole days since then.")),
  approved_at: v.pipe(
    v.nullable(timeAnswer),
    v.description("When it was approved. While in `moderation`: it opens at `opens_at`."),
  ),
  opens_at: v.nullable(timeAnswer),
  closes_at: v.nullable(timeAnswer),
  ended_at: v.nullable(timeAnswer),
  signature_count: v.pipe(countAnswer, v.description("Verified signatures, now.")),
};

/** Answer of `GET /v1/admin/petitions`. */
export const StaffPetitionList = listAnswer(v.strictObject(summary));

const thresholdAnswer = { name: v.picklist(names), signatures: countAnswer };

/** Answer of `GET /v1/admin/petitions/{id}` and of every decision. */
export const StaffPetition = v.strictObject({
  ...summary,
  background: v.string(),
  details: v.string(),
  creator: v.pipe(
    v.nullable(v.strictObject({ name: v.string() })),
    v.description("Who submitted it, for those who decide; null for viewers, and where the data is gone."),
  ),
  supporters: v.strictObject({
    needed: v.pipe(countAnswer, v.description("Beside the creator.")),
    maximum: countAnswer,
    reached_at: v.nullable(timeAnswer),
  }),
  approved_thresholds: v.pipe(
    v.nullable(v.array(v.strictObject(thresholdAnswer))),
    v.description("What it opens with, while it waits to open."),
  ),
  thresholds: v.array(
    v.strictObject({
      ...thresholdAnswer,
      reached_at: v.nullable(timeAnswer),
      acted_at: v.pipe(v.nullable(timeAnswer), v.description("When the municipality did what it owed.")),
    }),
  ),
  changes_requested: v.pipe(
    v.nullable(v.strictObject({ message: v.string() })),
    v.description("What the creator was asked to change."),
  ),
  rejection: v.nullable(v.strictObject({ code: v.string(), details: v.nullable(v.string()) })),
  stop: v.nullable(v.strictObject({ by: v.picklist(petitions.stoppedBy.enumValues), reason: v.nullable(v.string()) })),
  similar: v.pipe(
    v.array(
      v.strictObject({
        ...{ id: idAnswer("pet"), state: v.picklist(petitionStates), title: v.string() },
        signature_count: countAnswer,
      }),
    ),
    v.description("While it is not decided: up to five petitions with a title like its own, the most alike first."),
  ),
  versions: v.pipe(
    v.array(
      v.strictObject({
        version: countAnswer,
        title: v.string(),
        background: v.string(),
        details: v.string(),
        written_at: timeAnswer,
      }),
    ),
    v.description("The texts that it has had, the newest first; the last 50."),
  ),
  notes: v.pipe(
    v.array(
      v.strictObject({
        id: idAnswer("note"),
        author: v.pipe(v.string(), v.description("As `actor` in the audit log.")),
        author_name: v.nullable(v.string()),
        text: v.nullable(v.string()),
        written_at: timeAnswer,
      }),
    ),
    v.description("Staff's notes, the newest first; the last 200."),
  ),
});

const reason = {
  code: v.string(),
  names: v.pipe(v.record(v.string(), v.string()), v.description("What residents read, in each language.")),
};

/** Answer of `GET /v1/rejection-reasons`. */
export const RejectionReasonList = v.strictObject({ data: v.array(v.strictObject(reason)), next_cursor: v.null() });
