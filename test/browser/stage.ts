import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";

/** The demo town served as by `npm start`, and a browser. */
export interface Stage {
  /** `http://localhost:port`. */
  readonly url: string;
  readonly browser: Browser;
  readonly close: () => Promise<void>;
}

/** Starts the service on a free port with data of its own, and Debian's Chromium; installs it when it is missing. */
export async function openStage(): Promise<Stage> {
  installChromium();
  const folder = mkdtempSync(join(tmpdir(), "folkmoot-browser-"));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  // A process group of its own, so that exactly what is started here is stopped.
  const server = spawn("npm", ["start", "--", "--port", String(port), "--persist-to", folder], {
    detached: true,
    stdio: "ignore",
  });
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"],
  });
  const close = async () => {
    await browser.close();
    await stop(server);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answering(`${url}/v1/petitions`);
  } catch (error) {
    await close();
    throw error;
  }
  return { url, browser, close };
}

function installChromium(): void {
  if (existsSync(CHROMIUM)) return;
  try {
    execFileSync("apt-get", ["update", "-qq"], { stdio: "inherit" });
    execFileSync("apt-get", ["install", "-y", "-qq", "chromium"], { stdio: ["ignore", "ignore", "inherit"] });
  } catch {
    throw new Error("Chromium is missing and could not be installed: `apt-get install chromium` as root");
  }
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
