import { type Client, limitSubject } from "../http/client.ts";
import { admit } from "../limits/admit.ts";
import type { FirstTries } from "../limits/first-tries.ts";
import type { Limiter, Use } from "../limits/limiter.ts";

export interface AdmitVerificationDeps {
  readonly limiter: Limiter;
  readonly firstTries: FirstTries;
}

const USES = [
  { policy: "writes", scope: "" },
  { policy: "verify", scope: "" },
] as const satisfies readonly Use[];

/**
 * Counts a try to verify; raises `rate_limited`. The first tries with a link ask nobody: its 128 bits are not found by
 * trying, and one that is right waits for the database alone. Every try of a code is asked about: it has six digits.
 */
export async function admitVerification(
  { limiter, firstTries }: AdmitVerificationDeps,
  client: Client,
  by: "link" | "code",
): Promise<void> {
  const subject = limitSubject(client);
  if (by === "code") {
    await admit(limiter, subject, USES);
    return;
  }
  const { policies } = await limiter.rules();
  const tries = firstTries.note(
    subject.name,
    USES.map(({ policy }) => policies[policy]),
  );
  if (tries > 0) await admit(limiter, subject, USES, tries);
}
