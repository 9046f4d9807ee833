import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { RedisConnection, RedisError, type Reply } from "./redis-connection.ts";

/** Upstash's REST API, as far as `@upstash/redis` uses it for limits: https://upstash.com/docs/redis/features/restapi */
export interface RestFront {
  /** `url` answers; `url/failing` refuses everything with 500, and `url/hanging` takes requests and answers none. */
  readonly url: string;
  stop(): Promise<void>;
}

type Command = readonly (string | number)[];
type Answer = { result: unknown } | { error: string };

/**
 * Starts the front on a free port of 127.0.0.1. `socket`: where Redis answers. `token`: what a request must carry as
 * bearer token; others get 401.
 */
export async function startRestFront(socket: string, token: string): Promise<RestFront> {
  const redis = new RedisConnection(socket);
  const run = runner(redis);
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    handle(request, token, run, answer).catch((error) => answer(500, { error: String(error) }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
      redis.close();
    },
  };
}

async function handle(
  request: IncomingMessage,
  token: string,
  run: (command: Command) => Promise<Reply>,
  answer: (status: number, body: unknown) => void,
): Promise<void> {
  const body = await json(request);
  if (request.url?.startsWith("/hanging")) return;
  if (request.url?.startsWith("/failing")) return answer(500, { error: `ERR out of order: ${JSON.stringify(body)}` });
  if (request.headers.authorization !== `Bearer ${token}`) return answer(401, { error: "Unauthorized" });
  const inBase64 = request.headers["upstash-encoding"] === "base64";
  const execute = async (command: Command): Promise<Answer> => {
    const reply = await run(command);
    return reply instanceof RedisError ? { error: reply.message } : { result: encode(reply, inBase64) };
  };
  if (request.url === "/pipeline") return answer(200, await Promise.all((body as Command[]).map(execute)));
  if (request.url !== "/") return answer(404, { error: "ERR not part of this front" });
  const result = await execute(body as Command);
  answer("error" in result ? 400 : 200, result);
}

function encode(reply: Reply, inBase64: boolean): unknown {
  if (Array.isArray(reply)) return reply.map((part) => encode(part, inBase64));
  return typeof reply === "string" && inBase64 && reply !== "OK" ? Buffer.from(reply).toString("base64") : reply;
}

/**
 * Runs commands. Upstash knows a script flag that a stock Redis 7 refuses: the line is cut off, and the script keeps the
 * hash that it has with it.
 */
function runner(redis: RedisConnection): (command: Command) => Promise<Reply> {
  const hashes = new Map<string, string>();
  const accept = (script: string): string => {
    const accepted = script.replace(/^#!lua flags=allow-key-locking[^\n]*\n/, "");
    hashes.set(sha1(script), sha1(accepted));
    return accepted;
  };
  return async (command) => {
    const [name = "", first = "", ...rest] = command.map(String);
    switch (name.toUpperCase()) {
      case "EVAL":
        return redis.send([name, accept(first), ...rest]);
      case "EVALSHA":
        return redis.send([name, hashes.get(first) ?? first, ...rest]);
      case "SCRIPT": {
        if (first.toUpperCase() !== "LOAD") break;
        const [script = ""] = rest;
        const reply = await redis.send([name, first, accept(script)]);
        return reply instanceof RedisError ? reply : sha1(script);
      }
    }
    return redis.send(command.map(String));
  };
}

const sha1 = (text: string): string => createHash("sha1").update(text).digest("hex");
