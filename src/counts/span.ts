import * as v from "valibot";
import { inJsonSchema } from "../http/json-schema.ts";
import { Problem } from "../http/problems.ts";
import { because, FLAWS } from "../http/validation.ts";
import { daysBetween } from "../lib/local-time.ts";

/** The municipality's days, `2026-11-23`, both included. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

const isDay = (text: string): boolean => {
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
};

const dayField = (says: string) =>
  v.optional(
    v.pipe(
      v.string(),
      v.isoDate(because("wrong_type")),
      inJsonSchema(v.check(isDay, because("wrong_type")), { format: "date" }),
      inJsonSchema(
        v.check((day: string) => day >= "2000-01-01" && day <= "2099-12-31", because("out_of_range")),
        {},
      ),
      v.description(says),
    ),
  );

/** The query parameters of a span of days. */
export const spanFields = {
  from: dayField("The first of the municipality's days."),
  to: dayField("The last of them."),
};

/** A span that is in order and not longer than `max` days; raises `invalid_request`. */
export function checkSpan(span: Span, max: number): Span {
  const days = daysBetween(span.from, span.to) + 1;
  if (days >= 1 && days <= max) return span;
  throw new Problem("invalid_request", {
    errors: [{ pointer: "to", code: "out_of_range", detail: FLAWS.out_of_range }],
  });
}
