import { EXAMPLE_PARTNER_KEY, EXAMPLE_PETITION, type Method, type RequestExample } from "../../src/http/openapi.ts";
import type { coldIsolate } from "./isolate.ts";
import { stages } from "./operations.ts";
import { newKey, newPartner } from "./partners.ts";
import { codeIn, freshAddress, freshEmail, linkIn, nextMail, sign, tokenOf } from "./resident.ts";
import { openPetition } from "./town.ts";

/** An example with what exists in the place of its petition, person, token and code, and of whatever its feature names. */
export async function realise(
  isolate: Pick<ReturnType<typeof coldIsolate>, "fetch">,
  id: string,
  { path, headers = {}, body }: RequestExample,
  method: Method,
) {
  const email = freshEmail();
  const named = { [EXAMPLE_PETITION]: "", "ada@example.org": email, ...(await stages[id]?.()) };
  named[EXAMPLE_PETITION] ||= (await openPetition()).id;
  if (JSON.stringify(headers).includes(EXAMPLE_PARTNER_KEY) && !(EXAMPLE_PARTNER_KEY in named)) {
    Object.assign(named, { [EXAMPLE_PARTNER_KEY]: (await newKey(await newPartner())).key });
  }
  const fields = { ...(body as Record<string, unknown>) };
  // A token that the feature itself names is put in its place below.
  const signs = "token" in fields && !(String(fields.token) in named);
  if (signs || ("code" in fields && "petition_id" in fields)) {
    await sign(isolate, named[EXAMPLE_PETITION], { email });
    const mail = await nextMail(email);
    if (signs) fields.token = tokenOf(linkIn(mail, id === "withdrawSignature" ? "w" : "v"));
    if ("code" in fields) fields.code = codeIn(mail);
  }
  const here = (text: string) => Object.entries(named).reduce((all, [from, to]) => all.replaceAll(from, to), text);
  const sent = typeof body === "string" ? body : JSON.stringify(fields);
  const init = {
    method: method.toUpperCase(),
    headers: {
      "CF-Connecting-IP": freshAddress(),
      "Content-Type": typeof body === "string" ? "text/plain" : "application/json",
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, here(value)])),
    } as Record<string, string>,
    ...(body === undefined ? {} : { body: here(sent) }),
  };
  return { path: here(path), init };
}
