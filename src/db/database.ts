import { fillPlaceholders, type Query, type SQL, type SQLWrapper, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { DrizzleD1Database, SQLiteD1Session } from "drizzle-orm/d1";
import { SQLiteAsyncDialect } from "drizzle-orm/sqlite-core";
import { inTime } from "../lib/in-time.ts";

/**
 * Where statements are built and run. Stores give statements; verbs run them, together, in one batch.
 * D1 answers a batch with objects: two columns of one name in a SELECT (of a join, say) would be one, so alias them.
 */
export type Database = DrizzleD1Database & { $client: D1Database };

/** A statement that has not been run: to join somebody's batch. */
export type Statement = BatchItem<"sqlite">;

/** What must hold at that point of a transaction for a statement to do anything. */
export type Condition = SQL;

/** What D1 says that a piece of work has cost: what the bill counts. */
export interface D1Cost {
  /** Calls to the database: each is one hop, however many statements it carries. */
  calls: number;
  rowsRead: number;
  rowsWritten: number;
}

// It holds nothing of an event.
const dialect = new SQLiteAsyncDialect();

/** A database for one piece of work, and what it has cost so far. */
export function openDatabase(d1: D1Database): { db: Database; cost: D1Cost } {
  const cost: D1Cost = { calls: 0, rowsRead: 0, rowsWritten: 0 };
  const $client = metered(d1, cost);
  // What `drizzle()` does, but for what all events share: many of them open a database and need none.
  const db = new DrizzleD1Database<Record<string, never>>(
    "async",
    dialect,
    new SQLiteD1Session($client, dialect, undefined),
    undefined,
  );
  return { db: Object.assign(db, { $client }), cost };
}

interface Turn {
  readonly statements: Statement[];
  readonly results: Promise<unknown[]>;
}

const turns = new WeakMap<Database, Turn>();

/**
 * The rows of a read. Reads that one piece of work asks for in the same turn, before it waits for anything, go in one
 * call: each call is a hop, however many statements it carries.
 */
export async function readTogether<Read extends Statement>(db: Database, read: Read): Promise<Read["_"]["result"]> {
  let turn = turns.get(db);
  if (!turn) {
    const statements: Statement[] = [];
    const results = Promise.resolve().then(() => {
      turns.delete(db);
      return db.batch(statements as [Statement, ...Statement[]]);
    });
    turn = { statements, results };
    turns.set(db, turn);
  }
  const index = turn.statements.push(read) - 1;
  return (await turn.results)[index] as Read["_"]["result"];
}

/** A written-out statement for a batch, answering with its rows. */
export const rowsOf = <Row>(db: Database, query: SQL) => batchable(db, db.all<Row>(query));

/** A written-out statement for a batch, answering with D1's own result. */
export const runOf = (db: Database, query: SQL) => batchable(db, db.run(query));

// Drizzle's batch() binds parameters to a `stmt` that its built queries have and its written-out ones lack.
const batchable = <Raw extends { getQuery(): { sql: string } }>(db: Database, raw: Raw): Raw =>
  Object.defineProperty(raw, "stmt", { get: () => db.$client.prepare(raw.getQuery().sql) });

/**
 * A statement that is asked often: its SQL is built once in an isolate, which takes longer than to run it. `build` gets
 * placeholders in the place of values, so it must not look at them. Every column of the answer needs its alias.
 */
export function keptStatement<Row>() {
  return <Values extends object>(
    names: readonly (keyof Values & string)[],
    build: (db: Database, values: Values) => SQLWrapper,
  ) => {
    let query: Query | undefined;
    return (db: Database, values: Values) => {
      const places = () => Object.fromEntries(names.map((name) => [name, sql.placeholder(name)])) as Values;
      query ??= dialect.sqlToQuery(build(db, places()).getSQL());
      const { sql: text } = query;
      const params = fillPlaceholders(query.params, values as Record<string, unknown>);
      const prepared = {
        stmt: db.$client.prepare(text),
        getQuery: () => ({ sql: text, params }),
        mapResult: ({ results }: D1Result<Row>) => results,
      };
      // What Drizzle's batch() asks of a query that it built.
      return { _prepare: () => prepared } as unknown as ReturnType<typeof rowsOf<Row>>;
    };
  };
}

/**
 * D1 did not do what it was asked. Its own message carries SQL and parameters, so only its code is kept.
 * `refused`: the data itself broke a rule of the database, so the same data can never be written; else it may pass.
 */
export class DatabaseFailure extends Error {
  readonly code: string;
  readonly refused: boolean;

  constructor(cause: unknown) {
    const message = cause instanceof Error ? cause.message : "";
    const code = /SQLITE_[A-Z]+|D1_[A-Z]+_ERROR/.exec(message)?.[0] ?? "D1_ERROR";
    super(code);
    this.name = "DatabaseFailure";
    this.code = code;
    this.refused = /SQLITE_(CONSTRAINT|MISMATCH|TOOBIG)|too big/.test(message);
  }
}

// Longer than any of our batches takes by far: after it the database is as good as down, and every write may be repeated.
const TIMEOUT_MS = 5_000;

// Only batch() is used: it is a transaction, and the one call whose result always carries `meta`.
function metered(d1: D1Database, cost: D1Cost): D1Database {
  const asked = {
    prepare: (query: string) => d1.prepare(query),
    async batch<Row>(statements: D1PreparedStatement[]): Promise<D1Result<Row>[]> {
      cost.calls++;
      const results = await inTime(d1.batch<Row>(statements), TIMEOUT_MS).catch((error: unknown) => {
        throw new DatabaseFailure(error);
      });
      for (const { meta } of results) {
        cost.rowsRead += meta.rows_read ?? 0;
        cost.rowsWritten += meta.rows_written ?? 0;
      }
      return results;
    },
  };
  return asked as unknown as D1Database;
}
