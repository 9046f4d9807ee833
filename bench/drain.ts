import type { Town } from "./open-town.ts";
import { middle, say } from "./report.ts";
import type { Layout } from "./side-by-side.ts";
import { type BenchPetition, sealedSubmissions } from "./town.ts";

// A machine that is busy with other things must come to an end too.
const MOST_MS = 300_000;

/** How fast the INTAKE queue is emptied, ours and the bare consumer's. */
export interface Drained {
  readonly signatures: number;
  readonly layout: Layout;
  /** Signatures a second from the first message sent to the last row written. */
  readonly ours: number;
  readonly bare: number;
  readonly ratio: number;
}

/** Empties both queues in turn, with the same messages as to number, petitions and length of what is written. */
export async function measureDrain(
  { stage, hot, spread }: Town,
  { layout, signatures, messages, rounds }: { layout: Layout; signatures: number; messages: number; rounds: number },
): Promise<Drained> {
  const petitions = layout === "spread" ? spread : [hot];
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const each = Math.ceil(messages / petitions.length);
    const sealed = await Promise.all(petitions.map((petition) => sealedSubmissions(petition, each)));
    const ready = Array.from({ length: each * petitions.length }, (_, n) => {
      const at = n % petitions.length;
      return { petition: petitions[at] as BenchPetition, message: sealed[at]?.[Math.floor(n / petitions.length)] };
    });
    const rows = ready.map(({ petition }) => [petition.no, SEALED_HEX]);
    bare.push(await drain(stage.url, "bare", rows));
    ours.push(
      await drain(
        stage.url,
        "intake",
        ready.map(({ message }) => message),
      ),
    );
    say(`drain, ${signatures} ${layout}: ${Math.round(ours.at(-1) ?? 0)}/s, bare ${Math.round(bare.at(-1) ?? 0)}/s`);
  }
  const ratio = middle(ours.map((rate, round) => rate / (bare[round] ?? Number.NaN)));
  return { signatures, layout, ours: middle(ours), bare: middle(bare), ratio };

  async function drain(url: string, queue: "bare" | "intake", bodies: readonly unknown[]): Promise<number> {
    const pending = async () =>
      (await stage.db.prepare("SELECT sum(pending) AS n FROM petition_tallies").first<number>("n")) ?? 0;
    const before = await pending();
    const begun = performance.now();
    for (let at = 0; at < bodies.length; at += 100) {
      const body = JSON.stringify(bodies.slice(at, at + 100));
      await fetch(`${url}/bench/enqueue/${queue}`, { method: "POST", body });
    }
    while ((await pending()) < before + bodies.length) {
      if (performance.now() > begun + MOST_MS) throw new Error(`the ${queue} queue did not drain`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return (bodies.length / (performance.now() - begun)) * 1000;
  }
}

// As long as a sealed name, address and postcode.
const SEALED_HEX = "a5".repeat(150);
