/**
 * Providers with so many mailboxes that hundreds of strangers at one of them within an hour are nothing unusual: no burst
 * from a domain is looked for there. Canonical domains. Names that no mail reaches (RFC 2606, RFC 6761) are with them:
 * nobody is ever verified there.
 */
const BIG_PROVIDERS = new Set(
  `gmail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com icloud.com me.com mac.com aol.com
  proton.me protonmail.com gmx.com gmx.net gmx.de gmx.at gmx.ch web.de t-online.de freenet.de posteo.de mailbox.org
  arcor.de hotmail.de outlook.de yahoo.de live.de hotmail.co.uk live.co.uk outlook.fr hotmail.fr yahoo.co.uk btinternet.com
  sky.com talktalk.net virginmedia.com orange.fr wanadoo.fr free.fr sfr.fr laposte.net hotmail.it libero.it bluewin.ch
  a1.net aon.at yandex.com mail.ru fastmail.com zoho.com tutanota.com tuta.io hey.com comcast.net verizon.net att.net
  example.com example.net example.org`.split(/\s+/),
);

/**
 * Services that give a mailbox for minutes to whoever asks. A beginning, not a register: new ones come every week, and
 * staff add theirs to the list of the blocked. Each stands for its subdomains too.
 */
const DISPOSABLE = new Set(
  `10minutemail.com 20minutemail.com anonbox.net burnermail.io byom.de discard.email dispostable.com dropmail.me
  fakeinbox.com getairmail.com getnada.com grr.la guerrillamail.biz guerrillamail.com guerrillamail.de
  guerrillamail.info guerrillamail.net guerrillamail.org guerrillamailblock.com inboxkitten.com jetable.org mail-temporaire.fr
  mailcatch.com maildrop.cc mailinator.com mailnesia.com mailsac.com mintemail.com moakt.com mohmal.com
  muellmail.com mytemp.email sharklasers.com spam4.me spambog.com spamgourmet.com temp-mail.org tempail.com tempmail.de
  tempr.email throwawaymail.com trash-mail.com trashmail.com trashmail.de trashmail.net wegwerfmail.de wegwerfmail.net
  wegwerfmail.org yopmail.com yopmail.fr yopmail.net`.split(/\s+/),
);

/** Whether a canonical domain is a big provider's. */
export const isBigProvider = (domain: string): boolean => BIG_PROVIDERS.has(domain);

/** Whether a canonical domain, or one above it, is known to give mailboxes away for minutes. */
export function isDisposable(domain: string): boolean {
  for (let at = 0; at >= 0; ) {
    if (DISPOSABLE.has(domain.slice(at))) return true;
    const dot = domain.indexOf(".", at);
    at = dot < 0 ? -1 : dot + 1;
  }
  return false;
}
