import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from "../lib/bytes.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { Problem } from "./problems.ts";

/** The last row of a page: the value it was ordered by, and its number among equals. */
export interface Position {
  readonly value: number;
  readonly no: number;
}

/** A cursor for the page after `position`, bound to its query: it opens no other query, and can't be made up. */
export async function writeCursor(keys: RootKeys, query: string, position: Position): Promise<string> {
  const text = `${position.value}.${position.no}`;
  return toBase64Url(utf8(`${text}.${await keys.hash("cursor", `${query}\n${text}`)}`));
}

/** Reads a cursor that `writeCursor` wrote for the same query; raises `invalid_cursor` for anything else. */
export async function readCursor(keys: RootKeys, query: string, cursor: string): Promise<Position> {
  const [value, no] = parse(cursor);
  const position = { value: Number(value), no: Number(no) };
  if (!Number.isSafeInteger(position.value) || !Number.isSafeInteger(position.no)) throw new Problem("invalid_cursor");
  if ((await writeCursor(keys, query, position)) !== cursor) throw new Problem("invalid_cursor");
  return position;
}

function parse(cursor: string): string[] {
  const bytes = cursor.length <= 200 ? fromBase64Url(cursor) : null;
  if (!bytes) throw new Problem("invalid_cursor");
  try {
    return fromUtf8(bytes).split(".");
  } catch {
    throw new Problem("invalid_cursor");
  }
}
