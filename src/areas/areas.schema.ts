import * as v from "valibot";
import { listAnswer, namesAnswer } from "../http/answer-fields.ts";

/** Answer of `GET /v1/areas`. */
export const AreaList = listAnswer(
  v.strictObject({
    code: v.string(),
    name: v.string(),
    population: v.pipe(v.nullable(v.pipe(v.number(), v.integer())), v.description("Null when it is not known.")),
  }),
);

const Term = v.strictObject({
  code: v.string(),
  names: namesAnswer,
  retired: v.pipe(v.boolean(), v.description("Names what older petitions have; not to be offered for new ones.")),
});

/** Answer of `GET /v1/topics` and `GET /v1/departments`. */
export const TermList = listAnswer(Term);
