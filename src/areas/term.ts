/** The lists of codes with names that staff keep, as the database and the API's paths know them. */
export const TERM_LISTS = {
  departments: { path: "departments", subject: "department", maxName: 100 },
  topics: { path: "topics", subject: "topic", maxName: 100 },
  rejection_reasons: { path: "rejection-reasons", subject: "rejection_reason", maxName: 300 },
} as const;

export type TermList = keyof typeof TERM_LISTS;

/** Whoever reads a list gets all of it. */
export const MAX_TERMS = 200;

/** A code's form, in paths as in petitions. */
export const TERM_CODE = /^\w[\w-]{0,63}$/;

/** Where petitions are asked for by department, it asks for those of none. */
const RESERVED: Partial<Record<TermList, string>> = { departments: "none" };

/** Whether a code of a list would be taken for something else. */
export const isReserved = (list: TermList, code: string): boolean => RESERVED[list] === code;

/** An entry of a list. */
export interface Term {
  readonly code: string;
  /** What people read, by language. */
  readonly names: Readonly<Record<string, string>>;
  /** No longer offered, still shown where it is used. */
  readonly retired: boolean;
  /** Of a reason: whether a petition rejected so is shown to nobody. */
  readonly hidden?: boolean;
}

/**
 * The languages that names may have, by primary language: the municipality's, the first of which every name has, then
 * those that the service's own texts exist in.
 */
export const nameLanguages = (locales: readonly string[], known: readonly string[]): [string, ...string[]] =>
  [...new Set([...locales.map((tag) => tag.split("-")[0]?.toLowerCase() ?? tag), ...known])] as [string, ...string[]];
