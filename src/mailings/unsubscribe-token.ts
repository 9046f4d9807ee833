import { Problem } from "../http/problems.ts";
import { concat, fromBase64Url, fromHex, toBase64Url, toHex } from "../lib/bytes.ts";
import { hexUuid, uuidHex } from "../lib/ids.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { petitionHex } from "./mailing.ts";
import { unsubscribedHash } from "./unsubscribed.ts";

/** Who unsubscribes by a token, from what, and because of which mailing: it needs no row to be read. */
export interface Unsubscriber {
  readonly petitionNo: number;
  /** The mailbox's hash in this petition: 16 hexadecimal digits. */
  readonly mailbox: string;
  /** The mailing's UUID. */
  readonly mailingId: string;
  /** The address as the table of those who want no news knows it. */
  readonly addressHash: string;
}

const PAYLOAD_BYTES = 4 + 8 + 16 + 16;

// The mailbox of nobody, for mails that only show what a mailing looks like: their link works and changes nothing.
const NOBODY = "0000000000000000";

/** The token of the link in one mail of a mailing; `to` null: of one that only shows what it looks like. */
export async function unsubscribeToken(
  keys: RootKeys,
  mailing: { readonly id: string; readonly petitionNo: number },
  to: { readonly mailbox: string; readonly canonical: string } | null,
): Promise<string> {
  const key = fromHex(petitionHex(mailing.petitionNo) + (to?.mailbox ?? NOBODY) + uuidHex(mailing.id));
  const address = fromBase64Url(await unsubscribedHash(keys, to?.canonical ?? "")) ?? new Uint8Array();
  return keys.issueToken("unsubscribe", concat(key, address));
}

/** What a token says; raises `token_invalid` without asking the database. */
export async function readUnsubscribeToken(keys: RootKeys, token: string): Promise<Unsubscriber> {
  const payload = await keys.readToken("unsubscribe", token, PAYLOAD_BYTES);
  if (!payload) throw new Problem("token_invalid");
  const hex = toHex(payload.slice(0, 28));
  return {
    petitionNo: Number.parseInt(hex.slice(0, 8), 16),
    mailbox: hex.slice(8, 24),
    mailingId: hexUuid(hex.slice(24)),
    addressHash: toBase64Url(payload.slice(28)),
  };
}
