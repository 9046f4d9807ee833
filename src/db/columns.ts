import { customType } from "drizzle-orm/sqlite-core";
import type { Bytes } from "../lib/bytes.ts";

/** A BLOB. D1 answers with an array of numbers. */
export const bytes = customType<{ data: Bytes; driverData: Bytes | number[] }>({
  dataType: () => "blob",
  fromDriver: (value) => (Array.isArray(value) ? Uint8Array.from(value) : value),
});
