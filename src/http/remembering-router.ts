import type { Result, Router } from "hono/router";
import { TrieRouter } from "hono/router/trie-router";
import QuickLRU from "quick-lru";

// A petition's paths: those that are hot are few, and a match is a few references.
const REMEMBERED = 500;

/**
 * Hono's router that takes every pattern, with a memory: to walk through the routes takes as long as all the rest of a
 * warm read. Paths outside `/v1/` may hold tokens, and are not kept.
 */
export class RememberingRouter<Handler> implements Router<Handler> {
  readonly name = "RememberingRouter";
  readonly #routes = new TrieRouter<Handler>();
  readonly #known = new QuickLRU<string, Result<Handler>>({ maxSize: REMEMBERED });

  add(method: string, path: string, handler: Handler): void {
    this.#known.clear();
    this.#routes.add(method, path, handler);
  }

  match(method: string, path: string): Result<Handler> {
    if (!path.startsWith("/v1/")) return this.#routes.match(method, path);
    const key = `${method} ${path}`;
    const known = this.#known.get(key);
    if (known) return known;
    const found = this.#routes.match(method, path);
    this.#known.set(key, found);
    return found;
  }
}
