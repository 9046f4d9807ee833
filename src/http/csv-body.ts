import type { Context } from "hono";
import { brokenUtf8Line } from "../lib/utf8.ts";
import { Problem } from "./problems.ts";
import { FLAWS, readBytes } from "./validation.ts";

/**
 * The request's body as a CSV text, of at most `limit` bytes, without its byte order mark. Raises `unsupported_media_type`,
 * `payload_too_large` and, when it is not UTF-8, `invalid_request` that names the first such line.
 */
export async function parseCsvBody(c: Context, limit: number): Promise<string> {
  const type = c.req.header("Content-Type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "text/csv") throw new Problem("unsupported_media_type");
  const bytes = await readBytes(c.req.raw, limit);
  // What has NUL bytes is UTF-16, or no text at all.
  const line = bytes.includes(0) ? 1 : brokenUtf8Line(bytes);
  if (line > 0) {
    throw new Problem("invalid_request", {
      errors: [{ pointer: `line ${line}`, code: "encoding", detail: FLAWS.encoding }],
    });
  }
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
}
