import * as v from "valibot";
import { runStates } from "../db/invalidation-schema.ts";
import { mailingStates } from "../db/mailing-schema.ts";
import { petitionStates, signatureStates } from "../db/schema.ts";
import { type ProblemCode, problemCatalogue } from "./problems.ts";
import { FLAWS } from "./validation.ts";

const codes = Object.keys(problemCatalogue) as [ProblemCode, ...ProblemCode[]];

const describedCode = { status: v.number(), title: v.string(), detail: v.string() };

/** What stands behind a problem's `type`. */
export const ProblemDescription = v.strictObject({ code: v.picklist(codes), ...describedCode });

/** Every error's body (RFC 9457). */
export const ProblemDocument = v.strictObject({
  type: v.pipe(v.string(), v.description("An address that describes the problem.")),
  title: v.string(),
  status: v.pipe(v.number(), v.integer()),
  code: v.pipe(v.picklist(codes), v.description("What to decide by.")),
  detail: v.pipe(v.string(), v.description("For people. It never repeats what was sent.")),
  request_id: v.pipe(v.string(), v.uuid(), v.description("Names the request to whoever runs the service.")),
  errors: v.optional(
    v.pipe(
      v.array(
        v.strictObject({
          pointer: v.pipe(
            v.string(),
            v.description(
              "A JSON pointer into the body (RFC 6901), a query parameter's or a setting's name, or of a text `line 17`.",
            ),
          ),
          code: v.picklist([
            ...new Set([
              ...Object.keys(FLAWS),
              "unknown_code",
              "in_use",
              "more",
              "setting",
              "erased",
              ...petitionStates,
              ...signatureStates,
              ...runStates,
              "counting",
              ...mailingStates,
            ]),
          ]),
          detail: v.string(),
        }),
      ),
      v.description("What is wrong, field by field; the first 20."),
    ),
  ),
});
