import { sql } from "drizzle-orm";
import { type Database, rowsOf } from "../../db/database.ts";

/** A disabled endpoint and whom to tell; nothing when it is told again, deleted, or its partner is suspended. */
export const disabledForMail = (db: Database, id: string) =>
  rowsOf<{
    id: string;
    url: string;
    disabledAt: number;
    why: "failing" | "gone";
    name: string;
    email: string;
    locale: string | null;
  }>(
    db,
    sql`SELECT webhook_endpoints.id AS id, url, disabled_at AS disabledAt, disabled_for AS why, name, email, locale
    FROM webhook_endpoints JOIN partners ON code = partner
    WHERE webhook_endpoints.id = ${id} AND disabled_at IS NOT NULL AND deleted_at IS NULL AND suspended_at IS NULL`,
  );
