import { DurableObject } from "cloudflare:workers";
import { newUuid } from "../lib/ids.ts";
import { type MailContent, type MailSender, oneByOne } from "./sender.ts";

/** A mail that local mode kept instead of sending. */
export interface CapturedMail extends MailContent {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly sent_at: string;
}

// What a page can show; older mails make room.
const MAX_KEPT = 5_000;
// As with Cloudflare's sender, so that local mode dies as a deployed Worker does.
const BATCH = 10;

/** Local mode's mailbox: every mail that would have left. */
export class MailCapture extends DurableObject {
  constructor(state: DurableObjectState, env: Cloudflare.Env) {
    super(state, env);
    state.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS mails (n INTEGER PRIMARY KEY, recipient TEXT NOT NULL, mail TEXT NOT NULL)",
    );
  }

  /** Keeps a mail. */
  keep(mail: CapturedMail): void {
    const { sql } = this.ctx.storage;
    sql.exec("INSERT INTO mails (recipient, mail) VALUES (?, ?)", mail.to.toLowerCase(), JSON.stringify(mail));
    sql.exec("DELETE FROM mails WHERE n <= (SELECT max(n) FROM mails) - ?", MAX_KEPT);
  }

  /** Mails to one recipient, or to all, newest first. */
  list(to: string | undefined, limit: number): CapturedMail[] {
    const rows = this.ctx.storage.sql.exec<{ mail: string }>(
      "SELECT mail FROM mails WHERE ?1 IS NULL OR recipient = ?1 ORDER BY n DESC LIMIT ?2",
      to?.toLowerCase() ?? null,
      limit,
    );
    return rows.toArray().map(({ mail }) => JSON.parse(mail) as CapturedMail);
  }

  /** Empties the mailbox. */
  clear(): void {
    this.ctx.storage.sql.exec("DELETE FROM mails");
  }
}

/** Where local mode keeps its mailbox. */
export type CaptureNamespace = DurableObjectNamespace<MailCapture>;

/** The one mailbox of a local environment. */
export const mailCapture = (namespace: CaptureNamespace) => namespace.get(namespace.idFromName("mailbox"));

/** "Sends" into local mode's mailbox. */
export function captureSender(namespace: CaptureNamespace, clock: () => number): MailSender {
  return oneByOne(BATCH, async ({ to, subject, text, html, headers }) => {
    try {
      const sent_at = new Date(clock()).toISOString();
      await mailCapture(namespace).keep({ id: newUuid(), to, subject, text, html, headers, sent_at });
      return { status: "sent" };
    } catch {
      return { status: "transient", code: "E_CAPTURE" };
    }
  });
}
