import type { Database } from "../db/database.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import type { Limiter, Use } from "../limits/limiter.ts";
import type { ComposedMail, Outcome } from "./mail-job.ts";
import { suppressedRecipients } from "./suppression.ts";

interface AdmitDeps {
  readonly db: Database;
  readonly keys: RootKeys;
  readonly limiter: Limiter;
}

/**
 * Decides which of some mails may go now: null for those. The others have an outcome already: there is nothing to say,
 * the address is suppressed, or a limit makes them wait. What may go has been counted.
 */
export async function admitMails(
  deps: AdmitDeps,
  items: readonly string[],
  mails: readonly (ComposedMail | null)[],
): Promise<(Outcome | null)[]> {
  const recipients = mails.flatMap((mail) => (mail ? [mail.recipient] : []));
  const suppressed = await suppressedRecipients(deps, recipients);
  return Promise.all(
    mails.map(async (mail, index) => {
      if (!mail) return { status: "nothing" };
      if (suppressed.has(mail.recipient)) return { status: "suppressed" };
      return mail.limited ? underLimits(deps.limiter, mail.recipient, items[index] as string) : null;
    }),
  );
}

/** Gives back what admitted mails have used of their limits: they did not go. */
export async function giveBackMails(
  deps: AdmitDeps,
  admitted: readonly { item: string; mail: ComposedMail }[],
): Promise<void> {
  const limited = admitted.filter(({ mail }) => mail.limited);
  await Promise.all(limited.map(({ item, mail }) => deps.limiter.giveBack(mail.recipient, usesOf(item))));
}

async function underLimits(limiter: Limiter, recipient: string, item: string): Promise<Outcome | null> {
  const uses = usesOf(item);
  const verdicts = await limiter.count(recipient, uses);
  const full = verdicts.filter(({ allowed }) => !allowed);
  if (full.length === 0) return null;
  await limiter.giveBack(
    recipient,
    uses.filter((_, index) => verdicts[index]?.allowed),
  );
  return { status: "wait", until: Math.max(...full.map(({ resetAt }) => resetAt)) };
}

const usesOf = (item: string): Use[] => [
  { policy: "mail_signature", scope: item },
  { policy: "mail_recipient", scope: "" },
];
