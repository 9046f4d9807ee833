import { LimiterShard } from "../../src/limits/durable-limiter.ts";
import { counted } from "./counted-bindings.ts";

/**
 * A shard of the limits that counts what a bill says of its storage: the rows that it writes, and how long it stays in
 * memory until it has written them. Objects live in the isolate of the Worker that they belong to.
 */
export class CountedLimiterShard extends LimiterShard {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    const { sql } = ctx.storage;
    const exec = sql.exec.bind(sql);
    Object.defineProperty(sql, "exec", {
      value: (...args: Parameters<typeof exec>) => {
        const cursor = exec(...args);
        counted.durable_object_rows_written += cursor.rowsWritten;
        return cursor;
      },
    });
    const waitUntil = ctx.waitUntil.bind(ctx);
    let busyUntil = 0;
    Object.defineProperty(ctx, "waitUntil", {
      value: (work: Promise<unknown>) => {
        const begun = Date.now();
        const end = () => {
          // What is waited for at the same time is one stay.
          counted.durable_object_ms += Math.max(Date.now() - Math.max(begun, busyUntil), 0);
          busyUntil = Date.now();
        };
        waitUntil(work.then(end, end));
      },
    });
    super(ctx, env);
  }
}
