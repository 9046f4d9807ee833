import * as v from "valibot";
import type { IdPrefix } from "../lib/ids.ts";

/** A public id in an answer. */
export const idAnswer = (prefix: IdPrefix) =>
  v.pipe(v.string(), v.regex(new RegExp(`^${prefix}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)));

/** A moment in an answer: ISO 8601 in UTC. */
export const timeAnswer = v.pipe(v.string(), v.isoTimestamp());

/** A moment as answers tell it, or that there is none. `at`: milliseconds since 1970. */
export const timeOrNull = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** A number of signatures in an answer. */
export const countAnswer = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A list in an answer. */
export const listAnswer = <Item extends v.GenericSchema>(item: Item) =>
  v.strictObject({
    data: v.array(item),
    next_cursor: v.pipe(v.nullable(v.string()), v.description("For `cursor`, to get the next page; null on the last.")),
  });

/** Names by language, a BCP 47 tag. */
export const namesAnswer = v.pipe(v.record(v.string(), v.string()), v.description("The name in each language."));
