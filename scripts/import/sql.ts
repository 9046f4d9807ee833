// Statements as text, for what has no parameters: a file that D1 imports.

/** A value of a row: what JSON and SQLite both know. */
export type Value = string | number | null;

// D1 takes statements of up to 100,000 bytes.
const MAX_ROWS_BYTES = 60_000;

/** A text as an SQL literal. NUL, which SQL text can't hold, must have been refused before. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * Statements that hand rows to `INSERT … SELECT … FROM json_each(…)`: `sql` says what surrounds the rows, in which
 * `value ->> 0` is a row's first value. As many rows go into one statement as D1 takes; none for no rows.
 */
export function statementsOf(rows: readonly (readonly Value[])[], sql: (rows: string) => string): string[] {
  return chunks(rows).map((chunk) => sql(`json_each(${literal(`[${chunk.join(",")}]`)})`));
}

function chunks(rows: readonly (readonly Value[])[]): string[][] {
  const found: string[][] = [];
  let room = 0;
  for (const row of rows) {
    const json = JSON.stringify(row);
    const bytes = Buffer.byteLength(literal(json)) + 1;
    if (bytes > room) {
      found.push([]);
      room = MAX_ROWS_BYTES;
    }
    found.at(-1)?.push(json);
    room -= bytes;
  }
  return found;
}
