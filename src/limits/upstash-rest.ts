type Command = readonly (string | number)[];
type Reply = { readonly result: unknown } | { readonly error: string };

interface Turn {
  readonly commands: Command[];
  readonly replies: Promise<readonly Reply[]>;
}

/**
 * Redis over Upstash's REST API, for one call of the limiter: what is asked for in one turn goes in one request
 * (https://upstash.com/docs/redis/features/restapi, "pipelining"). It has those methods of `@upstash/redis` that
 * `@upstash/ratelimit` and we need; that client has all of Redis, and would be a tenth of the bundle.
 *
 * Every method throws when Upstash refuses, is not reached at the second try, or `deadline` has come.
 */
export class UpstashRest {
  readonly #url: string;
  readonly #token: string;
  readonly #deadline: AbortSignal;
  #turn: Turn | undefined;

  constructor({ url, token }: { readonly url: string; readonly token: string }, deadline: AbortSignal) {
    this.#url = url.replace(/\/+$/, "");
    this.#token = token;
    this.#deadline = deadline;
  }

  eval<Result>(script: string, keys: readonly string[], args: readonly (string | number)[]): Promise<Result> {
    return this.#ask(["EVAL", script, keys.length, ...keys, ...args]);
  }

  /** Throws an error whose message begins with `NOSCRIPT` where the script has not been seen. */
  evalsha<Result>(hash: string, keys: readonly string[], args: readonly (string | number)[]): Promise<Result> {
    return this.#ask(["EVALSHA", hash, keys.length, ...keys, ...args]);
  }

  del(...keys: readonly string[]): Promise<number> {
    return this.#ask(["DEL", ...keys]);
  }

  async #ask<Result>(command: Command): Promise<Result> {
    if (!this.#turn) {
      const commands: Command[] = [];
      const replies = Promise.resolve().then(() => {
        this.#turn = undefined;
        return this.#send(commands);
      });
      this.#turn = { commands, replies };
    }
    const { commands, replies } = this.#turn;
    const index = commands.push(command) - 1;
    const reply = (await replies)[index];
    if (reply && "result" in reply) return reply.result as Result;
    throw new Error(reply?.error ?? "Upstash left out a reply");
  }

  async #send(commands: readonly Command[]): Promise<readonly Reply[]> {
    const request = {
      method: "POST",
      headers: { Authorization: `Bearer ${this.#token}`, "Content-Type": "application/json" },
      body: JSON.stringify(commands),
      signal: this.#deadline,
    };
    const post = () => fetch(`${this.#url}/pipeline`, request);
    // Once more after a network error; the first try may have been counted all the same.
    const answer = await post().catch((error: unknown) => {
      if (this.#deadline.aborted) throw error;
      return post();
    });
    const body = await answer.json<readonly Reply[] | { readonly error?: string }>();
    if (answer.ok && Array.isArray(body)) return body;
    throw new Error((body as { readonly error?: string }).error ?? `Upstash answered ${answer.status}`);
  }
}
