import type { Context } from "hono";
import * as v from "valibot";
import { MAX_CURSOR } from "./cursor.ts";
import { inJsonSchema } from "./json-schema.ts";
import { because } from "./validation.ts";

/** The query parameters of a list in pages: `limit`, from 1 to `max` and `usual` by itself, and `cursor`. */
export const pageFields = (max: number, usual = 20) => ({
  limit: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,3}$/, because("wrong_type")),
      inJsonSchema(v.transform(Number), { type: "integer", pattern: undefined }),
      v.minValue(1, because("out_of_range")),
      v.maxValue(max, because("out_of_range")),
      v.description("How many at once."),
    ),
    String(usual),
  ),
  cursor: v.optional(
    v.pipe(
      v.string(),
      v.maxLength(MAX_CURSOR, because("too_long")),
      v.description("`next_cursor` of the page before. It belongs to that query."),
    ),
  ),
});

/** The `Link` header of a page that is not the last: the request's own address, with the cursor of the next page. */
export function nextLink(c: Context, publicUrl: string, cursor: string): string {
  const { pathname, searchParams } = new URL(c.req.url);
  searchParams.set("cursor", cursor);
  return `<${publicUrl}${pathname}?${searchParams}>; rel="next"`;
}
