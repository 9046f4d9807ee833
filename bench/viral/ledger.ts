/** A row of `signatures` as the ledger needs it. */
export interface LedgerRow {
  /** Hexadecimal digits of the submission that the row speaks of. */
  readonly submission: string;
  readonly state: string;
  readonly hold: string | null;
  /** Whether it has been verified, counted or not. */
  readonly verified: boolean;
}

/** What the outside knows of one person: what was accepted, and whether they were told that it is verified. */
export interface LedgerPerson {
  /** Submissions that were answered with 202, as in `LedgerRow`. */
  readonly accepted: readonly string[];
  readonly pressed: boolean;
  readonly toldVerified: boolean;
  /** Mails that answer submissions; people of one mailbox share theirs. */
  readonly mailbox: string;
}

/** Mails that answer submissions, and how many of them came while the database was failing its consumers. */
export interface MailsGot {
  readonly got: number;
  readonly excused: number;
}

/** Where every accepted submission went. */
export interface Ledger {
  readonly accepted: number;
  readonly verified: number;
  readonly pending: number;
  readonly held: number;
  readonly repeated: number;
  readonly lost: number;
  readonly mails: number;
  readonly mailsTooMany: number;
  /** Why it does not balance; empty when it does. */
  readonly wrong: readonly string[];
}

/**
 * Accounts for every accepted submission by the rows of the database. `mails`: what each mailbox got. `deaths`: how often
 * a consumer ended between doing and noting; each may cost a mailbox one mail too many, then and at no other time.
 */
export function balance(facts: {
  people: readonly LedgerPerson[];
  rows: readonly LedgerRow[];
  mails: ReadonlyMap<string, MailsGot>;
  deaths: number;
}): Ledger {
  const { people, rows, mails, deaths } = facts;
  const bySubmission = new Map(rows.map((row) => [row.submission, row]));
  const sums = { accepted: 0, verified: 0, pending: 0, held: 0, repeated: 0, lost: 0 };
  const wrong: string[] = [];
  const known = new Set<string>();
  for (const { accepted, pressed, toldVerified } of people) {
    sums.accepted += accepted.length;
    if (accepted.length === 0) continue;
    const found = accepted.flatMap((submission) => bySubmission.get(submission) ?? []);
    for (const { submission } of found) known.add(submission);
    const [row, ...more] = found;
    if (!row) sums.lost += accepted.length;
    else if (more.length > 0) wrong.push(`a person has ${found.length} signatures`);
    else {
      sums.repeated += accepted.length - 1;
      const kind = kindOf(row);
      if (kind) sums[kind]++;
      else wrong.push(`a signature is ${row.state}`);
      if (row.verified && !pressed) wrong.push("a signature is verified that nobody pressed for");
      if (toldVerified && !row.verified) wrong.push("somebody was told that they have verified, and it is not so");
    }
  }
  if (sums.lost > 0) wrong.push(`${sums.lost} accepted submissions are lost`);
  const strangers = rows.filter(({ submission }) => !known.has(submission)).length;
  if (strangers > 0) wrong.push(`${strangers} signatures are nobody's`);
  const told = mailsOf(people, mails, deaths);
  return { ...sums, ...told, wrong: [...wrong, ...told.wrong] };
}

function kindOf({ state, hold }: LedgerRow): "verified" | "pending" | "held" | null {
  if (state !== "verified" && state !== "pending") return null;
  return hold !== null ? "held" : state;
}

/** Every mailbox got a mail, and at most one for each submission and one more for each death. */
function mailsOf(people: readonly LedgerPerson[], mails: ReadonlyMap<string, MailsGot>, deaths: number) {
  const due = new Map<string, number>();
  for (const { mailbox, accepted } of people) due.set(mailbox, (due.get(mailbox) ?? 0) + accepted.length);
  const wrong: string[] = [];
  let tooMany = 0;
  for (const [mailbox, submissions] of due) {
    const { got, excused } = mails.get(mailbox) ?? { got: 0, excused: 0 };
    if (submissions > 0 && got === 0) wrong.push("somebody who was accepted got no mail");
    const more = Math.max(0, got - submissions);
    tooMany += more;
    if (more > deaths) wrong.push(`a mailbox got ${more} mails too many, and there were ${deaths} deaths`);
    else if (more > excused) wrong.push("a mailbox got a mail too many while nothing failed");
  }
  const all = [...mails.values()].reduce((sum, { got }) => sum + got, 0);
  return { mails: all, mailsTooMany: tooMany, wrong };
}
