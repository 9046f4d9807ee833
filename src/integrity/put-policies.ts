import { recordAct } from "../access/audit.ts";
import type { Staff } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { requireVersion } from "../http/if-match.ts";
import { Problem } from "../http/problems.ts";
import { contradictions, type Policies, type PolicyName, policyNames } from "../limits/policies.ts";
import {
  changeSetting,
  defaultPolicies,
  POLICIES_SETTING,
  type PolicySettings,
  readPolicies,
  readSetting,
  writePolicies,
} from "../limits/settings.ts";

export interface PolicyDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly config: { readonly local: boolean };
}

/** The limits as they are now, and the version to decide on. */
export async function policiesNow(deps: PolicyDeps): Promise<PolicySettings & { readonly version: number }> {
  const { value, version } = await readSetting(deps.db, POLICIES_SETTING);
  const defaults = defaultPolicies(deps.config.local);
  return { ...(version === 0 ? defaults : readPolicies(value, defaults)), version };
}

/**
 * Sets the limits, with an entry of what changed in the audit log. `tags`: those of `If-Match`. What changes nothing
 * keeps its version. Raises `precondition_failed`, and `invalid_request` when a longer window allows no more than a
 * shorter one of the same subject.
 */
export async function putPolicies(
  deps: PolicyDeps,
  staff: Staff,
  { tags, ...after }: PolicySettings & { tags: readonly string[] },
): Promise<PolicySettings & { readonly version: number }> {
  const { db, clock } = deps;
  const before = await policiesNow(deps);
  requireVersion(tags, before.version);
  const wrong = contradictions(after.policies);
  if (wrong.length > 0) throw new Problem("invalid_request", { errors: wrong.map(contradiction) });
  const names = policyNames.filter((name) => !sameFigures(before.policies, after.policies, name));
  const fast = before.fastSeconds !== after.fastSeconds;
  if (names.length === 0 && !fast) return before;
  const now = clock();
  const value = writePolicies(after);
  const change = changeSetting(db, { name: POLICIES_SETTING, value, readVersion: before.version, now });
  const figures = ({ policies, fastSeconds }: PolicySettings) => ({
    ...Object.fromEntries(names.map((name) => [name, figuresOf(policies, name)])),
    ...(fast && { fast_seconds: fastSeconds }),
  });
  const act = { act: "policies.put", subject: "policies", before: figures(before), after: figures(after), at: now };
  const [, changed] = await db.batch([recordAct(db, { actor: staff, ...act }, change.when), change.statement]);
  if (changed.meta.changes === 0) throw new Problem("precondition_failed");
  return { ...after, version: change.version };
}

const contradiction = ({ longer, shorter }: { longer: PolicyName; shorter: PolicyName }) => ({
  pointer: `/policies/${longer}`,
  code: "contradiction",
  detail: `must have a longer window, and allow more in it, than ${shorter}`,
});

const figuresOf = (policies: Policies, name: PolicyName) => {
  const { limit, window } = policies[name];
  return { limit, window };
};

const sameFigures = (a: Policies, b: Policies, name: PolicyName): boolean =>
  a[name].limit === b[name].limit && a[name].window === b[name].window;
