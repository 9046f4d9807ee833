import { ConfigError, readPetitionPolicy, readRootKeys } from "../../src/config.ts";
import { closingMoment } from "../../src/petitions/opening.ts";
import type { ImportOptions } from "./options.ts";
import type { Opening } from "./plan.ts";
import { TargetFailure } from "./target.ts";

/**
 * What new petitions open with: the settings of the database's Worker, whose configuration is in `root`, under those of
 * the command line, and its ROOT_KEY. The deployed one's is a secret that nothing gives back, so `env` has it. Throws a
 * `TargetFailure` that names what is missing.
 */
export async function readOpening(
  { remote, policy: given }: Pick<ImportOptions, "remote" | "policy">,
  { root, env, now }: { root: string; env: NodeJS.ProcessEnv; now: number },
): Promise<Opening> {
  // It brings wrangler, which takes over a second to load, and only new petitions need it.
  const { readEarlierConfig, readLocalVars } = await import("../deployment/municipality.ts");
  const vars = remote ? (readEarlierConfig(root)?.vars ?? {}) : readLocalVars(root);
  try {
    const policy = readPetitionPolicy({ ...vars, ...given });
    return {
      keys: readRootKeys(remote ? env : vars, !remote),
      locale: policy.locales[0],
      closesAt: closingMoment(now, policy.durationMonths, policy.timeZone),
      thresholds: policy.thresholds,
      thresholdsBy: given.THRESHOLDS === undefined ? "municipality" : "option",
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const where = remote ? "production.toml, keys from the environment" : "wrangler.toml";
    throw new TargetFailure(`new petitions need settings (from ${where}): ${error.problems.join("; ")}`);
  }
}
