/** A row of an answer, by column. */
export type Row = Readonly<Record<string, unknown>>;

/** The database that files are imported into. */
export interface Target {
  /** Runs queries and answers with the rows of each. */
  read(queries: readonly string[]): Promise<Row[][]>;
  /** Runs statements as one transaction: all of them or, when it throws a `TargetFailure`, none. */
  write(statements: readonly string[]): Promise<void>;
}

/** The database did not do it; nothing of the file was written. The message is for the operator. */
export class TargetFailure extends Error {
  override readonly name = "TargetFailure";
}
