import { type Context, Hono } from "hono";
import type { Database } from "../db/database.ts";
import { parseQuery } from "../http/validation.ts";
import { localDay } from "../lib/local-time.ts";
import { RateQuery } from "./mail-rates.schema.ts";
import { ratesSince } from "./mail-rates.store.ts";

export interface MailRateDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly timeZone: string;
  /** Raises `unauthorized`. */
  readonly requireStaff: (headers: Headers, atLeast: "viewer") => Promise<unknown>;
}

const DAY_MS = 24 * 60 * 60_000;

/** What became of the mails of each of the municipality's days, the newest first. A day without mail is left out. */
export const mailRateRoutes = (depsOf: (c: Context) => MailRateDeps) =>
  new Hono().get("/v1/admin/mail/rates", async (c) => {
    const { db, clock, timeZone, requireStaff } = depsOf(c);
    await requireStaff(c.req.raw.headers, "viewer");
    const { days: count } = parseQuery(c, RateQuery);
    const now = clock();
    const [days] = await db.batch([ratesSince(db, localDay(now - (count - 1) * DAY_MS, timeZone))]);
    return c.json({ as_of: new Date(now).toISOString(), days });
  });
