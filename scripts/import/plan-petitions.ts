import { createHash } from "node:crypto";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { newUuid, petitionNo } from "../../src/lib/ids.ts";
import { PetitionSecret } from "../../src/petitions/petition-secret.ts";
import type { PetitionRecord, SourceFacts } from "./petition-records.ts";
import { type ImportSettings, number, type Opening, type Plan, tally } from "./plan.ts";
import { literal, statementsOf, type Value } from "./sql.ts";
import { type Row, type Target, TargetFailure } from "./target.ts";

/** The columns of `imported_facts` that a later file may change. */
const FACTS = [
  "url",
  "as_of",
  "as_of_basis",
  "opened_at",
  "signatures",
  "thresholds",
  "response_summary",
  "response_details",
  "responded_on",
] as const;

type Facts = SourceFacts & { readonly url: string | null };

/** Plans the petitions that are new, the texts that have changed since they were imported last, and the facts. */
export async function planPetitions(
  target: Target,
  settings: ImportSettings,
  records: readonly PetitionRecord[],
): Promise<Plan> {
  const [facts = [], petitions = [], sample = []] = await target.read([
    `SELECT source_id, petition_no, lower(hex(text_digest)) AS text_digest, ${FACTS} FROM imported_facts
      WHERE source = ${literal(settings.source)}`,
    "SELECT no FROM petitions",
    "SELECT id, lower(hex(secret)) AS secret FROM petitions WHERE secret IS NOT NULL ORDER BY created_at DESC LIMIT 1",
  ]);
  const known = new Map(facts.map((row) => [row.source_id, row]));
  const fresh = records.filter(({ sourceId }) => !known.has(sourceId));
  const there = records.flatMap((record) => {
    const row = known.get(record.sourceId);
    return row ? [{ record, row }] : [];
  });
  const retold = there.filter(({ record, row }) => row.text_digest !== textDigest(record));
  const refreshed = there.filter(({ record, row }) => factsDiffer(row, factsFor(record, settings)));
  const changed = new Set([...retold, ...refreshed]);
  const taken = new Set(petitions.map(({ no }) => Number(no)));
  const opened = await open(fresh, { taken, sample: sample[0], settings });
  const kept = [...changed].map(({ record, row }) => ({ record, no: Number(row.petition_no) }));
  return {
    statements: [
      ...opened.statements,
      ...retold.map(({ record, row }) => retell(record, Number(row.petition_no))),
      ...keepFacts([...opened.petitions, ...kept], settings),
    ],
    summary: [
      tally(records.length, "petitions", {
        new: fresh.length,
        "with a new text": retold.length,
        "with new facts": refreshed.filter((one) => !retold.includes(one)).length,
        unchanged: there.length - changed.size,
      }),
      ...opened.said,
    ].join("\n  "),
  };
}

/** A new petition of a file and the number that it gets here. */
interface Numbered {
  readonly record: PetitionRecord;
  readonly no: number;
}

async function open(
  records: readonly PetitionRecord[],
  { taken, sample, settings }: { taken: Set<number>; sample: Row | undefined; settings: ImportSettings },
): Promise<{ petitions: Numbered[]; statements: string[]; said: string[] }> {
  if (records.length === 0) return { petitions: [], statements: [], said: [] };
  const { now } = settings;
  const opening = await settings.opening();
  await refuseOtherKey(opening, sample);
  const rows: Value[][] = [];
  const petitions: Numbered[] = [];
  for (const record of records) {
    const id = freeId(taken);
    const no = petitionNo(id);
    const { wrapped } = await PetitionSecret.create(opening.keys, id);
    const { title, background, details } = record;
    rows.push([no, id, title, background, details, opening.locale, now, now, opening.closesAt, toHex(wrapped)]);
    petitions.push({ record, no });
  }
  const thresholds = petitions.flatMap(({ no }) =>
    opening.thresholds.map(({ name, signatures }) => [no, name, signatures]),
  );
  return {
    petitions,
    statements: [
      ...statementsOf(
        rows,
        (list) => `INSERT INTO petitions (state, no, id, title, background, details, locale, created_at, opens_at,
            closes_at, secret)
          SELECT 'open', value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
            value ->> 7, value ->> 8, unhex(value ->> 9) FROM ${list}`,
      ),
      ...statementsOf(
        thresholds,
        (list) => `INSERT INTO thresholds (petition_no, name, signatures)
          SELECT value ->> 0, value ->> 1, value ->> 2 FROM ${list}`,
      ),
    ],
    said: describe(opening, settings),
  };
}

