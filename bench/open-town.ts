import { seedReference } from "./seed.ts";
import { openStage, type Stage } from "./stage.ts";
import { type BenchPetition, petitionWith } from "./town.ts";

// As many as an isolate remembers answers of, in each of two forms.
const SPREAD = 50;

/** A stage with one petition that everybody signs, and others over which as many signatures are spread. */
export interface Town {
  readonly stage: Stage;
  readonly hot: BenchPetition;
  readonly spread: readonly BenchPetition[];
  /** A viewer's key: what it costs to look one up belongs to what staff read. */
  readonly staffKey: string;
}

/** Opens a stage and founds its town: petitions without signatures. */
export async function openTown(): Promise<Town> {
  const stage = await openStage();
  await seedReference(stage.db);
  const hot = await petitionWith(stage.db, 0);
  const spread: BenchPetition[] = [];
  for (let n = 0; n < SPREAD; n++) spread.push(await petitionWith(stage.db, 0));
  return { stage, hot, spread, staffKey: await newStaffKey(stage) };
}

async function newStaffKey({ url }: Stage): Promise<string> {
  const answer = await fetch(`${url}/v1/admin/staff`, {
    method: "POST",
    headers: { Authorization: "Bearer fm_staff_local", "Content-Type": "application/json" },
    body: JSON.stringify({ name: "Vera Viewer", role: "viewer", reminders: false }),
  });
  if (answer.status !== 201) throw new Error(`no staff key: ${answer.status}`);
  return ((await answer.json()) as { key: string }).key;
}
