import type { Database, Statement } from "../db/database.ts";
import type { AlarmEvidence } from "../db/integrity-schema.ts";
import { toHex } from "../lib/bytes.ts";
import { newUuid } from "../lib/ids.ts";
import { log } from "../lib/log.ts";
import type { PetitionDirectory } from "../petitions/petition-directory.ts";
import { ANSWER_SUBMISSION, parseKeyHex } from "../signatures/signature.ts";
import { alarmEvidence, causeOf } from "./alarm.ts";
import {
  type Finding,
  OVER_HOURS,
  QUIET_HOURS,
  SHARE_HOURS,
  SHARE_LEAST,
  SHARE_PAST_DAYS,
  unusuallyUnverified,
  unusualShares,
  unusualWithdrawals,
} from "./anomaly.ts";
import { COMMON_DOMAINS } from "./common-domains.ts";
import { addToHours, type PetitionHour, readHour } from "./intake-hours.ts";
import { mailModerators } from "./integrity-mails.store.ts";
import {
  allHoursOf,
  busySince,
  endAlarms,
  forgetHours,
  hoursOf,
  insertAlarm,
  lookedUntil,
  newWithdrawals,
  noteLook,
  recentAlarms,
  recordedIn,
  seeAlarm,
  watchedOf,
  watchedPetitionsOf,
} from "./watch.store.ts";
import { findUnusualHours } from "./watch-hours.ts";

/** The kind of the mails that tell moderators of an alarm. */
export const TELL_ALARM = "alarm_raised";

const HOUR_MS = 60 * 60_000;
const EVERY_MS = 10 * 60_000;
// A job of mail is written a moment after its id is made: younger ones may still be on their way.
const SETTLING_MS = 60_000;
// After an outage the job goes on from here: what lies before is no news any more.
const CATCH_UP_MS = 2 * HOUR_MS;
const RIPE_MS = 24 * HOUR_MS;
// Jobs of mail that a look reads at most, of up to 100 signatures each, as a batch of INTAKE has; of more, each so-manieth.
const MOST_JOBS = 60;
const MOST_ITEMS = 100;

export interface WatchDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly timeZone: string;
  readonly petitions: PetitionDirectory;
}

/**
 * Looks at what has come since the last look, ten minutes ago or more, and raises an alarm for what the rules find
 * unusual: one a cause, with mails to the moderators in the same transaction. Runs may be missed, doubled or die: a look is
 * noted in the transaction that moves how far was looked, and what is unusual is found again by the next.
 */
export async function watchPetitions(deps: WatchDeps): Promise<void> {
  const { db, clock } = deps;
  const now = clock();
  const [[looked]] = await db.batch([lookedUntil(db)]);
  if (!looked || now - looked.at < EVERY_MS + SETTLING_MS) return;
  const touched = await look(deps, { looked: looked.at, until: now - SETTLING_MS });
  const hour = Math.floor(now / HOUR_MS);
  const findings = [...(await findUnusualShares(deps, touched, hour)), ...(await findUnusualHours(deps, now))];
  await raise(deps, findings, now);
}

/** What rules have found about a petition. */
export interface PetitionFinding {
  readonly petitionNo: number;
  readonly finding: Finding;
  /** The evidence, with times in milliseconds. */
  readonly evidence: AlarmEvidence;
}

/** Notes what has come; gives the petitions that it concerns. */
async function look({ db }: WatchDeps, { looked, until }: { looked: number; until: number }): Promise<number[]> {
  const from = Math.max(looked, until - CATCH_UP_MS);
  const jobs = { kind: ANSWER_SUBMISSION, most: MOST_JOBS, items: MOST_ITEMS };
  const span = (ago: number) => ({ from: uuidAt(from - ago), to: uuidAt(until - ago) });
  const [fresh, ripe, withdrawals] = await db.batch([
    recordedIn(db, span(0), jobs),
    recordedIn(db, span(RIPE_MS), jobs),
    newWithdrawals(db),
  ]);
  const [freshSeen, ripeSeen] = await db.batch([
    watchedOf(db, keysIn(fresh), CATCH_UP_MS),
    watchedOf(db, keysIn(ripe), CATCH_UP_MS),
  ]);
  const at = Math.floor(until / HOUR_MS);
  const named = [
    ...[...freshSeen, ...ripeSeen].map(({ petitionNo, hour }) => ({ petitionNo, hour })),
    ...withdrawals.map(({ petitionNo }) => ({ petitionNo, hour: at })),
  ];
  const [known] = await db.batch([hoursOf(db, named)]);
  const hours = addToHours(known.map(readHour), { fresh: freshSeen, ripe: ripeSeen, withdrawals, at });
  const forgetBefore = at - SHARE_HOURS * (SHARE_PAST_DAYS + 2);
  const note = noteLook(db, { from: looked, until, hours, withdrawn: withdrawals });
  await db.batch([forgetHours(db, forgetBefore), ...note]);
  return [...new Set(named.map(({ petitionNo }) => petitionNo))];
}

