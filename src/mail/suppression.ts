import type { Database } from "../db/database.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { LOOKED_UP, rekeySuppressions, suppressedAmong } from "./suppression.store.ts";

const PURPOSE = "suppression";

/** A canonical address as the table of suppressed addresses knows it. */
export const suppressionHash = (keys: RootKeys, canonical: string): Promise<string> => keys.hash(PURPOSE, canonical);

/**
 * Which of some recipients (canonical addresses) get no mail. One call for all, and no row read for who may have mail.
 * While ROOT_KEY is being rotated both keys' hashes are looked up, and what is met under the previous one moves to the
 * current one, so that it outlives the rotation.
 */
export async function suppressedRecipients(
  { db, keys }: { db: Database; keys: RootKeys },
  recipients: readonly string[],
): Promise<Set<string>> {
  const hashes = await Promise.all(recipients.map((recipient) => keys.hashes(PURPOSE, recipient)));
  const suppressed = new Set<string>();
  const moves: { from: string; to: string }[] = [];
  for (const [index, found] of (await lookUp(db, hashes)).entries()) {
    if (found > 0) suppressed.add(recipients[index] as string);
    const [to, from] = hashes[index] as [string, string?];
    if (found >= 2 && from !== undefined) moves.push({ from, to });
  }
  if (moves.length > 0) await db.batch([rekeySuppressions(db, moves)]);
  return suppressed;
}

async function lookUp(db: Database, hashes: readonly (readonly string[])[]): Promise<number[]> {
  const chunks: (readonly string[])[][] = [];
  for (let at = 0; at < hashes.length; at += LOOKED_UP) chunks.push(hashes.slice(at, at + LOOKED_UP));
  const [first, ...rest] = chunks.map((chunk) => suppressedAmong(db, chunk));
  if (!first) return [];
  const answers = await db.batch([first, ...rest]);
  return answers.flatMap(([row], chunk) => (chunks[chunk] ?? []).map((_, index) => row?.[String(index)] ?? 0));
}
