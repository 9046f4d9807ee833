import { type Database, readTogether } from "../db/database.ts";
import { noticeKinds } from "../db/notices-schema.ts";
import { FIRST_VERSION, firstNotice, type Notice, type NoticeKind, type NoticeSettings } from "./notice.ts";
import { newestNotices, versionOf, versionsOf } from "./notices.store.ts";

export interface NoticeDeps extends NoticeSettings {
  readonly db: Database;
}

/** The newest version of every kind. */
export async function currentNotices(deps: NoticeDeps): Promise<Notice[]> {
  const rows = await readTogether(deps.db, newestNotices(deps.db));
  return noticeKinds.map((kind) => rows.find((row) => row.kind === kind) ?? firstNotice(kind, deps));
}

/** One version of a kind, old ones too; undefined when there is none. */
export async function readNotice(deps: NoticeDeps, kind: NoticeKind, version: number): Promise<Notice | undefined> {
  if (version === FIRST_VERSION) return firstNotice(kind, deps);
  return (await deps.db.batch([versionOf(deps.db, kind, version)]))[0][0];
}

/** Every version of a kind, the newest first. */
export async function allVersions(deps: NoticeDeps, kind: NoticeKind): Promise<Notice[]> {
  const [rows] = await deps.db.batch([versionsOf(deps.db, kind)]);
  return [...rows, firstNotice(kind, deps)];
}
