import * as v from "valibot";
import { log } from "../lib/log.ts";

/** What staff can pause without a deploy. */
export const SWITCH_NAMES = ["signing_paused", "creation_paused", "mailings_paused"] as const;
export type SwitchName = (typeof SWITCH_NAMES)[number];

/** Since when each switch is on, milliseconds since 1970; null while it is off. */
export type Switches = Readonly<Record<SwitchName, number | null>>;

/** The setting that they are kept under. */
export const SWITCHES_SETTING = "switches";

export const ALL_OFF: Switches = { signing_paused: null, creation_paused: null, mailings_paused: null };

/** Seconds after which a client whose request a switch refuses may ask again: whoever uses one needs minutes at least. */
export const PAUSED_RETRY_SECONDS = 600;

const since = v.nullable(v.pipe(v.number(), v.integer()));
const Stored = v.object({ signing_paused: since, creation_paused: since, mailings_paused: since });

/** The switches in the setting's value; all off when nobody has set any. */
export function readSwitches(value: unknown): Switches {
  if (value === undefined) return ALL_OFF;
  const stored = v.safeParse(Stored, value);
  if (stored.success) return stored.output;
  log("switches_unreadable", {});
  return ALL_OFF;
}
