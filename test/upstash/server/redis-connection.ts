import { connect, type Socket } from "node:net";

/** What Redis answers; an error is a value, since one command of many may fail. */
export type Reply = string | number | null | RedisError | Reply[];

/** A command that Redis refused, with its message. */
export class RedisError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** One connection to Redis in its own protocol (RESP2). Commands may be sent before others are answered. */
export class RedisConnection {
  readonly #socket: Socket;
  readonly #waiting: { resolve(reply: Reply): void; reject(error: Error): void }[] = [];
  #received: Buffer = Buffer.alloc(0);

  /** `path`: the server's Unix socket. */
  constructor(path: string) {
    this.#socket = connect(path);
    this.#socket.on("data", (chunk) => this.#receive(chunk));
    this.#socket.on("error", () => undefined); // "close" follows
    this.#socket.on("close", () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error("the connection to Redis is closed"));
    });
  }

  /** Sends a command; answered in the order of sending. */
  send(command: readonly string[]): Promise<Reply> {
    const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#socket.write(`*${command.length}\r\n${parts.join("")}`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const read = readReply(this.#received, 0);
      if (!read) return;
      this.#received = this.#received.subarray(read.end);
      this.#waiting.shift()?.resolve(read.reply);
    }
  }
}

/** The reply that begins at `start`, and where it ends; null when it has not come whole. */
function readReply(bytes: Buffer, start: number): { reply: Reply; end: number } | null {
  const lineEnd = bytes.indexOf("\r\n", start);
  if (lineEnd === -1) return null;
  const line = bytes.toString("utf8", start + 1, lineEnd);
  const end = lineEnd + 2;
  switch (String.fromCharCode(bytes[start] ?? 0)) {
    case "+":
      return { reply: line, end };
    case "-":
      return { reply: new RedisError(line), end };
    case ":":
      return { reply: Number(line), end };
    case "$":
      return readBulk(bytes, Number(line), end);
    case "*":
      return readArray(bytes, Number(line), end);
    default:
      throw new Error("Redis does not speak RESP2");
  }
}

function readBulk(bytes: Buffer, length: number, start: number): { reply: Reply; end: number } | null {
  if (length === -1) return { reply: null, end: start };
  const end = start + length + 2;
  return bytes.length < end ? null : { reply: bytes.toString("utf8", start, start + length), end };
}

function readArray(bytes: Buffer, length: number, start: number): { reply: Reply; end: number } | null {
  if (length === -1) return { reply: null, end: start };
  const replies: Reply[] = [];
  let end = start;
  while (replies.length < length) {
    const read = readReply(bytes, end);
    if (!read) return null;
    replies.push(read.reply);
    end = read.end;
  }
  return { reply: replies, end };
}
