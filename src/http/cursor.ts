import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from "../lib/bytes.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { Problem } from "./problems.ts";

/** The last row of a page by what the page was ordered by: enough to go on after it. */
export type Position = readonly (number | string)[];

/** The longest cursor that is read, in characters. */
export const MAX_CURSOR = 300;

/** A cursor for the page after `position`, bound to its query: it opens no other query, and can't be made up. */
export async function writeCursor(keys: RootKeys, query: string, position: Position): Promise<string> {
  const text = JSON.stringify(position);
  return toBase64Url(utf8(`${await keys.hash("cursor", `${query}\n${text}`)}${text}`));
}

/** Reads a cursor that `writeCursor` wrote for the same query; raises `invalid_cursor` for anything else. */
export async function readCursor<Place extends Position>(
  keys: RootKeys,
  query: string,
  cursor: string,
): Promise<Place> {
  const position = parse(cursor);
  if ((await writeCursor(keys, query, position)) !== cursor) throw new Problem("invalid_cursor");
  return position as Place;
}

const HASH_CHARS = 22;

function parse(cursor: string): Position {
  const bytes = cursor.length <= MAX_CURSOR ? fromBase64Url(cursor) : null;
  if (!bytes) throw new Problem("invalid_cursor");
  try {
    return JSON.parse(fromUtf8(bytes).slice(HASH_CHARS)) as Position;
  } catch {
    throw new Problem("invalid_cursor");
  }
}
