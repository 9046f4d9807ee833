import { sql } from "drizzle-orm";

/** Holds for a signature that counts and whose person asked for news. */
export const ASKED_FOR_NEWS = sql`state = 'verified' AND hold IS NULL AND updates = 1`;
