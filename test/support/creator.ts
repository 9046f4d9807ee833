import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { parsePublicId, petitionNo } from "../../src/lib/ids.ts";
import { petitionToken } from "../../src/petitions/petition-token.ts";
import type { coldIsolate } from "./isolate.ts";
import { freshAddress, freshEmail, linkIn, type Mail, nextMail, postJson, sign, tokenOf } from "./resident.ts";
import { rootKeys } from "./town.ts";

type Isolate = Pick<ReturnType<typeof coldIsolate>, "fetch">;

/** A petition that somebody has submitted, and what its creator and supporters hold. */
export interface Submitted {
  readonly id: string;
  readonly no: number;
  readonly email: string;
  readonly mail: Mail;
  /** Of the supporter link. */
  readonly supporterToken: string;
  readonly editToken: string;
}

/** Submits a petition; `fields` override a plausible one. Its creator has not verified. */
export async function submitted(isolate: Isolate, fields: Record<string, unknown> = {}): Promise<Submitted> {
  const email = freshEmail();
  const answer = await postJson(isolate, "/v1/petitions", {
    title: "A lamp at the end of the pier",
    background: "After dark nobody sees where the pier ends.",
    creator: { name: "Bran Brinewell", email, postcode: "BW1 1AA" },
    ...fields,
  });
  expect(answer.status).toBe(202);
  const { id } = (await answer.json()) as { id: string };
  const uuid = parsePublicId("pet", id) as string;
  const [supporterToken, editToken] = await Promise.all(
    (["supporter", "edit"] as const).map((purpose) => petitionToken(rootKeys, purpose, uuid)),
  );
  const mail = await nextMail(email);
  return { id, no: petitionNo(uuid), email, mail, supporterToken: supporterToken ?? "", editToken: editToken ?? "" };
}

/** Submits a petition and verifies its creator: it gathers supporters then. */
export async function gathering(isolate: Isolate, fields: Record<string, unknown> = {}): Promise<Submitted> {
  const petition = await submitted(isolate, fields);
  await verify(isolate, tokenOf(linkIn(petition.mail, "v")));
  return petition;
}

/** Verifies by a token and expects it to work. */
export async function verify(isolate: Isolate, token: string): Promise<void> {
  expect((await postJson(isolate, "/v1/verifications", { token })).status).toBe(200);
}

/** Somebody signs as a supporter; gives the mail that asks them to verify. */
export async function supporterSigns(
  isolate: Isolate,
  { id, supporterToken }: Submitted,
  fields: Record<string, unknown> = {},
): Promise<{ email: string; mail: Mail; verify: string; withdraw: string }> {
  const email = String(fields.email ?? freshEmail());
  const answer = await sign(isolate, id, { email, supporter_token: supporterToken, ...fields }, freshAddress());
  expect(answer.status).toBe(202);
  const mail = await nextMail(email);
  return { email, mail, verify: tokenOf(linkIn(mail, "v")), withdraw: tokenOf(linkIn(mail, "w")) };
}

/** Supporters who sign and verify, one after the other. */
export async function supported(isolate: Isolate, petition: Submitted, count: number): Promise<void> {
  for (const token of (await Promise.all(Array.from({ length: count }, () => supporterSigns(isolate, petition)))).map(
    (one) => one.verify,
  ))
    await verify(isolate, token);
}

/** What the database says of a petition. */
export async function petitionRow(no: number): Promise<Record<string, unknown>> {
  const found = await env.DB.prepare("SELECT * FROM petitions JOIN petition_tallies ON petition_no = no WHERE no = ?")
    .bind(no)
    .first();
  return found ?? {};
}

/** Events of which the petition's creator was or will be told, in order. */
export async function newsOf(no: number): Promise<string[]> {
  const prefix = no.toString(16).padStart(8, "0");
  const { results } = await env.DB.prepare("SELECT items FROM outbox WHERE kind = 'creator_news' ORDER BY id").all<{
    items: string;
  }>();
  return results
    .flatMap(({ items }) => JSON.parse(items) as string[])
    .filter((item) => item.startsWith(prefix))
    .map((item) => item.slice(9));
}
