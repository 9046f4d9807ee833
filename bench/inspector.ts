/** A CPU profile as V8 gives it: nodes of the call tree, and which was running at each sample. */
export interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  /** Microseconds between samples. */
  readonly timeDeltas: readonly number[];
}

/** V8's profiler in workerd. */
export interface Inspector {
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<Profile>;
  readonly close: () => void;
}

const SAMPLED_EVERY_US = 200;

/** Connects to the inspector of the one Worker that workerd runs (Chrome DevTools Protocol). */
export async function connectInspector(port: number): Promise<Inspector> {
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as {
    webSocketDebuggerUrl: string;
    id: string;
  }[];
  const target = targets.find(({ id }) => id.includes("user") || id.includes("worker")) ?? targets[0];
  if (!target) throw new Error("workerd has no Worker to look into");
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", () => reject(new Error("the inspector does not answer")), { once: true });
  });
  const waiting = new Map<number, (result: unknown) => void>();
  socket.addEventListener("message", ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
    if (id !== undefined) waiting.get(id)?.(result);
  });
  let calls = 0;
  const call = (method: string, params: object = {}): Promise<unknown> => {
    const id = ++calls;
    socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => waiting.set(id, resolve));
  };
  await call("Profiler.enable");
  await call("Profiler.setSamplingInterval", { interval: SAMPLED_EVERY_US });
  return {
    start: async () => void (await call("Profiler.start")),
    stop: async () => ((await call("Profiler.stop")) as { profile: Profile }).profile,
    close: () => socket.close(),
  };
}
