import type { Database } from "../db/database.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { dropUnsubscribed, LOOKED_UP, rekeyUnsubscribed, unsubscribedSince } from "./unsubscribed.store.ts";

const PURPOSE = "unsubscribed";

/** A canonical address as the table of those who want no news knows it: 16 bytes in base64url. */
export const unsubscribedHash = (keys: RootKeys, canonical: string): Promise<string> => keys.hash(PURPOSE, canonical);

/**
 * Since when each of some recipients (canonical addresses) wants no news of any petition, in step; null for who may have
 * them. While ROOT_KEY is being rotated both keys' hashes are looked up, and what is met under the previous one moves to
 * the current one.
 */
export async function unsubscribedAmong(
  { db, keys }: { db: Database; keys: RootKeys },
  recipients: readonly string[],
): Promise<(number | null)[]> {
  const hashes = await Promise.all(recipients.map((recipient) => keys.hashes(PURPOSE, recipient)));
  const found = await lookUp(db, hashes);
  const moves = hashes.flatMap(([to, from], index) => {
    const old = found[index]?.[1] ?? null;
    return from !== undefined && old !== null ? [{ from, to }] : [];
  });
  if (moves.length > 0) {
    await db.batch([
      rekeyUnsubscribed(db, moves),
      dropUnsubscribed(
        db,
        moves.map(({ from }) => from),
      ),
    ]);
  }
  return found.map((moments) => {
    const known = moments.filter((moment) => moment !== null);
    return known.length > 0 ? Math.max(...known) : null;
  });
}

async function lookUp(db: Database, hashes: readonly (readonly string[])[]): Promise<(number | null)[][]> {
  const chunks: (readonly string[])[][] = [];
  for (let at = 0; at < hashes.length; at += LOOKED_UP) chunks.push(hashes.slice(at, at + LOOKED_UP));
  const [first, ...rest] = chunks.map((chunk) => unsubscribedSince(db, chunk));
  if (!first) return [];
  const answers = await db.batch([first, ...rest]);
  return answers.flatMap(([row], chunk) =>
    (chunks[chunk] ?? []).map((pair, index) => pair.map((_, nth) => row?.[`${index}:${nth}`] ?? null)),
  );
}
