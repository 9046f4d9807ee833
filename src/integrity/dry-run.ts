import type { Database } from "../db/database.ts";
import { fromHex } from "../lib/bytes.ts";
import { petitionNo, publicId } from "../lib/ids.ts";
import { localDay } from "../lib/local-time.ts";
import { signatureId } from "../signatures/signature.ts";
import { type Conditions, type Cursor, digestOf } from "./invalidation.ts";
import { type DryRow, dryPage, type Place } from "./run-batches.store.ts";
import { shownConditions } from "./run-view.ts";

export interface DryRunDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly timeZone: string;
  /** Days after which address and network of a signature are erased. */
  readonly retention: { readonly addressDays: number };
}

// Signatures that one statement looks at: a fraction of a second, far from D1's limit of 30.
const PAGE = 20_000;
const SAMPLES = 10;
const QUARTER_MS = 900_000;
const DAY_MS = 24 * 60 * 60_000;

type Dimension = "state" | "hold" | "area" | "channel" | "day";

/**
 * What an invalidation with these conditions would take out, changing nothing: how many, by state, hold, area, channel and
 * day of submission, and a sample without personal data. `petitionId`: UUID.
 */
export async function dryRun(deps: DryRunDeps, petitionId: string, conditions: Conditions) {
  const until = deps.clock();
  const no = petitionNo(petitionId);
  const found = { bars: emptyBars(), samples: [] as unknown[], creator: false };
  let cursor: Cursor | null = [];
  while (cursor) {
    const samples = SAMPLES - found.samples.length;
    const place: Place = { petitionNo: no, way: conditions, cursor };
    const at = { conditions, limit: PAGE, until, samples };
    const rows: DryRow[] = (await deps.db.batch([dryPage(deps.db, place, at)]))[0];
    cursor = null;
    for (const { kind, key, n } of rows) {
      if (kind === "creator") found.creator = true;
      else if (kind === "sample") found.samples.push(sampleView(no, String(key)));
      else if (kind === "next") cursor = key === null ? null : (JSON.parse(String(key)) as Cursor);
      else if (kind === "quarter") add(found.bars.day, localDay(Number(key) * QUARTER_MS, deps.timeZone), n);
      else add(found.bars[kind], String(key ?? ""), n);
    }
  }
  return {
    petition_id: publicId("pet", petitionId),
    as_of: new Date(until).toISOString(),
    where: shownConditions(conditions),
    addresses_from:
      conditions.address === undefined && conditions.network === undefined
        ? null
        : new Date(until - deps.retention.addressDays * DAY_MS).toISOString(),
    matches: [...found.bars.state.values()].reduce((sum, n) => sum + n, 0),
    creator_kept: found.creator,
    breakdown: Object.fromEntries(Object.entries(found.bars).map(([name, counts]) => [name, sorted(counts)])),
    sample: found.samples,
  };
}

const emptyBars = (): Record<Dimension, Map<string, number>> => ({
  ...{ state: new Map(), hold: new Map(), area: new Map(), channel: new Map(), day: new Map() },
});

const sorted = (counts: Map<string, number>) =>
  [...counts].map(([key, count]) => ({ key, count })).sort((a, b) => (a.key < b.key ? -1 : 1));

const add = (counts: Map<string, number>, key: string, n: number) => counts.set(key, (counts.get(key) ?? 0) + n);

interface Sampled {
  readonly email_hash: string;
  readonly person_hash: number;
  readonly state: string;
  readonly hold: string | null;
  readonly area: string | null;
  readonly channel: string | null;
  readonly accepted_at: number;
  readonly verified_at: number | null;
  readonly network: string;
  readonly domain: string;
}

function sampleView(no: number, json: string) {
  const { email_hash, person_hash, accepted_at, verified_at, network, domain, ...rest } = JSON.parse(json) as Sampled;
  const digest = (hex: string) => (hex ? digestOf(hex) : null);
  return {
    signature_id: signatureId({ petitionNo: no, emailHash: fromHex(email_hash), personHash: person_hash }),
    ...rest,
    accepted_at: new Date(accepted_at).toISOString(),
    verified_at: verified_at === null ? null : new Date(verified_at).toISOString(),
    network: digest(network),
    domain: digest(domain),
  };
}
