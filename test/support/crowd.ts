import { env } from "cloudflare:workers";

const CHUNK = 50_000;

/** What rows of a crowd are beside verified signatures from nowhere in particular; SQL of each, `i` counts from 1 on. */
type Columns = Readonly<Record<string, string>>;

const PLAIN: Columns = {
  email_hash: "randomblob(8)",
  person_hash: "i",
  submission: "randomblob(16)",
  state: "'verified'",
  hold: "NULL",
  role: "'signer'",
  locale: "'en'",
  area_code: "'north'",
  channel: "'poster'",
  network_hash: "NULL",
  domain_hash: "NULL",
  address_hash: "NULL",
  asn: "NULL",
  country: "NULL",
  sealed: "randomblob(120)",
  accepted_at: "i",
};

/** Gives a petition signatures written straight into the table; the triggers count them. */
export async function crowd(no: number, total: number, columns: Columns = {}): Promise<void> {
  const all = { ...PLAIN, ...columns };
  const state = all.state as string;
  for (let done = 0; done < total; done += CHUNK) {
    await env.DB.prepare(
      `INSERT INTO signatures (petition_no, ${Object.keys(all)}, verified_at, verified_hour)
       WITH RECURSIVE n (i) AS (SELECT ${done + 1} UNION ALL SELECT i + 1 FROM n WHERE i < ${Math.min(done + CHUNK, total)})
       SELECT ?, ${Object.values(all)}, iif(${state} = 'verified', i, NULL), iif(${state} = 'verified', '2026-11-23T12', NULL) FROM n`,
    )
      .bind(no)
      .run();
  }
}

/** The public ids of a petition's signatures that meet a condition in SQL, in the order of their keys. */
export async function signatureIds(no: number, where = "1"): Promise<string[]> {
  const { results } = await env.DB.prepare(
    `SELECT printf('%08x', petition_no) || lower(hex(email_hash)) || printf('%08x', person_hash) AS key FROM signatures
     WHERE petition_no = ? AND ${where} ORDER BY email_hash, person_hash`,
  )
    .bind(no)
    .all<{ key: string }>();
  return results.map(({ key }) => `sig_${key.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")}`);
}
