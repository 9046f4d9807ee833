import { toHex, utf8 } from "../lib/bytes.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import type { MailContent, MailSender, SendResult } from "./sender.ts";

/** What a mail is about, and what it says. */
export interface Addressed {
  /** Comes back, in a tag, with every event about the mail. Never personal data. */
  readonly item: string;
  readonly mail: MailContent;
}

/** Hands mails over in one call under its key; results in step. Each has a tag by which what becomes of it finds its item. */
export async function handOver(
  { keys, sender }: { readonly keys: RootKeys; readonly sender: MailSender },
  mails: readonly Addressed[],
  key: string,
): Promise<SendResult[]> {
  const outgoing = await Promise.all(
    mails.map(async ({ item, mail: { to, subject, text, html, headers } }) => {
      const tag = await keys.issueToken("delivery", utf8(item));
      return { to, subject, text, html, headers, tag };
    }),
  );
  return sender.send(outgoing, key);
}

/** The name of a call: the same for the same items of a job, however often it is made. */
export async function callKey(jobId: string, items: readonly string[]): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", utf8(items.join("\n")));
  return `${jobId}/${toHex(new Uint8Array(digest, 0, 16))}`;
}
