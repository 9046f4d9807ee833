import { ConfigError, readConfig } from "../../src/config.ts";
import type { Municipality, ProductionConfig } from "./municipality.ts";

// 32 bytes in base64: what a ROOT_KEY looks like, and long enough for every other secret.
const STAND_IN = Buffer.alloc(32, 7).toString("base64");

const SECRET = /(^|_)(KEY|TOKEN|SECRET|PASSWORD)(_|$)/;

/**
 * What keeps the Worker from serving with these settings, by the Worker's own rules. Of secrets only the names are
 * known, so nothing is said of their values.
 */
export function settingsProblems(
  config: ProductionConfig,
  { custom_domain }: Pick<Municipality, "custom_domain">,
  secrets: readonly string[],
): string[] {
  const { problems, known } = asTheWorkerReadsThem(config, secrets);
  const names = Object.keys(config.vars);
  const host = custom_domain && `https://${custom_domain}`;
  return [
    ...problems.filter((problem) => !secrets.includes(problem.split(" ")[0] as string)),
    ...names.filter((name) => SECRET.test(name)).map((name) => `${name} is a secret: it does not belong into [vars]`),
    ...names.filter((name) => !known.has(name) && !SECRET.test(name)).map((name) => `${name} is not a setting`),
    ...names.filter((name) => secrets.includes(name)).map((name) => `${name} is both in [vars] and a secret`),
    ...(host && config.vars.PUBLIC_URL?.replace(/\/+$/, "") !== host
      ? [`PUBLIC_URL is not ${host}, the custom_domain`]
      : []),
  ];
}

function asTheWorkerReadsThem(config: ProductionConfig, secrets: readonly string[]) {
  const known = new Set<string>();
  const values = Object.fromEntries([...bindingsOf(config), ...secrets.map((name) => [name, STAND_IN])]);
  const env = new Proxy(
    { ...values, ...config.vars },
    {
      get(target, name) {
        known.add(String(name));
        return Reflect.get(target, name);
      },
    },
  );
  try {
    readConfig(env);
    return { problems: [], known };
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems, known };
    throw error;
  }
}

/** Each binding by its name; what it is bound to does not matter here. */
function bindingsOf(config: ProductionConfig): [string, object][] {
  const objects = (config.durable_objects as { bindings?: { name: string }[] } | undefined)?.bindings ?? [];
  const mail = (config.send_email as { name: string }[] | undefined) ?? [];
  const names = [
    ...config.d1_databases.map(({ binding }) => binding),
    ...config.queues.producers.map(({ binding }) => binding),
    ...[...objects, ...mail].map(({ name }) => name),
  ];
  return names.map((name) => [name, {}]);
}
