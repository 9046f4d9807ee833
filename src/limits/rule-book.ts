import { type Database, readTogether } from "../db/database.ts";
import { FreshCache } from "../lib/fresh-cache.ts";
import { inTime } from "../lib/in-time.ts";
import { describeError, log } from "../lib/log.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { List, parseList } from "./list.ts";
import { LIST_NAMES, type ListName } from "./list-entry.ts";
import { settingsSince } from "./settings.store.ts";
import {
  defaultPolicies,
  listSetting,
  openList,
  POLICIES_SETTING,
  type PolicySettings,
  readPolicies,
} from "./settings.ts";
import { ALL_OFF, readSwitches, SWITCHES_SETTING, type Switches } from "./switches.ts";

/** Limits, lists and switches as they hold. */
export interface Rules extends PolicySettings, Readonly<Record<ListName, List>> {
  readonly switches: Switches;
}

/** What a `Limiter` goes by until staff have set anything. */
export const defaultRules = (local: boolean): Rules => ({
  ...defaultPolicies(local),
  blocked: List.EMPTY,
  allowed: List.EMPTY,
  switches: ALL_OFF,
});

interface Read {
  readonly rules: Rules;
  /** The version of each setting that the rules are made of. */
  readonly versions: Readonly<Record<string, number>>;
}

// Somebody who signs is waiting: a database that takes longer is as good as down.
const TIMEOUT_MS = 1_000;
const LEAVE_ALONE_MS = 1_000;

/**
 * The limits, lists and switches as an isolate knows them: at most 5 s old, older only while the database fails, and the defaults
 * when it has never answered. A list is parsed when it has changed, not when it is asked.
 */
export class RuleBook {
  readonly #remembered: FreshCache<Read>;
  readonly #keys: RootKeys;
  readonly #clock: () => number;
  readonly #defaults: Rules;
  #last: Read;
  #failedAt = Number.NEGATIVE_INFINITY;

  /** `local`: whether this is local mode, which has a default of its own. */
  constructor(keys: RootKeys, clock: () => number, local: boolean) {
    this.#remembered = new FreshCache(1, clock);
    this.#keys = keys;
    this.#clock = clock;
    this.#defaults = defaultRules(local);
    const names = [POLICIES_SETTING, SWITCHES_SETTING, ...LIST_NAMES.map(listSetting)];
    this.#last = { rules: this.#defaults, versions: Object.fromEntries(names.map((name) => [name, 0])) };
  }

  /** The rules. Never throws. What it reads joins other reads of the same turn in one call. */
  async current(db: Database): Promise<Rules> {
    const since = this.#clock() - this.#failedAt;
    if (since >= 0 && since < LEAVE_ALONE_MS) return this.#last.rules;
    try {
      return (await this.#remembered.get("rules", () => this.#read(db))).rules;
    } catch (error) {
      this.#failedAt = this.#clock();
      log("rules_not_read", describeError(error));
      return this.#last.rules;
    }
  }

  async #read(db: Database): Promise<Read> {
    const before = this.#last;
    const rows = await inTime(readTogether(db, settingsSince(db, before.versions)), TIMEOUT_MS);
    const found = new Map(rows.map(({ name, value, version }) => [name, { value, version }]));
    const list = async (name: ListName): Promise<List> => {
      const row = found.get(listSetting(name));
      if (!row) return this.#defaults[name];
      return row.value === null ? before.rules[name] : this.#list(name, JSON.parse(row.value));
    };
    const policies = found.get(POLICIES_SETTING);
    const { policies: figures, fastSeconds } = !policies
      ? this.#defaults
      : policies.value === null
        ? before.rules
        : readPolicies(JSON.parse(policies.value), this.#defaults);
    const row = found.get(SWITCHES_SETTING);
    const switches = row?.value === null ? before.rules.switches : readSwitches(row && JSON.parse(row.value as string));
    const rules = {
      ...{ policies: figures, fastSeconds, switches },
      ...{ blocked: await list("blocked"), allowed: await list("allowed") },
    };
    const versions = Object.fromEntries(
      Object.keys(before.versions).map((name) => [name, found.get(name)?.version ?? 0]),
    );
    this.#last = { rules, versions };
    return this.#last;
  }

  /** A list that no key opens can't hold anybody; whoever reads it as staff is told so. */
  async #list(name: ListName, value: unknown): Promise<List> {
    const text = await openList(this.#keys, name, value);
    if (text === null) log("list_unreadable", { list: name });
    return text === null ? List.EMPTY : new List(parseList(text, name).entries);
  }
}
