import type { Stage } from "../stage.ts";
import { workerdPid } from "../workerd.ts";
import type { counted } from "./counted-bindings.ts";

/** What the Worker under replay has counted. */
export type Counted = Record<keyof typeof counted, number>;

/** The Worker under replay, over its lives: its clock, its faults, and what it says of itself. */
export class StagedWorker {
  #stage: Stage;
  #skew = 0;
  readonly #ended: Counted[] = [];

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  get url(): string {
    return this.#stage.url;
  }

  get db(): D1Database {
    return this.#stage.db;
  }

  /** Sets something of it. */
  async post(path: string, body: unknown = {}): Promise<void> {
    const answer = await fetch(`${this.url}/bench/${path}`, { method: "POST", body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  }

  /** Messages that wait or are worked on, and what has been counted in this life. */
  async state(): Promise<{ waiting: number; counted: Counted }> {
    return (await (await fetch(`${this.url}/bench/state`)).json()) as { waiting: number; counted: Counted };
  }

  /** What has been counted in all lives. */
  async counted(): Promise<Counted> {
    const sum = { ...(await this.state()).counted };
    for (const life of this.#ended) for (const name of Object.keys(sum) as (keyof Counted)[]) sum[name] += life[name];
    return sum;
  }

  /** Its clock is ahead of the real one by so many milliseconds, or more. */
  async reaches(ahead: number): Promise<void> {
    this.#skew = Math.max(this.#skew, Math.round(ahead));
    await this.post("clock", { skew: this.#skew });
  }

  /** Its clock jumps on. */
  jumps(ms: number): Promise<void> {
    return this.reaches(this.#skew + ms);
  }

  /** Ends its process without a word, and starts it anew on the same data. */
  async kill(): Promise<void> {
    this.#ended.push((await this.state()).counted);
    process.kill(workerdPid(), "SIGKILL");
    await this.#stage.stop();
    this.#stage = await this.#stage.restart();
    await this.reaches(this.#skew);
  }

  close(): Promise<void> {
    return this.#stage.close();
  }
}
