import * as v from "valibot";
import { inJsonSchema } from "./json-schema.ts";
import { because, flawed } from "./validation.ts";

/** A moment as ISO 8601 with its zone, read into milliseconds since 1970. */
export const momentField = (says: string) =>
  v.pipe(
    v.string(),
    v.isoTimestamp(because("wrong_type")),
    inJsonSchema(v.transform(Date.parse), {}),
    // Of the right form and no moment all the same: `+25:00`.
    inJsonSchema(
      v.check((at: number) => !Number.isNaN(at), because("wrong_type")),
      {},
    ),
    v.description(says),
  );

/** A moment that is still to come at `now`, or none; raises `invalid_request`. */
export function toCome(pointer: string, at: number | null, now: number): number | null {
  if (at !== null && !(at > now)) throw flawed(pointer, "out_of_range");
  return at;
}
