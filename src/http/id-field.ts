import * as v from "valibot";
import { type IdPrefix, parsePublicId } from "../lib/ids.ts";
import { inJsonSchema } from "./json-schema.ts";
import { because } from "./validation.ts";

/** A public id of a kind, read into its UUID. */
export const idField = (prefix: IdPrefix) =>
  v.pipe(
    v.string(),
    inJsonSchema(
      v.check((text: string) => parsePublicId(prefix, text) !== null, because("wrong_type")),
      { pattern: `^${prefix}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$` },
    ),
    inJsonSchema(
      v.transform((text: string) => parsePublicId(prefix, text) as string),
      {},
    ),
  );
