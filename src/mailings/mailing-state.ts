import { Problem } from "../http/problems.ts";
import type { Mailing } from "./mailing.ts";

/** The problem of an act that a mailing's state does not allow; it names the state. */
export const wrongState = (state: string): Problem =>
  new Problem("run_state", {
    errors: [{ pointer: "/state", code: state, detail: "is the state that it is in" }],
  });

/** Raises `run_state` unless a mailing is in one of some states. */
export function requireMailingState({ state }: Pick<Mailing, "state">, allowed: readonly Mailing["state"][]): void {
  if (!allowed.includes(state)) throw wrongState(state);
}
