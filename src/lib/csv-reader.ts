/** A record of a CSV text: its cells, and the line on which it begins (from 1 on). */
export interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * The records of a CSV text (RFC 4180), its header among them; blank lines, and those of separators alone, are none. Lines
 * end with CRLF, LF or CR. `brokenLine`: where it stops being CSV, because a quotation mark is not closed, or stands beside
 * other text; the records before it are given.
 * @param separator `,`, `;` or a tab
 */
export function readCsv(text: string, separator: string): { records: CsvRecord[]; brokenLine?: number } {
  const plain = new RegExp(`[^${separator}"\r\n]*`, "y");
  const records: CsvRecord[] = [];
  let cells: string[] = [];
  let line = 1;
  let begun = 1;
  let at = 0;
  while (at < text.length || cells.length > 0) {
    if (text[at] === '"') {
      const quoted = readQuoted(text, at);
      if (!quoted) return { records, brokenLine: begun };
      cells.push(quoted.value);
      line += lineEnds(quoted.value);
      at = quoted.end;
    } else {
      plain.lastIndex = at;
      const [cell = ""] = plain.exec(text) ?? [];
      cells.push(cell);
      at += cell.length;
    }
    const next = text[at];
    if (next === separator) {
      at++;
      continue;
    }
    if (next !== undefined && next !== "\r" && next !== "\n") return { records, brokenLine: line };
    if (cells.some((cell) => cell.trim() !== "")) records.push({ line: begun, cells });
    at += next === "\r" && text[at + 1] === "\n" ? 2 : 1;
    begun = ++line;
    cells = [];
  }
  return { records };
}

/** A quoted cell from its first quotation mark on, and where it ends; undefined when it doesn't. */
function readQuoted(text: string, start: number): { value: string; end: number } | undefined {
  let value = "";
  for (let from = start + 1; ; ) {
    const close = text.indexOf('"', from);
    if (close < 0) return undefined;
    value += text.slice(from, close);
    if (text[close + 1] !== '"') return { value, end: close + 1 };
    value += '"';
    from = close + 2;
  }
}

const lineEnds = (text: string): number => text.match(/\r\n|\r|\n/g)?.length ?? 0;
