import { LimiterShard, STORE_AFTER_MS, STORE_EVERY_MS } from "../../src/limits/durable-limiter.ts";
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
        // What is written together has been waited for once; amid a rush all the time since the last storing.
        const since = Date.now() - storing;
        if (cursor.rowsWritten > 0 && since > STORE_AFTER_MS / 2) {
          storing = Date.now();
          counted.durable_object_ms += since > 2 * STORE_EVERY_MS ? STORE_AFTER_MS : since;
        }
        return cursor;
      },
    });
    super(ctx, env);
  }
}
