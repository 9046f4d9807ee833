import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DESCRIPTION_FILE, PLACEHOLDERS } from "../src/http/description-file.ts";
import { describeApi } from "../src/openapi.ts";

/** Writes the API's description to where wrangler takes files from that are deployed beside the Worker (`[assets]`). */
export function writeApiDescription(root: string): void {
  const path = join(root, "dist/static", DESCRIPTION_FILE);
  const draft = join(root, `dist/description.${process.pid}`);
  const text = JSON.stringify(describeApi(PLACEHOLDERS));
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  mkdirSync(dirname(path), { recursive: true });
  // Another program may read it meanwhile: it finds the old one or the new one, whole.
  writeFileSync(draft, text);
  renameSync(draft, path);
}

if (import.meta.main) writeApiDescription(join(import.meta.dirname, ".."));
