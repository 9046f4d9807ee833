import type { Flaw } from "../http/validation.ts";
import { canonicalDomain, parseEmailAddress } from "../lib/email-address.ts";
import { firstBits, type NetworkRange, parseNetworkRange } from "../lib/network-address.ts";
import { hasForbiddenCharacters } from "../lib/text.ts";

/** The two lists: whose signatures are held at once, and who has a limit of their own. */
export const LIST_NAMES = ["blocked", "allowed"] as const;
export type ListName = (typeof LIST_NAMES)[number];

/** What an entry is about. `below`: the domain itself, exactly one label below it, or any number of them. */
export type Target =
  | { readonly kind: "range"; readonly range: NetworkRange }
  | { readonly kind: "domain"; readonly domain: string; readonly below: "itself" | "one" | "any" }
  | { readonly kind: "email"; readonly canonical: string };

/** One line of a list. */
export interface Entry {
  readonly target: Target;
  /** The target in its one canonical spelling. */
  readonly name: string;
  /** Signatures of one petition that it is allowed a day; null: what the policy says. */
  readonly limit: number | null;
  /** Whether the blocked domain is one that gives mailboxes away for minutes. */
  readonly disposable: boolean;
}

/** What can be wrong with a line. */
export type LineFlaw = Extract<
  Flaw,
  "not_an_entry" | "too_wide" | "bad_limit" | "unknown_word" | "contradiction" | "too_long" | "forbidden_characters"
>;

const MAX_LINE = 500;
const MIN_BITS = { ipv4: 8, ipv6: 16 } as const;
// What one subscriber holds: limits and reviews see no further either.
const SUBSCRIBER_BITS = 64;

/**
 * Reads a line: `entry [limit=N] # note`, on the list of the blocked `entry [disposable] # note`. Null for a blank line or
 * a note alone, the flaw for a bad one. A `#` within a word is part of it.
 */
export function parseLine(line: string, list: ListName): Entry | LineFlaw | null {
  if (line.length > MAX_LINE) return "too_long";
  if (hasForbiddenCharacters(line)) return "forbidden_characters";
  const [word, ...options] = line
    .replace(/(^|\s)#.*$/u, "")
    .trim()
    .split(/\s+/u);
  if (!word) return null;
  const target = parseTarget(word);
  if (typeof target === "string") return target;
  const entry = { target, name: nameOf(target), limit: null, disposable: false };
  if (options.length === 0) return entry;
  if (list === "blocked") {
    const one = options.length === 1 && options[0]?.toLowerCase() === "disposable" && target.kind === "domain";
    return one ? { ...entry, disposable: true } : "unknown_word";
  }
  if (options.some((option) => !/^limit=/i.test(option))) return "unknown_word";
  const limit = /^limit=([1-9]\d{0,5})$/i.exec(options.length === 1 ? (options[0] as string) : "")?.[1];
  return limit === undefined || Number(limit) > 100_000 ? "bad_limit" : { ...entry, limit: Number(limit) };
}

function parseTarget(word: string): Target | LineFlaw {
  if (word.includes("@")) {
    const email = parseEmailAddress(word);
    return email ? { kind: "email", canonical: email.canonical } : "not_an_entry";
  }
  const range = parseNetworkRange(word);
  if (range) return range.bits < MIN_BITS[range.kind] ? "too_wide" : { kind: "range", range: subscriberRange(range) };
  const [, stars = "", name = ""] = /^(\*\*?\.)?(.+)$/u.exec(word) ?? [];
  const domain = canonicalDomain(name);
  if (!domain) return stars !== "" && canonicalDomain(`x.${name}`) !== null ? "too_wide" : "not_an_entry";
  return { kind: "domain", domain, below: stars === "" ? "itself" : stars === "*." ? "one" : "any" };
}

const subscriberRange = ({ kind, bytes, bits }: NetworkRange): NetworkRange =>
  kind === "ipv6" && bits > SUBSCRIBER_BITS
    ? { kind, bytes: firstBits(bytes, SUBSCRIBER_BITS), bits: SUBSCRIBER_BITS }
    : { kind, bytes, bits };

const STARS = { itself: "", one: "*.", any: "**." } as const;

function nameOf(target: Target): string {
  switch (target.kind) {
    case "range":
      return rangeKey(target.range);
    case "domain":
      return `${STARS[target.below]}${target.domain}`;
    case "email":
      return target.canonical;
  }
}

/** The key of a range among those of its length. */
export const rangeKey = ({ bytes, bits }: Pick<NetworkRange, "bytes" | "bits">): string => `${bytes.join(".")}/${bits}`;
