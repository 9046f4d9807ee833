import type { Context } from "hono";
import { Problem } from "./problems.ts";

/** The entity tag of a version that people decide on. */
export const versionTag = (version: number | string): string => `"${version}"`;

/**
 * The entity tags of `If-Match` (RFC 9110, 13.1.1), none of them weak: at least one; `*` is refused, because it would
 * decide on what nobody has read. Raises `precondition_required` without the header.
 */
export function requireIfMatch(c: Context): readonly string[] {
  const header = c.req.header("If-Match")?.trim() ?? "";
  if (header === "" || header === "*") throw new Problem("precondition_required");
  return header.split(",").map((tag) => tag.trim());
}

/** Raises `precondition_failed` unless one of the tags is that of the version that is there. */
export function requireVersion(tags: readonly string[], version: number | string): void {
  if (!tags.includes(versionTag(version))) throw new Problem("precondition_failed");
}
