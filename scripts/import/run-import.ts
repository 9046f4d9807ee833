import { checkAreaCounts } from "./area-counts.ts";
import { checkAreas } from "./areas.ts";
import { FileFlaw, Flaws } from "./flaws.ts";
import { checkPetitions } from "./petition-records.ts";
import { type CheckedFile, type ImportSettings, number } from "./plan.ts";
import { planPetitions } from "./plan-petitions.ts";
import { checkPostcodes } from "./postcodes.ts";
import { looksLikeJson, readCsvHeader, readJsonArray } from "./records.ts";
import { readSourceFile } from "./source-file.ts";
import { type Target, TargetFailure } from "./target.ts";

// In this order: each needs what the ones before bring.
const KINDS = ["areas", "postcodes", "petitions", "area counts"] as const;

type Kind = (typeof KINDS)[number];

const LARGE = 50_000; // records: from here on writing takes long enough to say that it has begun

/** Where the operator reads how it goes. */
export interface Report {
  /** What was done, and how it goes. */
  say(line: string): void;
  /** What is wrong. */
  complain(line: string): void;
}

/** A file under the name that the operator gave it. */
export interface NamedFile {
  readonly name: string;
  readonly path: string;
}

/** A file that is right as such, to be compared with the database and written. */
export interface ReadyFile {
  readonly name: string;
  readonly kind: Kind;
  readonly file: CheckedFile;
}

/** Checks files without any database, and reports what is wrong with those that are not among the answer's. */
export async function checkFiles(
  named: readonly NamedFile[],
  settings: ImportSettings,
  report: Report,
): Promise<ReadyFile[]> {
  const ready: ReadyFile[] = [];
  for (const { name, path } of named) {
    const flaws = new Flaws();
    const found = await check({ name, path }, { settings, report, flaws });
    if (found && flaws.count === 0) ready.push({ name, ...found });
    else refuse(name, flaws, report);
  }
  return ready;
}

/**
 * Writes files that have been checked, each whole or not at all, in the order in which they build on each other, and
 * reports on each. Answers with the number of those that were written, or were all there already.
 */
export async function writeFiles(
  files: readonly ReadyFile[],
  { target, settings, report }: { target: Target; settings: ImportSettings; report: Report },
): Promise<number> {
  let written = 0;
  for (const kind of KINDS) {
    for (const { name, file } of files.filter((each) => each.kind === kind)) {
      if (await write(name, file, { target, settings, report })) written++;
    }
  }
  return written;
}

async function check(
  { name, path }: NamedFile,
  { settings, report, flaws }: { settings: ImportSettings; report: Report; flaws: Flaws },
): Promise<{ kind: Kind; file: CheckedFile } | null> {
  try {
    const text = await readSourceFile(path);
    return looksLikeJson(text)
      ? checkJson(path, readJsonArray(text), { settings, flaws })
      : checkCsv(text, flaws, (records) => report.say(`${name}: ${number(records)} records read`));
  } catch (error) {
    if (!(error instanceof FileFlaw)) throw error;
    flaws.add(error.flaw);
    return null;
  }
}

/** A file is what its content is, whatever its name. */
function checkJson(
  path: string,
  elements: readonly unknown[],
  { settings, flaws }: { settings: ImportSettings; flaws: Flaws },
): { kind: Kind; file: CheckedFile } {
  const has = (field: string) => elements.some((one) => typeof one === "object" && one !== null && field in one);
  if (has("title") || has("source_id")) {
    const petitions = checkPetitions(elements, settings, flaws);
    const plan: CheckedFile["plan"] = (target, given) => planPetitions(target, given, petitions);
    return { kind: "petitions", file: { records: elements.length, plan } };
  }
  if (has("code") || has("area")) return { kind: "area counts", file: checkAreaCounts(path, elements, flaws) };
  throw new FileFlaw({
    says: "is neither petitions (with source_id, title, …) nor signatures by area (with code, area, signature_count)",
  });
}

function checkCsv(text: string, flaws: Flaws, note: (records: number) => void): { kind: Kind; file: CheckedFile } {
  const columns = readCsvHeader(text);
  const file = (): { kind: Kind; file: CheckedFile } | null => {
    switch (columns.toSorted().join()) {
      case "code,name":
      case "code,name,population":
        return { kind: "areas", file: checkAreas(text, columns, flaws) };
      case "area,postcode":
        return { kind: "postcodes", file: checkPostcodes(text, columns, flaws, note) };
      default:
        return null;
    }
  };
  const found = file();
  if (!found) {
    throw new FileFlaw({ line: 1, says: 'must be "code,name", "code,name,population" or "postcode,area"' });
  }
  if (found.file.records === 0) throw new FileFlaw({ says: "has no records below its first line" });
  return found;
}

async function write(
  name: string,
  file: CheckedFile,
  { target, settings, report }: { target: Target; settings: ImportSettings; report: Report },
): Promise<boolean> {
  const flaws = new Flaws();
  try {
    const { statements, summary } = await file.plan(target, settings, flaws);
    if (flaws.count > 0) return refuse(name, flaws, report);
    if (statements.length > 0) {
      if (file.records >= LARGE) report.say(`${name}: writing, this takes a while`);
      await target.write(statements);
    }
    report.say(`${name}: ${summary}`);
    return true;
  } catch (error) {
    if (!(error instanceof TargetFailure)) throw error;
    flaws.add({ says: error.message });
    return refuse(name, flaws, report);
  }
}

function refuse(name: string, flaws: Flaws, report: Report): false {
  for (const line of flaws.lines(name)) report.complain(line);
  report.complain(`${name}: nothing of it was imported`);
  return false;
}
