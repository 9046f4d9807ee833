import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import { DEFAULT_POLICIES } from "../../src/limits/policies.ts";
import type { coldIsolate } from "./isolate.ts";

type Isolate = Pick<ReturnType<typeof coldIsolate>, "fetch">;

/** A captured mail. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Record<string, string>;
}

let addresses = 0;

/** A client address that no other test has used, so that no limit is shared. */
export function freshAddress(): string {
  addresses++;
  return `2001:db8:${Math.floor(Math.random() * 0xffff).toString(16)}:${addresses.toString(16)}::1`;
}

/** An e-mail address that no other test has used. */
export const freshEmail = (): string => `r${crypto.randomUUID().slice(0, 13)}@example.org`;

/** POSTs JSON from an address. */
export const postJson = (isolate: Isolate, path: string, body: unknown, address = freshAddress()): Promise<Response> =>
  isolate.fetch(path, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "Content-Type": "application/json", "CF-Connecting-IP": address },
  });

/** Signs a petition; `fields` override a plausible person. */
export const sign = (
  isolate: Isolate,
  petitionId: string,
  fields: Record<string, unknown> = {},
  address = freshAddress(),
): Promise<Response> =>
  postJson(
    isolate,
    `/v1/petitions/${petitionId}/signatures`,
    { name: "Mara Quill", email: freshEmail(), postcode: "BW1 1AA", eligible: true, ...fields },
    address,
  );

/** Mails to an address, newest first. */
export async function mailsTo(email: string): Promise<Mail[]> {
  const box = env.MAIL_CAPTURE?.get(env.MAIL_CAPTURE.idFromName("mailbox"));
  return ((await box?.list(email, 1000)) ?? []) as Mail[];
}

/** Waits until an address has got `count` mails; gives the newest. */
export async function nextMail(email: string, count = 1): Promise<Mail> {
  const mails = await vi.waitFor(
    async () => {
      const found = await mailsTo(email);
      expect(found.length).toBe(count);
      return found;
    },
    { timeout: 15_000, interval: 50 },
  );
  return mails[0] as Mail;
}

/** The path (with query) of a mail's link of a kind. */
export function linkIn(mail: Mail, kind: "v" | "w" | "s" | "e" | "d"): string {
  const found = new RegExp(`https?://\\S+?(/${kind}/\\S+)`).exec(mail.text)?.[1];
  if (!found) throw new Error(`the mail has no link of kind ${kind}`);
  return found;
}

/** The token within a link's path. */
export const tokenOf = (path: string): string => path.replace(/^\/[vwsed]\//, "").replace(/\?.*$/, "");

/** The typed code in a mail. */
export function codeIn(mail: Mail): string {
  const found = /\b\d{6}\b/.exec(mail.text)?.[0];
  if (!found) throw new Error("the mail has no code");
  return found;
}

/** A petition's public count. */
export async function countOf(isolate: Isolate, petitionId: string): Promise<number> {
  const response = await isolate.fetch(`/v1/petitions/${petitionId}/count`);
  return ((await response.json()) as { verified: number }).verified;
}

/** An address that is over the limit of all writes, whenever a window began meanwhile. */
export async function busyAddress(isolate: Isolate): Promise<string> {
  const address = freshAddress();
  const write = () => postJson(isolate, "/v1/withdrawals", { token: "x" }, address);
  await Promise.all(Array.from({ length: DEFAULT_POLICIES.writes.limit }, write));
  while ((await write()).status !== 429);
  return address;
}
