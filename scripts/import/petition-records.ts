import * as v from "valibot";
import { textField } from "../../src/http/validation.ts";
import { NewPetition } from "../../src/petitions/petitions.schema.ts";
import { countField, dayField, optionalText, sourceIdField, timeField, unixText } from "./fields.ts";
import { type Flaws, flawOf, ONE_FLAW_A_FIELD } from "./flaws.ts";
import { type ImportSettings, Seen } from "./plan.ts";

const MAX_DETAILS = 1_000; // characters, as of every petition
const MAX_RESPONSE = 10_000; // characters: 40 KB at most, within one statement of D1

/** The thresholds of the source, by its own names, and the field that says when each was reached. */
const THRESHOLDS = {
  moderation: "moderation_threshold_reached_at",
  response: "response_threshold_reached_at",
  debate: "debate_threshold_reached_at",
} as const;

function petitionSchema(now: number) {
  const time = v.nullish(timeField(now), null);
  const day = dayField(new Date(now).toISOString().slice(0, 10));
  return v.object({
    source_id: sourceIdField,
    title: v.pipe(unixText, NewPetition.entries.title),
    background: v.pipe(unixText, NewPetition.entries.background),
    details: v.nullish(optionalText(MAX_DETAILS), ""),
    state: v.optional(
      v.pipe(
        v.string(),
        v.check((state) => state === "open", 'is not "open": only what is open elsewhere can open here'),
      ),
      "open",
    ),
    closed_at: v.nullish(
      v.pipe(
        v.unknown(),
        v.check(() => false, "is not null: only what is open elsewhere can open here"),
      ),
      null,
    ),
    signature_count: v.nullish(countField, null),
    created_at: time,
    opened_at: time,
    moderation_threshold_reached_at: time,
    response_threshold_reached_at: time,
    debate_threshold_reached_at: time,
    government_response_at: time,
    response: v.nullish(
      v.object({
        summary: v.pipe(unixText, textField(MAX_DETAILS)),
        details: v.nullish(optionalText(MAX_RESPONSE), ""),
        responded_on: v.nullish(day, null),
      }),
      null,
    ),
    as_of: v.nullish(day, null),
  });
}

type PetitionInput = v.InferOutput<ReturnType<typeof petitionSchema>>;

/** A petition of a file: its text, and what its source says of it. */
export interface PetitionRecord {
  readonly sourceId: string;
  readonly title: string;
  readonly background: string;
  readonly details: string;
  readonly facts: SourceFacts;
}

/** What the source says, in the form of the row that keeps it. */
export interface SourceFacts {
  readonly as_of: string;
  readonly as_of_basis: "stated" | "latest_event";
  readonly opened_at: number | null;
  readonly signatures: number | null;
  /** JSON array of {name, reached_at}. */
  readonly thresholds: string;
  readonly response_summary: string | null;
  readonly response_details: string | null;
  readonly responded_on: string | null;
}

/** Checks the elements of a petitions file; those that are wrong are left out and told to `flaws`. */
export function checkPetitions(
  elements: readonly unknown[],
  { asOf, now }: Pick<ImportSettings, "asOf" | "now">,
  flaws: Flaws,
): PetitionRecord[] {
  const schema = petitionSchema(now);
  const seen = new Seen();
  return elements.flatMap((element, index) => {
    const record = index + 1;
    const result = v.safeParse(schema, element, ONE_FLAW_A_FIELD);
    for (const issue of result.issues ?? []) flaws.add(flawOf(issue, record));
    if (!result.success) return [];
    const input = result.output;
    const first = seen.before(input.source_id, record);
    if (first !== undefined) flaws.add({ record, field: "source_id", says: `is the same as in record ${first}` });
    const dated = dateOf(input, asOf);
    if ("says" in dated) {
      flaws.add({ record, field: "as_of", says: dated.says });
      return [];
    }
    const { source_id, title, background, details } = input;
    return [{ sourceId: source_id, title, background, details, facts: { ...factsOf(input), ...dated } }];
  });
}

/** The day of a record's figures: its own, or the one that holds for the file, or that of the latest event it names. */
function dateOf(
  input: PetitionInput,
  asOf: string | null,
): Pick<SourceFacts, "as_of" | "as_of_basis"> | { says: string } {
  const latest = latestDay(input);
  const stated = input.as_of ?? asOf;
  if (stated !== null && latest !== null && latest > stated)
    return { says: `is before an event that the record names` };
  if (stated !== null) return { as_of: stated, as_of_basis: "stated" };
  if (latest !== null) return { as_of: latest, as_of_basis: "latest_event" };
  return { says: "is required where no event has a date: give the day of the figures here or by --as-of" };
}

function latestDay(input: PetitionInput): string | null {
  const times = [
    input.created_at,
    input.opened_at,
    input.government_response_at,
    ...Object.values(THRESHOLDS).map((field) => input[field]),
  ];
  const days = [...times.map((time) => time?.slice(0, 10)), input.response?.responded_on];
  return (
    days
      .filter((day) => typeof day === "string")
      .sort()
      .at(-1) ?? null
  );
}

function factsOf(input: PetitionInput): Omit<SourceFacts, "as_of" | "as_of_basis"> {
  const thresholds = Object.entries(THRESHOLDS).flatMap(([name, field]) => {
    const reached_at = input[field];
    return reached_at === null ? [] : [{ name, reached_at: new Date(reached_at).toISOString() }];
  });
  return {
    opened_at: input.opened_at === null ? null : Date.parse(input.opened_at),
    signatures: input.signature_count,
    thresholds: JSON.stringify(thresholds),
    response_summary: input.response?.summary ?? null,
    response_details: input.response?.details ?? null,
    responded_on: input.response?.responded_on ?? null,
  };
}
