import { hexUuid, publicId } from "../lib/ids.ts";
import { type Conditions, digestOf, progressOf, type Run } from "./invalidation.ts";

const HASHED = ["address", "network", "domain", "email"] as const;

/** Conditions as staff read them, and as the audit log keeps them: what could be a person's only as a digest. */
export function shownConditions(conditions: Conditions) {
  const { ids, from, to, area, channel, partner, hold } = conditions;
  const time = (at: number) => new Date(at).toISOString();
  const hashes = HASHED.flatMap((name) => {
    const hash = conditions[name];
    // What was a person's is taken out of an act that is over, at the latest with all else of the petition.
    return hash === undefined ? [] : [[name, hash === "" ? "erased" : digestOf(hash)] as const];
  });
  return {
    ...(ids && { ids: ids.map((key) => publicId("sig", hexUuid(key))) }),
    ...Object.fromEntries(hashes),
    ...(area !== undefined && { area }),
    ...(channel !== undefined && { channel }),
    ...(partner !== undefined && { partner }),
    ...(hold !== undefined && { hold }),
    ...(from !== undefined && { from: time(from) }),
    ...(to !== undefined && { to: time(to) }),
  };
}

const common = (run: Run, petitionId: string) => ({
  petition_id: publicId("pet", petitionId),
  state: run.state,
  where: shownConditions(run.conditions),
  by: run.actor,
  started_at: new Date(run.createdAt).toISOString(),
  ended_at: run.endedAt === null ? null : new Date(run.endedAt).toISOString(),
  progress: progressOf(run),
});

/** A run that takes signatures out, as staff read it. `petitionId`: UUID. */
export const invalidationView = (run: Run, petitionId: string) => ({
  id: publicId("inv", run.id),
  ...common(run, petitionId),
  reason: run.reason,
  invalidated: run.changed,
  creator_kept: run.creator,
  restored: run.restored,
  withdrawn: run.withdrawn,
  not_restored: run.state === "undone" ? run.changed - run.restored - run.withdrawn : null,
});

/** A run that releases signatures, as staff read it. `petitionId`: UUID. */
export const releaseView = (run: Run, petitionId: string) => ({
  id: publicId("rel", run.id),
  ...common(run, petitionId),
  released: run.changed,
});
