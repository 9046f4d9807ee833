import type { Database } from "../db/database.ts";
import type { Bytes } from "../lib/bytes.ts";
import { log } from "../lib/log.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { PetitionSecret } from "./petition-secret.ts";
import { replaceSecret, wrappedSecrets } from "./petitions.store.ts";

// Petitions of one read and one transaction.
const PAGE = 200;

/** What a run found: secrets looked at, wrapped anew, and those that neither key opens. */
export interface Rewrapped {
  readonly checked: number;
  readonly rewrapped: number;
  readonly unreadable: number;
}

/**
 * While ROOT_KEY is being rotated (`rotating`), wraps every petition's secret under the current key. Run each hour, so
 * a petition from an isolate that still had the old settings is found too. Repeatable, and safe to end anywhere.
 */
export async function rewrapSecrets(deps: {
  db: Database;
  keys: RootKeys;
  rotating: boolean;
}): Promise<Rewrapped | null> {
  if (!deps.rotating) return null;
  const { db } = deps;
  const total = { checked: 0, rewrapped: 0, unreadable: 0 };
  for (let after = -1; ; ) {
    const [page] = await db.batch([wrappedSecrets(db, { after, limit: PAGE })]);
    const renewed = await Promise.all(page.map(async (row) => ({ ...row, ...(await renew(deps.keys, row)) })));
    const [first, ...rest] = renewed.flatMap(({ no, from, to }) =>
      from && to && to !== from ? [replaceSecret(db, { no, from, to })] : [],
    );
    if (first) await db.batch([first, ...rest]);
    total.checked += page.length;
    total.rewrapped += first ? rest.length + 1 : 0;
    total.unreadable += renewed.filter(({ to }) => to === null).length;
    const last = page.at(-1);
    if (!last || page.length < PAGE) break;
    after = last.no;
  }
  log("secrets_rewrapped", total);
  return total;
}

async function renew(
  keys: RootKeys,
  { id, secret }: { id: string; secret: Bytes | null },
): Promise<{ from: Bytes | null; to: Bytes | null }> {
  return { from: secret, to: secret && (await PetitionSecret.rewrap(keys, id, secret)) };
}
