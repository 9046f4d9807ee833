import { env } from "cloudflare:workers";
import { coldIsolate } from "./isolate.ts";
import { freshAddress, freshEmail, linkIn, type Mail, mailsTo, nextMail, postJson, sign, tokenOf } from "./resident.ts";
import { openPetition } from "./town.ts";

/** A signature, and what its mail leads to. */
export interface Signed {
  readonly petition: { readonly id: string; readonly no: number; readonly uuid: string };
  readonly email: string;
  readonly mail: Mail;
  readonly verify: string;
  readonly withdraw: string;
  readonly person: string;
}

const isolate = coldIsolate();

/** Somebody who has signed a petition, and verified it unless `verified` is false. */
export async function signer(
  fields: Record<string, unknown> = {},
  { petition, verified = true }: { petition?: Signed["petition"]; verified?: boolean } = {},
): Promise<Signed> {
  const of = petition ?? (await openPetition());
  const email = typeof fields.email === "string" ? fields.email : freshEmail();
  const before = (await mailsTo(email)).length;
  await sign(isolate, of.id, { ...fields, email });
  const mail = await nextMail(email, before + 1);
  const [verify, withdraw, person] = (["v", "w", "d"] as const).map((kind) => tokenOf(linkIn(mail, kind)));
  const signed = { petition: of, email, mail, verify, withdraw, person } as Signed;
  if (verified) await postJson(isolate, "/v1/verifications", { token: signed.verify });
  return signed;
}

/** What is answered to an act with a person's token. */
export async function act(
  name: "person-data" | "corrections" | "erasures",
  body: Record<string, unknown>,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await postJson(coldIsolate(), `/v1/${name}`, body);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** The person's page, or what its button answers. */
export async function page(
  token: string,
  fields?: Record<string, string>,
  query = "?lang=en",
): Promise<{ status: number; html: string; answer: Response }> {
  const answer = await coldIsolate().fetch(`/d/${token}${query}`, {
    headers: { "CF-Connecting-IP": freshAddress(), "Content-Type": "application/x-www-form-urlencoded" },
    ...(fields && { method: "POST", body: new URLSearchParams(fields) }),
  });
  return { status: answer.status, html: await answer.clone().text(), answer };
}

/** The signatures of a petition as they are stored. */
export const rowsOf = async (no: number): Promise<Record<string, unknown>[]> =>
  (await env.DB.prepare("SELECT * FROM signatures WHERE petition_no = ? ORDER BY accepted_at").bind(no).all()).results;

/** Moves a petition's end into the past: `hours` ago. */
export async function ended(no: number, hours: number, state = "closed"): Promise<void> {
  const at = Date.now() - hours * 3_600_000;
  await env.DB.prepare(
    "UPDATE petitions SET state = ?, closes_at = ?, ended_at = ?, rejection_code = 'offensive' WHERE no = ?",
  )
    .bind(state, at, at, no)
    .run();
}
