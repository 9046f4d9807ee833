import type { Place } from "./values.ts";

const ID = /\b([a-z]{3,5})_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;
const KEPT = 60;

/** What answers have told of: ids by their prefix, tokens, cursors, versions; the newest of each kind. */
export class Known {
  readonly #kinds = new Map<string, string[]>();
  readonly #versions = new Map<string, string>();

  add(kind: string, value: string): void {
    const all = this.#kinds.get(kind) ?? [];
    if (!all.includes(value)) all.push(value);
    if (all.length > KEPT) all.shift();
    this.#kinds.set(kind, all);
  }

  /** Learns from an answer to a path. */
  learn(path: string, answer: Response, text: string): void {
    for (const [id, kind] of text.slice(0, 20_000).matchAll(ID)) this.add(kind as string, id);
    const cursor = /"next_cursor":"([^"]+)"/.exec(text)?.[1];
    if (cursor) this.add("cursor", cursor);
    const version = answer.headers.get("ETag");
    if (version) this.#versions.set(path, version);
  }

  version(path: string): string | undefined {
    return this.#versions.get(path) ?? this.#versions.get(path.replace(/\/[^/]*$/, ""));
  }

  /** A value with what is known in its places. */
  fill(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.fill(item));
    if (value === null || typeof value !== "object") return value;
    if ("$place" in value) return this.#at(value as Place);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.fill(item)]));
  }

  #at({ $place, n }: Place): string {
    const all = this.#kinds.get($place) ?? [];
    return all[n % Math.max(1, all.length)] ?? `${$place}_01936d9e-8c4b-7f00-9a51-0123deadbeef`;
  }
}
