import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const READY_WITHIN_MS = 15_000;

// Vitest dies of these without ending what was set up for a run.
const DEADLY = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A Redis server of our own. */
export interface RedisServer {
  /** Path of the Unix socket at which it answers. It listens on no port: there is none to collide with, or to reach. */
  readonly socket: string;
  /** Ends exactly this server, and deletes its folder. */
  stop(): Promise<void>;
}

/**
 * Starts `redis-server` with an empty database that is never written to disk, and waits until it answers. Installs the
 * command with apt-get when it is missing. Throws when it can't be installed or started, and says what to do.
 */
export async function startRedis(): Promise<RedisServer> {
  installWhenMissing();
  const folder = await mkdtemp(join(tmpdir(), "folkmoot-redis-"));
  const socket = join(folder, "redis.sock");
  const settings = { port: "0", unixsocket: socket, save: "", appendonly: "no", dir: folder, daemonize: "no" };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const server = spawn("redis-server", args, { stdio: ["ignore", "pipe", "pipe"] });
  const unwatch = endWithProcess(server, folder);
  const stop = async () => {
    unwatch();
    await end(server);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await ready(server);
  } catch (error) {
    await stop();
    throw error;
  }
  return { socket, stop };
}

function installWhenMissing(): void {
  if (isInstalled()) return;
  console.log("redis-server is missing: installing it with apt-get");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update"], ["install", "-y", "redis-server"]]) {
    const { error, status } = spawnSync("apt-get", args, { env, stdio: ["ignore", "ignore", "inherit"] });
    if (error || status !== 0) throw missing(`\`apt-get ${args.join(" ")}\` ${error ? error.message : "failed"}`);
  }
  if (!isInstalled()) throw missing("apt-get has installed something else");
}

const isInstalled = (): boolean => spawnSync("redis-server", ["--version"]).status === 0;

const missing = (why: string): Error =>
  new Error(
    `These tests need the command redis-server, and it could not be installed: ${why}. ` +
      "Install it (Debian and Ubuntu: apt-get install redis-server; macOS: brew install redis) and run them again.",
  );

/** Waits until the server says that it takes connections. */
async function ready(server: ChildProcess): Promise<void> {
  const printed: string[] = [];
  const late = AbortSignal.timeout(READY_WITHIN_MS);
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`redis-server ${why}:\n${printed.join("")}`));
    for (const stream of [server.stdout, server.stderr]) {
      stream?.on("data", (chunk) => {
        printed.push(String(chunk));
        if (/ready to accept connections/i.test(printed.join(""))) resolve();
      });
    }
    server.once("error", (error) => fail(`could not be started (${error.message})`));
    server.once("exit", (code) => fail(`ended with ${code}`));
    late.addEventListener("abort", () => fail(`was not ready within ${READY_WITHIN_MS} ms`));
  });
}

/** Ends the server also when the test run ends without taking leave. Gives what calls this off. */
function endWithProcess(server: ChildProcess, folder: string): () => void {
  const kill = () => {
    server.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  const killAndGo = (signal: NodeJS.Signals) => {
    unwatch();
    kill();
    process.kill(process.pid, signal);
  };
  const unwatch = () => {
    process.off("exit", kill);
    for (const signal of DEADLY) process.off(signal, killAndGo);
  };
  process.once("exit", kill);
  for (const signal of DEADLY) process.once(signal, killAndGo);
  return unwatch;
}

async function end(server: ChildProcess): Promise<void> {
  if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, "exit");
  server.kill("SIGTERM");
  await ended;
}
