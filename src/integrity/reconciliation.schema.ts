import * as v from "valibot";
import { differenceOutcomes } from "../db/integrity-schema.ts";
import { idAnswer, listAnswer, timeAnswer } from "../http/answer-fields.ts";
import { pageFields } from "../http/paging.ts";
import { because } from "../http/validation.ts";

/** The query parameter that narrows a list to one petition. */
const petitionField = v.optional(
  v.pipe(
    v.string(),
    v.regex(/^pet_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, because("wrong_type")),
    v.description("Only this petition's: its id."),
  ),
);

/** Query of `GET /v1/admin/reconciliations`. */
export const DifferenceQuery = v.strictObject({ petition: petitionField, ...pageFields(100) });

const count = v.pipe(v.number(), v.integer());

/** A difference between a petition's tallies and its rows. */
export const TallyDifference = v.strictObject({
  id: idAnswer("dif"),
  petition_id: idAnswer("pet"),
  title: v.string(),
  found_at: timeAnswer,
  outcome: v.pipe(
    v.picklist(differenceOutcomes),
    v.description(
      "`repaired`: two recounts agreed, and the tallies were put right. `unsettled`: four did not agree, and nothing was changed.",
    ),
  ),
  cells: v.pipe(
    v.array(v.strictObject({ cell: v.string(), before: count, after: count })),
    v.description(
      "What was wrong: the tally and its key, such as `state:verified` or `area:north`, what it said before, and what the rows say. Of what is no count (`row:…`), 0 stands for wrong and 1 for right.",
    ),
  ),
});

/** Answer of `GET /v1/admin/reconciliations`. */
export const TallyDifferenceList = listAnswer(TallyDifference);
