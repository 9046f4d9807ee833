import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { brokenUtf8Line } from "../../src/lib/utf8.ts";
import { FileFlaw } from "./flaws.ts";

// Some 4,000 petitions, or 800,000 postcodes. All of it is held in memory.
const MAX_FILE_BYTES = 16 * 1024 * 1024;

const MEGABYTE = 1024 * 1024;

/** The text of a UTF-8 file without its byte order mark. Throws a `FileFlaw` when it is too large, or none. */
export async function readSourceFile(path: string): Promise<string> {
  const bytes = await readBounded(path);
  refuseUtf16(bytes);
  const line = brokenUtf8Line(bytes);
  if (line > 0) {
    throw new FileFlaw({
      line,
      says: "is not UTF-8 (Latin-1 or Windows-1252, perhaps): save the file as UTF-8",
    });
  }
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
}

async function readBounded(path: string): Promise<Buffer> {
  const found = await stat(path).catch(() => null);
  if (!found) throw new FileFlaw({ says: "can't be found" });
  if (found.isDirectory()) throw new FileFlaw({ says: "is a folder: name the files in it" });
  if (found.size > MAX_FILE_BYTES) throw tooLarge(`${(found.size / MEGABYTE).toFixed(1)} MB`);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // A pipe has no size beforehand.
    for await (const chunk of createReadStream(path)) {
      size += chunk.length;
      if (size > MAX_FILE_BYTES) throw tooLarge("more");
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof FileFlaw) throw error;
    throw new FileFlaw({ says: "can't be read" });
  }
  return Buffer.concat(chunks);
}

const tooLarge = (size: string) =>
  new FileFlaw({ says: `is too large: ${MAX_FILE_BYTES / MEGABYTE} MB at most, this is ${size}. Split it` });

/** With a byte order mark, or without: text in UTF-8 has no NUL bytes. */
function refuseUtf16(bytes: Buffer): void {
  const marked = bytes.length >= 2 && [0xfeff, 0xfffe].includes(bytes.readUInt16BE(0));
  if (marked || bytes.subarray(0, 4096).includes(0)) {
    throw new FileFlaw({ says: "is UTF-16, or no text at all: save the file as UTF-8" });
  }
}
