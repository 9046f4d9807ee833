import * as v from "valibot";
import type { Condition, Database, Statement } from "../db/database.ts";
import { fromBase64, fromUtf8, toBase64, utf8 } from "../lib/bytes.ts";
import { log } from "../lib/log.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { LIST_NAMES, type ListName } from "./list-entry.ts";
import {
  DEFAULT_POLICIES,
  MAX_LIMIT,
  MAX_WINDOW,
  MIN_LIMIT,
  MIN_WINDOW,
  type Policies,
  type PolicyName,
  policyNames,
} from "./policies.ts";
import { bothHold, isVersion, putSetting, replaceValue, setting } from "./settings.store.ts";

/** The names of the settings that limits and lists are kept under. */
export const POLICIES_SETTING = "policies";
export const listSetting = (list: ListName): string => `list:${list}`;

/** What staff have set of the limits. */
export interface PolicySettings {
  readonly policies: Policies;
  /** Seconds after its mail within which a verification is taken for a machine's; 0: none is. */
  readonly fastSeconds: number;
}

const number = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

const Stored = v.object({
  policies: v.record(
    v.string(),
    v.object({ limit: number(MIN_LIMIT, MAX_LIMIT), window: number(MIN_WINDOW, MAX_WINDOW) }),
  ),
  fast_seconds: number(0, 60),
});

/** The value of the setting for some limits. */
export const writePolicies = ({ policies, fastSeconds }: PolicySettings): string =>
  JSON.stringify({
    policies: Object.fromEntries(policyNames.map((name) => [name, figuresOf(policies, name)])),
    fast_seconds: fastSeconds,
  });

const figuresOf = (policies: Policies, name: PolicyName) => {
  const { limit, window } = policies[name];
  return { limit, window };
};

/** The limits in a setting's value; where it says nothing of one, that one's default. The consequences are the code's. */
export function readPolicies(value: unknown, defaults: PolicySettings): PolicySettings {
  const stored = v.safeParse(Stored, value);
  if (!stored.success) {
    log("policies_unreadable", {});
    return defaults;
  }
  const figures = stored.output.policies;
  const policies = Object.fromEntries(
    policyNames.map((name) => [name, { ...defaults.policies[name], ...figures[name] }]),
  );
  return { policies: policies as Policies, fastSeconds: stored.output.fast_seconds };
}

/**
 * The limits that hold until staff change them. In local mode mail arrives at once, and whoever tries the service out
 * reads it by machine.
 */
export const defaultPolicies = (local: boolean): PolicySettings => ({
  policies: DEFAULT_POLICIES,
  fastSeconds: local ? 0 : 2,
});

const SealedList = v.object({ sealed: v.string() });

/** The value of a list's setting: it names people, so it is sealed under a key of ROOT_KEY. */
export async function sealList(keys: RootKeys, list: ListName, text: string): Promise<string> {
  return JSON.stringify({ sealed: toBase64(await keys.seal("list", utf8(text), list)) });
}

/** The text of a list in its setting's value; null when no key opens it. */
export async function openList(keys: RootKeys, list: ListName, value: unknown): Promise<string | null> {
  const stored = v.safeParse(SealedList, value);
  const sealed = stored.success ? fromBase64(stored.output.sealed) : null;
  const plain = sealed && (await keys.open("list", sealed, list));
  return plain ? fromUtf8(plain) : null;
}

/** A setting's value and version now, not as an isolate remembers it; version 0 when nobody has set it. */
export async function readSetting(db: Database, name: string): Promise<{ value: unknown; version: number }> {
  const [[row]] = await db.batch([setting(db, name)]);
  return row ? { value: row.value, version: row.updatedAt } : { value: undefined, version: 0 };
}

/** That a setting has a version. */
export const settingHasVersion = (name: string, version: number): Condition => isVersion(name, version);

/**
 * The statement that changes a setting that has been read, the condition under which it does anything, and the version
 * that it then has. `also`: what else must hold.
 */
export function changeSetting(
  db: Database,
  change: { name: string; value: string; readVersion: number; now: number; also?: Condition },
): { statement: Statement; when: Condition; version: number } {
  const { name, value, readVersion, now, also } = change;
  const version = Math.max(now, readVersion + 1);
  const isAsRead = isVersion(name, readVersion);
  const when = also === undefined ? isAsRead : bothHold(isAsRead, also);
  return { statement: putSetting(db, { name, value, updatedAt: version }, when), when, version };
}

/**
 * While ROOT_KEY is being rotated (`rotating`), seals the lists under the current key. Repeatable, and a list that staff
 * change meanwhile is left alone: it is sealed under the current key already.
 */
export async function resealLists(deps: { db: Database; keys: RootKeys; rotating: boolean }): Promise<void> {
  if (!deps.rotating) return;
  const { db, keys } = deps;
  for (const list of LIST_NAMES) {
    const name = listSetting(list);
    const { value } = await readSetting(db, name);
    const stored = v.safeParse(SealedList, value);
    const sealed = stored.success ? fromBase64(stored.output.sealed) : null;
    if (!sealed) continue;
    const resealed = await keys.reseal("list", sealed, list);
    if (resealed === sealed) continue;
    if (!resealed) log("list_unreadable", { list });
    else {
      const to = JSON.stringify({ sealed: toBase64(resealed) });
      await db.batch([replaceValue(db, { name, from: JSON.stringify(value), to })]);
    }
  }
}