function describe({ closesAt, thresholds, thresholdsBy }: Opening, { source, asOf }: ImportSettings): string[] {
  const list = thresholds.map(({ name, signatures }) => `${name} at ${number(signatures)}`).join(", ") || "none";
  const by =
    thresholdsBy === "option" ? "as --thresholds says" : "the municipality's default; --thresholds sets others";
  const dated = asOf ?? "the latest event that each names, unless it says as_of; --as-of gives one day to all";
  return [
    `open from now until ${new Date(closesAt).toISOString()}`,
    `thresholds: ${list} (${by})`,
    `source of the facts: ${source} (--source names another); as of: ${dated}`,
  ];
}

/** A petition whose secret is wrapped under another key could never be signed. */
async function refuseOtherKey({ keys }: Opening, sample: Row | undefined): Promise<void> {
  if (!sample || (await PetitionSecret.unwrap(keys, String(sample.id), fromHex(String(sample.secret))))) return;
  throw new TargetFailure("ROOT_KEY is not the one that this database's petitions are kept under");
}

/** A UUID whose last four bytes, the petition's number, are free. */
function freeId(taken: Set<number>): string {
  for (;;) {
    const id = newUuid();
    if (taken.has(petitionNo(id))) continue;
    taken.add(petitionNo(id));
    return id;
  }
}

/** A trigger keeps the text before as a version of its own. */
const retell = ({ title, background, details }: PetitionRecord, no: number): string =>
  `UPDATE petitions SET (title, background, details, version)
    = (${literal(title)}, ${literal(background)}, ${literal(details)}, version + 1) WHERE no = ${no}
    AND (title, background, details) <> (${literal(title)}, ${literal(background)}, ${literal(details)})`;

const keepFacts = (petitions: readonly Numbered[], settings: ImportSettings): string[] =>
  statementsOf(
    petitions.map(({ record, no }) => {
      const facts = factsFor(record, settings);
      return [settings.source, record.sourceId, no, textDigest(record), ...FACTS.map((column) => facts[column])];
    }),
    (list) => `INSERT INTO imported_facts (source, source_id, petition_no, text_digest, ${FACTS})
      SELECT value ->> 0, value ->> 1, value ->> 2, unhex(value ->> 3),
        ${FACTS.map((_, index) => `value ->> ${index + 4}`)} FROM ${list} WHERE true
      ON CONFLICT (source, source_id) DO UPDATE SET text_digest = excluded.text_digest,
        ${FACTS.map((column) => `${column} = excluded.${column}`)}`,
  );

function factsFor({ sourceId, facts }: PetitionRecord, { sourceUrl }: ImportSettings): Facts {
  return { ...facts, url: sourceUrl?.replaceAll("{id}", encodeURIComponent(sourceId)) ?? null };
}

/** A date that is only derived says nothing new of figures that are the same. */
function factsDiffer(row: Row, facts: Facts): boolean {
  const dates = facts.as_of_basis === "stated" ? [] : ["as_of", "as_of_basis"];
  return FACTS.some((column) => !dates.includes(column) && (row[column] ?? null) !== facts[column]);
}

const textDigest = ({ title, background, details }: PetitionRecord): string =>
  createHash("sha256")
    .update(JSON.stringify([title, background, details]))
    .digest("hex");
