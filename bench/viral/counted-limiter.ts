import { LimiterShard, STORE_AFTER_MS } from "../../src/limits/durable-limiter.ts";
import { counted } from "./counted-bindings.ts";

/**
 * A shard of the limits that counts what a bill says of its storage: the rows that it writes, and how long it stays in
 * memory until it has written them. Objects live in the isolate of the Worker that they belong to.
 */
export class CountedLimiterShard extends LimiterShard {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    let storing = 0;
    const { sql } = ctx.storage;
    const exec = sql.exec.bind(sql);
    Object.defineProperty(sql, "exec", {
      value: (...args: Parameters<typeof exec>) => {
        const cursor = exec(...args);
        counted.durable_object_rows_written += cursor.rowsWritten;
        // What is written together has been waited for once.
        if (cursor.rowsWritten > 0 && Date.now() - storing > STORE_AFTER_MS / 2) {
          storing = Date.now();
          counted.durable_object_ms += STORE_AFTER_MS;
        }
        return cursor;
      },
    });
    super(ctx, env);
  }
}
