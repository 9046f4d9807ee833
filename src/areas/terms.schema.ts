import * as v from "valibot";
import { listAnswer, namesAnswer } from "../http/answer-fields.ts";
import { noFormula, oneLine, textField } from "../http/validation.ts";
import { TERM_LISTS, type TermList } from "./term.ts";

const retired = v.optional(
  v.pipe(v.boolean(), v.description("No longer offered; where it is used it is still shown. May be taken back.")),
  false,
);

/** The names of an entry in each of `languages`; the first is required, and stands in where another is missing. */
const names = (list: TermList, [first, ...others]: readonly [string, ...string[]]) => {
  const name = v.pipe(textField(TERM_LISTS[list].maxName), noFormula(), oneLine());
  return v.pipe(
    v.strictObject({ [first]: name, ...Object.fromEntries(others.map((language) => [language, v.optional(name)])) }),
    v.description("What people read, by language. The municipality's first language is required."),
  );
};

/** Body of `PUT /v1/admin/departments/{code}` and `PUT /v1/admin/topics/{code}`. */
export const termBody = (list: "departments" | "topics", languages: readonly [string, ...string[]]) =>
  v.strictObject({ names: names(list, languages), retired });

/** Body of `PUT /v1/admin/rejection-reasons/{code}`. */
export const reasonBody = (languages: readonly [string, ...string[]]) =>
  v.strictObject({
    names: names("rejection_reasons", languages),
    hidden: v.pipe(
      v.boolean(),
      v.description("Whether a petition rejected so is shown to nobody. Fixed while a petition has the reason."),
    ),
    retired,
  });

const term = { code: v.string(), names: namesAnswer, retired: v.boolean() };

/** A department or a topic, as staff see it. */
export const StaffTerm = v.strictObject(term);

/** Answer of `GET /v1/admin/departments` and `GET /v1/admin/topics`. */
export const StaffTermList = listAnswer(StaffTerm);

/** A reason for not accepting a petition, as staff see it. */
export const Reason = v.strictObject({
  ...term,
  hidden: v.pipe(v.boolean(), v.description("Whether a petition rejected so is shown to nobody.")),
});

/** Answer of `GET /v1/admin/rejection-reasons`. */
export const ReasonList = listAnswer(Reason);
