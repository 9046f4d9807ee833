import { type ChangeDeps, type CreatorsPetition, changeAsCreator } from "./change-as-creator.ts";

/**
 * Ends an open petition at once, for a reason in the creator's words; those are the petition's, not the audit log's. What
 * was accepted before may still be verified for a day. Raises what `changeAsCreator` raises.
 */
export const stopAsCreator = (deps: ChangeDeps, id: string, reason: string): Promise<CreatorsPetition> =>
  changeAsCreator(deps, id, {
    act: "petition.stop",
    from: ["open"],
    change: (_, now) => ({
      columns: { state: "stopped", endedAt: now, stoppedBy: "creator", stopReason: reason },
    }),
  });
