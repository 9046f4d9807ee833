import { type SQL, sql } from "drizzle-orm";
import type { Condition } from "./database.ts";

/** Whether a petition's data is held for legal reasons at a moment (milliseconds since 1970). `no`: SQL of its number. */
export const isHeld = (no: SQL, now: number): Condition =>
  sql`EXISTS (SELECT 1 FROM retention_holds AS held WHERE held.petition_no = ${no} AND held.until > ${now})`;

/** Whether a pass through a petition's signatures has come as far as somebody saw, and no further. */
export const isPassAt = ({ petitionNo, cursor }: { petitionNo: number; cursor: string }): Condition =>
  sql`petition_no = ${petitionNo} AND cursor = ${cursor}`;
