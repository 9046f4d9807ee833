import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { toHex } from "../../src/lib/bytes.ts";
import { readVerificationToken } from "../../src/signatures/verify-signature.ts";
import { linkIn, mailsTo, tokenOf } from "./resident.ts";
import { rootKeys } from "./town.ts";

/** What the rows can tell of what has happened: at least as much has happened as they show. */
async function expectToCoverRows(no: number): Promise<void> {
  const found = await env.DB.prepare(
    `SELECT funnel_submitted - (SELECT count(*) FROM signatures WHERE petition_no = ?1 AND assurance = 'email') AS gone,
      funnel_submitted - funnel_mailed AS unmailed, funnel_submitted - funnel_verified AS unverified, begun - verified AS ceased,
      areas - (SELECT count(*) FROM area_tallies WHERE petition_no = ?1) AS area_rows,
      channels - (SELECT count(*) FROM channel_tallies WHERE petition_no = ?1) AS channel_rows,
      hours - (SELECT count(*) FROM hour_tallies WHERE petition_no = ?1) AS hour_rows
    FROM petition_tallies WHERE petition_no = ?1`,
  )
    .bind(no)
    .first<Record<string, number>>();
  const { gone, unmailed, unverified, ceased, ...none } = found as Record<string, number>;
  for (const margin of [gone, unmailed, unverified, ceased]) expect(margin).toBeGreaterThanOrEqual(0);
  expect(Object.values(none)).toEqual(Object.values(none).map(() => 0));
}

const KEY = "lower(hex(NEW.email_hash)) || ':' || NEW.person_hash";

/** From here on, everything that happens to a signature is written down beside it, one row an event. */
export async function keepLedger(): Promise<void> {
  await env.DB.batch(
    [
      "CREATE TABLE IF NOT EXISTS ledger (no INTEGER PRIMARY KEY, petition_no INTEGER, person TEXT, old TEXT, new TEXT, counted INTEGER)",
      `CREATE TRIGGER IF NOT EXISTS ledger_insert AFTER INSERT ON signatures BEGIN
        INSERT INTO ledger (petition_no, person, new, counted)
          VALUES (NEW.petition_no, ${KEY}, NEW.state, NEW.state = 'verified' AND NEW.hold IS NULL); END`,
      `CREATE TRIGGER IF NOT EXISTS ledger_update AFTER UPDATE ON signatures BEGIN
        INSERT INTO ledger (petition_no, person, old, new, counted) VALUES (NEW.petition_no, ${KEY}, OLD.state, NEW.state,
          (NEW.state = 'verified' AND NEW.hold IS NULL) - (OLD.state = 'verified' AND OLD.hold IS NULL)); END`,
    ].map((sql) => env.DB.prepare(sql)),
  );
}

/** Follows one petition's ledger and its mails, and says what its funnel must be. */
export function funnelOf(no: number, mailboxes: readonly string[]) {
  let read = 0;
  const mailsRead = new Map<string, number>();
  const mailed = new Map<string, boolean>();
  const funnel = { funnel_submitted: 0, funnel_mailed: 0, funnel_verified: 0, begun: 0 };

  async function follow(): Promise<void> {
    const { results } = await env.DB.prepare("SELECT * FROM ledger WHERE petition_no = ? AND no > ? ORDER BY no")
      .bind(no, read)
      .all<{ no: number; person: string; old: string | null; new: string; counted: number }>();
    for (const event of results) {
      read = event.no;
      if (event.old === null || (event.old === "withdrawn" && event.new === "pending")) {
        funnel.funnel_submitted++;
        mailed.set(event.person, false);
      }
      if (event.old === "pending" && event.new === "verified") funnel.funnel_verified++;
      if (event.counted === 1) funnel.begun++;
    }
    for (const mailbox of mailboxes) {
      const mails = await mailsTo(mailbox);
      const fresh = mails.slice(0, mails.length - (mailsRead.get(mailbox) ?? 0)).reverse();
      mailsRead.set(mailbox, mails.length);
      for (const mail of fresh.filter(({ text }) => /\/v\/[^\s]/.test(text))) {
        const { key } = await readVerificationToken(rootKeys, tokenOf(linkIn(mail, "v")));
        const person = `${toHex(key.emailHash)}:${key.personHash}`;
        if (key.petitionNo !== no || mailed.get(person) !== false) continue;
        mailed.set(person, true);
        funnel.funnel_mailed++;
      }
    }
  }

  return {
    /** Expects the petition's funnel to say what has happened. To be called before anything is submitted, too. */
    async expectToHold(): Promise<Readonly<typeof funnel>> {
      await follow();
      const tally = await env.DB.prepare(`SELECT ${Object.keys(funnel)} FROM petition_tallies WHERE petition_no = ?`)
        .bind(no)
        .first();
      expect(tally).toEqual(funnel);
      await expectToCoverRows(no);
      return funnel;
    },
  };
}
