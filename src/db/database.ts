import type { SQL } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";

/** Where statements are built and run. Stores give statements; verbs run them, together, in one batch. */
export type Database = DrizzleD1Database & { $client: D1Database };

/** What D1 says that a piece of work has cost: what the bill counts. */
export interface D1Cost {
  /** Calls to the database: each is one hop, however many statements it carries. */
  calls: number;
  rowsRead: number;
  rowsWritten: number;
}

/** A database for one piece of work, and what it has cost so far. */
export function openDatabase(d1: D1Database): { db: Database; cost: D1Cost } {
  const cost: D1Cost = { calls: 0, rowsRead: 0, rowsWritten: 0 };
  return { db: drizzle(metered(d1, cost)), cost };
}

/** A written-out statement for a batch, answering with its rows. */
export const rowsOf = <Row>(db: Database, query: SQL) => batchable(db, db.all<Row>(query));

/** A written-out statement for a batch, answering with D1's own result. */
export const runOf = (db: Database, query: SQL) => batchable(db, db.run(query));

// Drizzle's batch() binds parameters to a `stmt` that its built queries have and its written-out ones lack.
const batchable = <Raw extends { getQuery(): { sql: string } }>(db: Database, raw: Raw): Raw =>
  Object.defineProperty(raw, "stmt", { get: () => db.$client.prepare(raw.getQuery().sql) });

/** Whether D1 refused the data itself, so that the same data can never be written. Anything else may pass by itself. */
export function isConstraintFailure(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (/SQLITE_CONSTRAINT|SQLITE_MISMATCH|SQLITE_TOOBIG|string or blob too big/.test(cause.message)) return true;
  }
  return false;
}

// Only batch() is used: it is a transaction, and the one call whose result always carries `meta`.
function metered(d1: D1Database, cost: D1Cost): D1Database {
  return new Proxy(d1, {
    get(target, name) {
      if (name === "batch") {
        return async (statements: D1PreparedStatement[]) => {
          cost.calls++;
          const results = await target.batch(statements);
          for (const { meta } of results) {
            cost.rowsRead += meta.rows_read ?? 0;
            cost.rowsWritten += meta.rows_written ?? 0;
          }
          return results;
        };
      }
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
