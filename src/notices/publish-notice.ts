import { recordAct } from "../access/audit.ts";
import type { Staff } from "../access/staff.ts";
import { requireVersion } from "../http/if-match.ts";
import { Problem, type ProblemError } from "../http/problems.ts";
import { FLAWS, type Flaw } from "../http/validation.ts";
import { type Notice, type NoticeKind, newestOf } from "./notice.ts";
import { insertNotice, isNewest, publishedVersions } from "./notices.store.ts";
import type { NoticeDeps } from "./read-notices.ts";

export interface PublishDeps extends NoticeDeps {
  readonly clock: () => number;
}

/**
 * Publishes the next version of a notice, with its entry in the audit log; it holds at once, and no version is ever
 * changed. Needs a text in each of the service's languages; an address only the privacy notice has. Raises
 * `precondition_failed` when the newest version is not the one that staff have read, and `invalid_request`.
 */
export async function publishNotice(
  deps: PublishDeps,
  staff: Staff,
  { kind, tags }: { kind: NoticeKind; tags: readonly string[] },
  { texts, url = null }: { texts: Readonly<Record<string, string>>; url?: string | undefined | null },
): Promise<Notice> {
  const { db, clock } = deps;
  const [published] = await db.batch([publishedVersions(db)]);
  const before = newestOf(published, kind);
  requireVersion(tags, before);
  const errors = flawsOf(deps.locales, kind, { texts, url });
  if (errors.length > 0) throw new Problem("invalid_request", { errors });
  const now = clock();
  const version = before + 1;
  const act = { actor: staff, act: "notice.publish", subject: `notice:${kind}`, at: now };
  const entry = recordAct(db, { ...act, before: { version: before }, after: { version } }, isNewest(kind, before));
  const [, inserted] = await db.batch([entry, insertNotice(db, { kind, version, texts, url, now })]);
  if (inserted.meta.changes === 0) throw new Problem("precondition_failed");
  return { kind, version, texts, url, publishedAt: now };
}

function flawsOf(
  locales: readonly string[],
  kind: NoticeKind,
  { texts, url }: { texts: Readonly<Record<string, string>>; url: string | null },
): ProblemError[] {
  const flaw = (pointer: string, code: Flaw) => ({ pointer, code, detail: FLAWS[code] });
  return [
    ...locales.filter((locale) => texts[locale] === undefined).map((locale) => flaw(`/texts/${locale}`, "missing")),
    // The tag itself is not repeated: it may be anything.
    ...(Object.keys(texts).some((tag) => !locales.includes(tag)) ? [flaw("/texts", "unknown_value")] : []),
    ...(url !== null && kind !== "privacy" ? [flaw("/url", "unknown_field")] : []),
  ];
}
