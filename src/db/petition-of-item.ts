import { type SQL, sql } from "drizzle-orm";

/**
 * The number of the petition that a mail's item is about, or NULL: such items begin with it in eight hexadecimal digits,
 * followed by a colon, or by the rest of a signature's key. SQLite reads no hexadecimal text, so digit by digit.
 */
export function petitionNoOf(item: SQL): SQL {
  const digit = (n: number) => sql`(instr('0123456789abcdef', substr(${item}, ${sql.raw(`${n}`)}, 1)) - 1)`;
  const digits = Array.from({ length: 8 }, (_, n) => sql`${digit(n + 1)} * ${sql.raw(`${16 ** (7 - n)}`)}`);
  return sql`iif(substr(${item}, 1, 8) NOT GLOB '*[^0-9a-f]*' AND (substr(${item}, 9, 1) = ':'
    OR length(${item}) = 32 AND ${item} NOT GLOB '*[^0-9a-f]*'), ${sql.join(digits, sql` + `)}, NULL)`;
}
