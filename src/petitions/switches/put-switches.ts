import { recordAct } from "../../access/audit.ts";
import type { Staff } from "../../access/staff.ts";
import type { Condition, Database, Statement } from "../../db/database.ts";
import { requireVersion } from "../../http/if-match.ts";
import { Problem } from "../../http/problems.ts";
import { publicId } from "../../lib/ids.ts";
import { changeSetting, readSetting, settingHasVersion } from "../../limits/settings.ts";
import { readSwitches, SWITCH_NAMES, SWITCHES_SETTING, type Switches, type SwitchName } from "../../limits/switches.ts";
import { grownDeadline } from "../grown-deadline.ts";
import * as store from "./switches.store.ts";

export interface SwitchesDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly timeZone: string;
}

/** The switches, and the version to decide on. */
export interface SwitchesNow {
  readonly switches: Switches;
  readonly version: number;
}

// Each try that fails has lost against a petition that opened, or whose deadline staff moved, at the same moment.
const TRIES = 5;

/** The switches as they are now, not as an isolate remembers them. */
export async function switchesNow({ db }: Pick<SwitchesDeps, "db">): Promise<SwitchesNow> {
  const { value, version } = await readSetting(db, SWITCHES_SETTING);
  return { switches: readSwitches(value), version };
}

/**
 * Sets the switches, with an entry in the audit log. Lifting `signing_paused` moves the deadlines of the petitions that
 * are open in the same transaction. What changes nothing keeps its version. `tags`: those of `If-Match`. Raises
 * `precondition_failed`, and `unavailable` when petitions change faster than it can count them.
 */
export async function putSwitches(
  deps: SwitchesDeps,
  staff: Staff,
  change: { on: Readonly<Record<SwitchName, boolean>>; reason: string | undefined; tags: readonly string[] },
): Promise<SwitchesNow> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const before = await switchesNow(deps);
    requireVersion(change.tags, before.version);
    const names = SWITCH_NAMES.filter((name) => change.on[name] !== (before.switches[name] !== null));
    if (names.length === 0) return before;
    const after = await write(deps, staff, { ...change, before, names });
    if (after) return after;
  }
  throw new Problem("unavailable", { headers: { "Retry-After": "1" } });
}

/** Writes a change, in one transaction; null when something it rests on has changed meanwhile. */
async function write(
  deps: SwitchesDeps,
  staff: Staff,
  {
    before,
    names,
    on,
    reason,
  }: {
    before: SwitchesNow;
    names: readonly SwitchName[];
    on: Readonly<Record<SwitchName, boolean>>;
    reason: string | undefined;
  },
): Promise<SwitchesNow | null> {
  const { db } = deps;
  const now = deps.clock();
  const switches = { ...before.switches, ...Object.fromEntries(names.map((name) => [name, on[name] ? now : null])) };
  const signing = names.includes("signing_paused");
  const lifted = signing ? before.switches.signing_paused : null;
  const grown = lifted === null ? null : await deadlinesAfter(deps, { since: lifted, until: now });
  const { statement, when, version } = changeSetting(db, {
    ...{ name: SWITCHES_SETTING, value: JSON.stringify(switches), readVersion: before.version, now },
    ...(grown && { also: grown.allCounted }),
  });
  const times = (of: Switches) => Object.fromEntries(names.map((name) => [name, iso(of[name])]));
  const act = {
    ...{ actor: staff, act: "switches.put", subject: "switches", reason, at: now, before: times(before.switches) },
    after: { ...times(switches), ...(grown && { closes_at: grown.moved }) },
  };
  const pause = switches.signing_paused;
  const inStep: Statement[] = signing
    ? [pause === null ? store.endPause(db, when) : store.beginPause(db, pause, when)]
    : [];
  // Deadlines go last: until then what they rest on is as it was read.
  const moving = grown ? [grown.move(settingHasVersion(SWITCHES_SETTING, version))] : [];
  const results = await db.batch([recordAct(db, act, when), ...inStep, statement, ...moving]);
  const changed = results[1 + inStep.length] as { readonly meta: { readonly changes: number } };
  return changed.meta.changes === 0 ? null : { switches, version };
}

/** The deadlines after a pause of all petitions that are open: how to write them, and by public id those that move. */
async function deadlinesAfter({ db, timeZone }: SwitchesDeps, { since, until }: { since: number; until: number }) {
  const [open] = await db.batch([store.suspendedPetitions(db, since)]);
  const grown = open.map((petition) => {
    const from = Math.max(since, petition.opensAt ?? since, petition.reopenedAt ?? since);
    return { ...petition, ...grownDeadline(petition, { from, until }, timeZone) };
  });
  const moved = grown.filter(({ closesAt }, index) => closesAt !== open[index]?.closesAt);
  return {
    allCounted: store.noneBeside(since, open),
    move: (when: Condition) => store.moveDeadlines(db, grown, when),
    moved: Object.fromEntries(moved.map(({ id, closesAt }) => [publicId("pet", id), iso(closesAt)])),
  };
}

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
