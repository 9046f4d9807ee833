import { newUuid, publicId } from "../../src/lib/ids.ts";
import { coldIsolate } from "./isolate.ts";
import { freshAddress, freshEmail } from "./resident.ts";
import { asStaff } from "./staff.ts";

type Isolate = Pick<ReturnType<typeof coldIsolate>, "fetch">;

/** A partner as the API tells it. */
export interface PartnerView {
  readonly id: string;
  readonly code: string;
  readonly name: string;
}

const staffs = coldIsolate();

const read = async <Body>(answer: Response, status: number): Promise<Body> => {
  const text = await answer.text();
  if (answer.status !== status) throw new Error(`${answer.status} instead of ${status}: ${text}`);
  return JSON.parse(text) as Body;
};

/** A new partner with a code that no other has. */
export async function newPartner(over: Record<string, unknown> = {}): Promise<PartnerView> {
  const code = `p-${crypto.randomUUID().slice(0, 13)}`;
  const body = { code, name: `Union ${code}`, email: `${code}@partner.example`, ...over };
  return read(await asStaff(staffs, "POST", "/partners", { body }), 201);
}

/** A new key of a partner: a server's, with every scope, unless `terms` say otherwise. */
export async function newKey(
  partner: Pick<PartnerView, "id">,
  terms: Record<string, unknown> = {},
): Promise<{ id: string; key: string }> {
  const scopes = ["signatures:write", "signatures:read", "counts:read", "webhooks:manage"];
  const body = { label: "A test's", scopes, ...terms };
  return read(await asStaff(staffs, "POST", `/partners/${partner.id}/keys`, { body }), 201);
}

/** A request with a partner's key; a body makes it JSON. */
export const asPartner = (
  isolate: Isolate,
  key: string,
  method: string,
  path: string,
  { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<Response> =>
  isolate.fetch(path, {
    method,
    headers: {
      Authorization: `Bearer ${key}`,
      "CF-Connecting-IP": freshAddress(),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

/** An id of a kind, of nothing. */
export const absentId = (prefix: "par" | "key" | "pet"): string => publicId(prefix, newUuid());

/** An address of the public internet that no other test has used: what a partner's server declares. */
export const publicAddress = (): string => {
  const part = () => Math.floor(Math.random() * 0xffff).toString(16);
  return `2a0${1 + Math.floor(Math.random() * 8)}:${part()}:${part()}:${part()}::1`;
};

/** A plausible person as a partner's server sends them, whom no other test has. */
export const someone = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  name: "Mara Quill",
  email: freshEmail(),
  eligible: true,
  signer_address: publicAddress(),
  ...fields,
});

/** Signs a petition with a server's key; `fields` override a plausible person. */
export const signVia = (
  isolate: Isolate,
  key: string,
  petitionId: string,
  fields: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Response> =>
  asPartner(isolate, key, "POST", `/v1/petitions/${petitionId}/signatures`, { body: someone(fields), headers });

/** Sends many signatures at once, under a key that no other test has; a header that is null is left out. */
export const sendBatch = (
  isolate: Isolate,
  key: string,
  petitionId: string,
  signatures: readonly unknown[],
  headers: Record<string, string | null> = {},
): Promise<Response> => {
  const all = { "Idempotency-Key": crypto.randomUUID(), ...headers };
  const sent = Object.entries(all).filter((header): header is [string, string] => header[1] !== null);
  return asPartner(isolate, key, "POST", `/v1/petitions/${petitionId}/signatures/batch`, {
    body: { signatures },
    headers: Object.fromEntries(sent),
  });
};
