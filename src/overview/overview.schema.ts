import * as v from "valibot";
import { countAnswer, idAnswer, timeAnswer } from "../http/answer-fields.ts";
import { sections } from "./sections.ts";

/** Answer of `GET /v1/admin/overview`. */
export const Overview = v.strictObject({
  as_of: v.pipe(timeAnswer, v.description("When it was read.")),
  sections: v.array(
    v.strictObject({
      name: v.picklist(sections.map(({ name }) => name)),
      count: v.pipe(countAnswer, v.description("How many wait.")),
      more: v.pipe(v.boolean(), v.description("Whether there are more than `count`: about a hundred are counted.")),
      oldest_at: v.pipe(v.nullable(timeAnswer), v.description("Since when the longest of them waits.")),
      oldest_days: v.pipe(
        v.nullable(countAnswer),
        v.description("For how many of the municipality's days: 1 since yesterday."),
      ),
      items: v.pipe(
        v.array(
          v.strictObject({
            petition_id: v.nullable(idAnswer("pet")),
            title: v.nullable(v.string()),
            code: v.pipe(
              v.nullable(v.string()),
              v.description("What about it: a threshold, a hold, an error, a partner, a queue, a moment to come."),
            ),
            since: timeAnswer,
            due_at: v.pipe(v.nullable(timeAnswer), v.description("Of an answer or a hearing: by when it is owed.")),
            days_left: v.pipe(
              v.nullable(v.pipe(v.number(), v.integer())),
              v.description("Until then, in the municipality's days; negative when it is overdue."),
            ),
            count: v.pipe(countAnswer, v.description("How many of its kind it stands for.")),
          }),
        ),
        v.description("The ten longest waiting, the longest first."),
      ),
    }),
  ),
});
