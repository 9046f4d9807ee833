import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The demo town served as by `npm start`. */
export interface ServedTown {
  /** `http://localhost:port`. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Starts the service on a free port with data of its own, and waits until it answers. */
export async function serveTown(): Promise<ServedTown> {
  const folder = mkdtempSync(join(tmpdir(), "folkmoot-served-"));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  // A process group of its own, so that exactly what is started here is stopped.
  const server = spawn("npm", ["start", "--", "--port", String(port), "--persist-to", folder], {
    detached: true,
    stdio: "ignore",
  });
  const close = async () => {
    await stop(server);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answering(`${url}/v1/petitions`);
  } catch (error) {
    await close();
    throw error;
  }
  return { url, close };
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });

async function answering(url: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (Date.now() < deadline) {
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("the service did not start within two minutes");
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.pid === undefined) return;
  const ended = new Promise((resolve) => server.once("close", resolve));
  process.kill(-server.pid, "SIGTERM");
  await ended;
}
