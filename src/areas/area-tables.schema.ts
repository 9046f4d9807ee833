import * as v from "valibot";
import { countAnswer } from "../http/answer-fields.ts";
import { because } from "../http/validation.ts";

/** Bytes of a table. */
export const TABLE_BYTES = 2_000_000;

const flag = (says: string) =>
  v.optional(v.pipe(v.picklist(["true", "false"], because("wrong_type")), v.description(says)), "false");

/** Query of `GET /v1/admin/areas` and `GET /v1/admin/postcodes`. */
export const TableQuery = v.strictObject({
  bom: flag("`true`: with a byte order mark before the table, by which spreadsheets know UTF-8."),
});

/** Query of `PUT /v1/admin/areas` and `PUT /v1/admin/postcodes`. */
export const PutTableQuery = v.strictObject({ dry_run: flag("`true`: says what would change, and changes nothing.") });

/** A table of areas, as `GET` answers with it and `PUT` takes it. */
export const AreaTable = v.pipe(
  v.string(),
  v.description("CSV with the columns `code`, `name` and, if you like, `population`, in any order."),
);

/** A table of postcodes. */
export const PostcodeTable = v.pipe(
  v.string(),
  v.description("CSV with the columns `postcode` and `area` (the area's code), in any order."),
);

const told = (says: string) =>
  v.pipe(
    v.strictObject({ count: countAnswer, first: v.pipe(v.array(v.string()), v.description("The first 20 of them.")) }),
    v.description(says),
  );

/** Answer of `PUT /v1/admin/areas` and `PUT /v1/admin/postcodes`. */
export const TableChanged = v.strictObject({
  dry_run: v.pipe(v.boolean(), v.description("Whether it only says what would change.")),
  entries: v.pipe(countAnswer, v.description("How many rows the table has.")),
  added: told("New in the list, or in it again."),
  changed: told("With another name, population or area."),
  removed: told("Not in the list any more."),
  unchanged: countAnswer,
  note: v.pipe(v.string(), v.description("What the change does to what was counted before.")),
});
