import { and, asc, desc, eq, sql } from "drizzle-orm";
import { type Condition, type Database, runOf } from "../db/database.ts";
import { notices } from "../db/notices-schema.ts";
import type { NoticeKind } from "./notice.ts";

/** Which versions there are and since when, without their texts. */
export const publishedVersions = (db: Database) =>
  db
    .select({ kind: notices.kind, version: notices.version, publishedAt: notices.publishedAt })
    .from(notices)
    .orderBy(asc(notices.kind), asc(notices.version));

/** Every version of a kind that was published, the newest first. */
export const versionsOf = (db: Database, kind: NoticeKind) =>
  db.select().from(notices).where(eq(notices.kind, kind)).orderBy(desc(notices.version));

/** One version of a kind. */
export const versionOf = (db: Database, kind: NoticeKind, version: number) =>
  db
    .select()
    .from(notices)
    .where(and(eq(notices.kind, kind), eq(notices.version, version)));

/** The newest version of each kind that was published. */
export const newestNotices = (db: Database) =>
  db.select().from(notices).where(sql`(kind, version) IN (SELECT kind, max(version) FROM notices GROUP BY kind)`);

/** That no version of a kind has followed the one that was read. */
export const isNewest = (kind: NoticeKind, version: number): Condition =>
  sql`(SELECT coalesce(max(version), 1) FROM notices WHERE kind = ${kind}) = ${version}`;

/** Publishes the version after the one that was read, if it is still the newest. */
export const insertNotice = (
  db: Database,
  notice: {
    kind: NoticeKind;
    version: number;
    texts: Readonly<Record<string, string>>;
    url: string | null;
    now: number;
  },
) =>
  runOf(
    db,
    sql`INSERT INTO notices (kind, version, texts, url, published_at)
    SELECT ${notice.kind}, ${notice.version}, ${JSON.stringify(notice.texts)}, ${notice.url}, ${notice.now}
    WHERE ${isNewest(notice.kind, notice.version - 1)}`,
  );
