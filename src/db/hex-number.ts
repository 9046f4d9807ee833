import { type SQL, sql } from "drizzle-orm";

/** The number that eight hexadecimal digits of a text spell, from `start` on; SQLite has no function for it. */
export const hexNumber = (column: string, start: number): SQL => {
  const digits = Array.from({ length: 8 }, (_, place) => {
    const digit = `instr('0123456789abcdef', substr(${column}, ${start + place}, 1)) - 1`;
    return `((${digit}) << ${4 * (7 - place)})`;
  });
  return sql.raw(`(${digits.join(" | ")})`);
};
