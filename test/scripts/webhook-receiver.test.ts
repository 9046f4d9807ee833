import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const SECRET = `whsec_${Buffer.from("a receiver's secret, 32 bytes lng").toString("base64")}`;
const FILE = join(ROOT, "node_modules/.receiver-of-the-guide.mjs");

let [receiver, url, printed] = [undefined as ChildProcess | undefined, "", ""];

/** A port that nobody uses. */
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

beforeAll(async () => {
  const guide = readFileSync(join(ROOT, "docs/partners.md"), "utf8");
  const code = /^```js\n(import \{ createServer[\s\S]+?)^```$/m.exec(guide)?.[1];
  writeFileSync(FILE, code ?? "");
  const port = await freePort();
  receiver = spawn(process.execPath, [FILE], { env: { ...process.env, WEBHOOK_SECRET: SECRET, PORT: String(port) } });
  receiver.stdout?.on("data", (text) => {
    printed += String(text);
  });
  url = `http://127.0.0.1:${port}`;
  await vi.waitFor(() => fetch(url), { timeout: 10_000, interval: 50 });
});
afterAll(() => void receiver?.kill());

const send = async (id: string, over: { body?: string; at?: Date } = {}): Promise<number> => {
  const body = JSON.stringify({
    type: "petition.closed",
    timestamp: "2026-11-23T10:00:00.000Z",
    sequence: 7,
    data: {},
  });
  const at = over.at ?? new Date();
  const headers = {
    "Content-Type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": new Webhook(SECRET).sign(id, at, body),
  };
  return (await fetch(url, { method: "POST", headers, body: over.body ?? body })).status;
};

test("the guide's receiver takes a message once, and refuses one that is forged or old", async () => {
  expect(await send("msg_1")).toBe(204);
  expect(await send("msg_1")).toBe(204);
  expect(await send("msg_2", { body: "{}" })).toBe(401);
  expect(await send("msg_3", { at: new Date(Date.now() - 6 * 60_000) })).toBe(401);
  expect(printed).toBe("7 petition.closed {}\n");
});
