import { utf8 } from "./bytes.ts";

/** An e-mail address, as typed and as it is compared. */
export interface EmailAddress {
  /** As typed, trimmed; mail goes here. */
  readonly typed: string;
  /** Lower case, domain in ASCII, tag stripped, and the domain's own rules applied. */
  readonly canonical: string;
  /** The canonical domain, in ASCII. */
  readonly domain: string;
}

/** What a provider treats as the same mailbox. Only for domains that are known to: elsewhere dots matter. */
interface DomainRule {
  readonly domain: string;
  readonly ignoresDots: boolean;
}

const GMAIL: DomainRule = { domain: "gmail.com", ignoresDots: true };
const DOMAIN_RULES: ReadonlyMap<string, DomainRule> = new Map([
  ["gmail.com", GMAIL],
  ["googlemail.com", GMAIL],
]);

const MAX_LOCAL = 64; // RFC 5321, 4.5.3.1.1, octets
const MAX_ADDRESS = 254; // RFC 5321 with erratum 1690, octets

const DOT_ATOM = /^[^\s"(),:;<>@[\\\]\p{Cc}.]+(\.[^\s"(),:;<>@[\\\]\p{Cc}.]+)*$/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII has control characters
const ASCII = /^[\u0000-\u007f]*$/;
const HOST_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Reads an address (RFC 5321 dot-atoms and RFC 6531 letters; no quoted parts, no address literals), or null. */
export function parseEmailAddress(text: string): EmailAddress | null {
  const typed = text.normalize("NFC").trim();
  const at = typed.lastIndexOf("@");
  const local = typed.slice(0, at);
  const domain = at > 0 ? asciiDomain(typed.slice(at + 1)) : null;
  if (!domain || !DOT_ATOM.test(local)) return null;
  if (!fits(local, typed)) return null;
  const rule = DOMAIN_RULES.get(domain);
  const lower = local.toLowerCase().normalize("NFC");
  const untagged = lower.replace(/(?<=.)\+.*$/u, "").replace(/\.+$/, "");
  const mailbox = rule?.ignoresDots ? untagged.replaceAll(".", "").normalize("NFC") : untagged;
  const canonicalDomain = rule?.domain ?? domain;
  const canonical = `${mailbox}@${canonicalDomain}`;
  return fits(mailbox, canonical) ? { typed, canonical, domain: canonicalDomain } : null;
}

/** A domain as addresses at it are compared: in ASCII, and the one that its provider treats it as; null when it is none. */
export function canonicalDomain(text: string): string | null {
  const domain = asciiDomain(text.normalize("NFC"));
  return domain && (DOMAIN_RULES.get(domain)?.domain ?? domain);
}

/** A host name with at least two labels in lower-case ASCII (IDNA through the platform's URL parser), or null. */
function asciiDomain(domain: string): string | null {
  if (/[\s/\\?#@:%[\]]/.test(domain) || domain.endsWith(".")) return null;
  let host: string;
  try {
    host = new URL(`http://${domain}`).hostname;
  } catch {
    return null;
  }
  const labels = host.split(".");
  if (labels.length < 2 || !labels.every((label) => HOST_LABEL.test(label))) return null;
  // The URL parser reads numbers as an IPv4 address; a mail domain never ends in one.
  return /^\d+$/.test(labels.at(-1) as string) ? null : host;
}

const fits = (local: string, address: string): boolean =>
  local !== "" && octets(local) <= MAX_LOCAL && octets(address) <= MAX_ADDRESS;

// Most addresses are ASCII, and those of a batch are measured four times each.
const octets = (text: string): number => (ASCII.test(text) ? text.length : utf8(text).length);
