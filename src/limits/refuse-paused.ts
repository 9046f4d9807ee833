import { Problem } from "../http/problems.ts";
import { PAUSED_RETRY_SECONDS, type Switches } from "./switches.ts";

/** The switches as an isolate knows them: at most 5 s old, and the last known while the database fails. Never throws. */
export interface SwitchDeps {
  readonly switches: () => Promise<Switches>;
}

/** The problem of a request that a switch refuses. */
export const pausedProblem = (name: "signing_paused" | "creation_paused"): Problem =>
  new Problem(name, { headers: { "Retry-After": String(PAUSED_RETRY_SECONDS) } });
