import type { EmailAddress } from "../lib/email-address.ts";
import type { NetworkAddress } from "../lib/network-address.ts";
import type { List } from "./list.ts";
import type { Entry } from "./list-entry.ts";
import { isDisposable } from "./mail-domains.ts";

/** Somebody who signs, as the lists know them. */
export interface Signer {
  readonly address: NetworkAddress | null;
  readonly email: EmailAddress;
}

/** What the lists say of somebody: why what they send is held, or the entry that gives them a limit of their own. */
export interface Finding {
  readonly hold: "list" | "disposable" | null;
  readonly allowed: Entry | null;
}

/**
 * Asks the lists in their order; the first that knows the signer decides: blocked address, blocked domain, blocked e-mail
 * address, allowed address, allowed domain or e-mail address; limits come after. The domains known to be disposable stand
 * behind an allowed domain, which excuses them, while an allowed address does not: it says who uses a computer, not how
 * long a mailbox lasts.
 */
export function judge({ blocked, allowed }: { blocked: List; allowed: List }, { address, email }: Signer): Finding {
  if (blocked.ofAddress(address)) return { hold: "list", allowed: null };
  const domain = blocked.ofDomain(email.domain);
  if (domain) return { hold: domain.disposable ? "disposable" : "list", allowed: null };
  if (blocked.ofEmail(email)) return { hold: "list", allowed: null };
  const byAddress = allowed.ofAddress(address);
  const byMail = allowed.ofDomain(email.domain) ?? allowed.ofEmail(email);
  const hold = !byMail && isDisposable(email.domain) ? "disposable" : null;
  return { hold, allowed: byAddress ?? byMail };
}
