import type { EmailAddress } from "../lib/email-address.ts";
import { firstBits, type NetworkAddress, type NetworkRange, rangeOfAddress } from "../lib/network-address.ts";
import { type Entry, type LineFlaw, type ListName, parseLine, rangeKey } from "./list-entry.ts";

/** Entries that a list may have; at some 400 bytes each both lists fit into an isolate many times over. */
export const MAX_ENTRIES = 10_000;

/** A line of a text, from 1 on, and what is wrong with it. */
export interface BadLine {
  readonly line: number;
  readonly flaw: LineFlaw;
}

/** The lines of a text, whatever they end with, without a byte order mark. */
const linesOf = (text: string): string[] => text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);

/** A list's text in the form in which it is kept: one kind of line end, the last line ended. */
export const tidyList = (text: string): string => {
  const tidy = linesOf(text)
    .map((line) => line.trimEnd())
    .join("\n")
    .replace(/\n+$/, "");
  return tidy === "" ? "" : `${tidy}\n`;
};

/**
 * Reads a list. What is named twice in the same way counts once; named twice with different limits it is an error of the
 * later line.
 */
export function parseList(text: string, name: ListName): { entries: Entry[]; bad: BadLine[] } {
  const entries = new Map<string, Entry>();
  const bad: BadLine[] = [];
  for (const [index, line] of linesOf(text).entries()) {
    const entry = parseLine(line, name);
    if (entry === null) continue;
    if (typeof entry === "string") {
      bad.push({ line: index + 1, flaw: entry });
      continue;
    }
    const same = entries.get(entry.name);
    if (!same) entries.set(entry.name, entry);
    else if (same.limit !== entry.limit || same.disposable !== entry.disposable)
      bad.push({ line: index + 1, flaw: "contradiction" });
  }
  return { entries: [...entries.values()], bad };
}

/**
 * A list as it is asked: ranges by the lengths that occur, domains and addresses by name. A question costs a few look-ups
 * however long the list is. Of several entries that fit, the narrowest answers.
 */
export class List {
  static readonly EMPTY = new List([]);

  readonly #ranges = new Map<string, Entry>();
  readonly #lengths: Readonly<Record<NetworkRange["kind"], number[]>> = { ipv4: [], ipv6: [] };
  readonly #domains = new Map<string, Entry>();
  readonly #emails = new Map<string, Entry>();

  constructor(entries: readonly Entry[]) {
    for (const entry of entries) {
      const { target } = entry;
      if (target.kind === "email") this.#emails.set(target.canonical, entry);
      else if (target.kind === "domain") this.#domains.set(entry.name, entry);
      else {
        this.#ranges.set(rangeKey(target.range), entry);
        const lengths = this.#lengths[target.range.kind];
        if (!lengths.includes(target.range.bits)) lengths.push(target.range.bits);
      }
    }
    for (const lengths of Object.values(this.#lengths)) lengths.sort((a, b) => b - a);
  }

  /** The entry of a client's address. */
  ofAddress(address: NetworkAddress | null): Entry | null {
    if (!address || this.#ranges.size === 0) return null;
    const { kind, bytes } = rangeOfAddress(address);
    for (const bits of this.#lengths[kind]) {
      const found = this.#ranges.get(rangeKey({ bytes: firstBits(bytes, bits), bits }));
      if (found) return found;
    }
    return null;
  }

  /** The entry of a canonical mail domain. */
  ofDomain(domain: string): Entry | null {
    if (this.#domains.size === 0) return null;
    const exact = this.#domains.get(domain);
    if (exact) return exact;
    for (let dot = domain.indexOf("."), first = true; dot >= 0; dot = domain.indexOf(".", dot + 1), first = false) {
      const above = domain.slice(dot + 1);
      const found = (first ? this.#domains.get(`*.${above}`) : undefined) ?? this.#domains.get(`**.${above}`);
      if (found) return found;
    }
    return null;
  }

  /** The entry of an e-mail address. */
  ofEmail({ canonical }: EmailAddress): Entry | null {
    return this.#emails.get(canonical) ?? null;
  }
}