const keysIn = (jobs: Awaited<ReturnType<typeof recordedIn>>) =>
  jobs.flatMap(({ id, items, made, stride }) =>
    (JSON.parse(items) as string[])
      .filter((item) => /^[0-9a-f]{32}$/.test(item))
      .map((item) => ({ key: parseKeyHex(item), hour: Math.floor(momentOf(id) / HOUR_MS), weight: stride, made })),
  );

/** The moment in a UUIDv7 (RFC 9562, 5.7). */
const momentOf = (uuid: string): number => Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);

/** The smallest UUIDv7 of a moment. */
const uuidAt = (at: number): string => {
  const hex = Math.max(at, 0).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
};

async function findUnusualShares(
  deps: WatchDeps,
  touched: readonly number[],
  hour: number,
): Promise<PetitionFinding[]> {
  const { db } = deps;
  if (touched.length === 0) return [];
  const [busy] = await db.batch([busySince(db, touched, { hour: hour - 2 * SHARE_HOURS, least: SHARE_LEAST })]);
  const nos = busy.map(({ petitionNo }) => petitionNo);
  if (nos.length === 0) return [];
  const [hours, petitions] = await db.batch([allHoursOf(db, nos), watchedPetitionsOf(db, nos)]);
  const findings = await Promise.all(
    petitions.map(async ({ petitionNo, verified }) => {
      const own = hours.filter((each) => each.petitionNo === petitionNo).map(readHour);
      const found = [
        ...(await sharesOf(deps, petitionNo, { own, hour })),
        ...unusuallyUnverified(own, hour),
        ...unusualWithdrawals(own, hour, verified),
      ];
      return found.map((finding) => ({ petitionNo, finding, evidence: alarmEvidence(finding, (at) => at * HOUR_MS) }));
    }),
  );
  return findings.flat();
}

/** Hashes of common domains are computed only where a domain looks unusual. */
async function sharesOf(
  { db, petitions }: WatchDeps,
  petitionNo: number,
  { own, hour }: { own: readonly PetitionHour[]; hour: number },
): Promise<Finding[]> {
  const found = unusualShares(own, hour, new Set());
  if (!found.some(({ kind }) => kind === "domain")) return found;
  const facts = await petitions.facts(db, petitionNo);
  const secret = facts && (await petitions.secret(facts));
  if (!secret) return found.filter(({ kind }) => kind !== "domain");
  const hashes = await Promise.all(COMMON_DOMAINS.map((domain) => secret.lookupHash("domain", domain)));
  return unusualShares(own, hour, new Set(hashes.flatMap((hash) => (hash ? [toHex(hash)] : []))));
}

async function raise({ db }: WatchDeps, findings: readonly PetitionFinding[], now: number): Promise<void> {
  const nos = [...new Set(findings.map(({ petitionNo }) => petitionNo))];
  const [known] = nos.length > 0 ? await db.batch([recentAlarms(db, nos, now - QUIET_HOURS * HOUR_MS)]) : [[]];
  const statements = findings.flatMap(({ petitionNo, finding: { kind, key }, evidence }): Statement[] => {
    const same = known.find((alarm) => alarm.petitionNo === petitionNo && alarm.kind === kind && alarm.key === key);
    if (same) return [seeAlarm(db, same.id, { at: now, evidence: causeOf(same, evidence) })];
    const id = newUuid();
    log("alarm_raised", { petition: petitionNo.toString(16).padStart(8, "0"), kind });
    return [
      insertAlarm(db, { id, petitionNo, kind, key, at: now, evidence }),
      mailModerators(db, { kind: TELL_ALARM, about: id, source: "alarms" }),
    ];
  });
  await db.batch([endAlarms(db, now - OVER_HOURS * HOUR_MS), ...statements]);
}
