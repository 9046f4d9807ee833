import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";
import { serveTown } from "../scripts/served-town.ts";

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
  const town = await serveTown();
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"],
  });
  const close = async () => {
    await browser.close();
    await town.close();
  };
  return { url: town.url, browser, close };
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
