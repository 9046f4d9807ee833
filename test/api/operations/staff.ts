import { env } from "cloudflare:workers";
import { coldIsolate, faultyDatabase } from "../../support/isolate.ts";
import { asStaff, newStaff } from "../../support/staff.ts";

const isolate = coldIsolate();
const EXAMPLE_STAFF = "stf_01936d9e-8c4b-7f00-9a51-00005afe0001";
const EXAMPLE_KEY = "key_01936d9e-8c4b-7f00-9a51-00005afe0002";
const EXAMPLE_EMAIL = "sam.steward@brackwater.example";
const said = { name: "Sam Steward", email: null, role: "viewer", department: null, locale: null, reminders: false };

const keyOf = async (id: string): Promise<string> => {
  const answer = await asStaff(isolate, "GET", `/staff/${id}/keys`);
  return ((await answer.json()) as { data: { id: string }[] }).data[0]?.id as string;
};

/** A member with a key, in the place of the example's. */
async function member(): Promise<Record<string, string>> {
  const { id, email } = await newStaff("moderator");
  return { [EXAMPLE_STAFF]: id, [EXAMPLE_KEY]: await keyOf(id), [EXAMPLE_EMAIL]: email };
}

/** The example's member sends the request. */
async function oneself(): Promise<Record<string, string>> {
  const { id, key } = await newStaff("viewer");
  return { fm_staff_local: key, [EXAMPLE_KEY]: await keyOf(id) };
}

export const stages = {
  readOwnAccess: oneself,
  changeOwnSettings: oneself,
  listOwnKeys: oneself,
  rotateOwnKeys: oneself,
  revokeOwnKey: oneself,
  createStaff: async () => ({ [EXAMPLE_EMAIL]: `${crypto.randomUUID()}@town.example` }),
  readStaff: member,
  changeStaff: member,
  revokeStaff: member,
  listStaffKeys: member,
  rotateStaffKeys: member,
  revokeStaffKey: member,
};

/** An admin of the whole municipality beside whom there is no other that could get in. */
async function lastAdmin() {
  const admin = await newStaff("admin");
  await env.DB.prepare("UPDATE staff SET revoked_at = 1, email = NULL WHERE role = 'admin' AND id <> ?")
    .bind(admin.id.slice(4))
    .run();
  return admin;
}

/** A request by a member while the database fails. */
const amidFailure = (method: string, path: string, body?: unknown) => async () => {
  const { key } = await newStaff("viewer");
  return asStaff(coldIsolate({ DB: faultyDatabase(() => true) }), method, path, { key, body });
};

const own = async (method: "PUT" | "POST", path: string, body: unknown) => {
  const { id, key } = await newStaff("admin");
  return asStaff(isolate, method, `/staff/${id}${path}`, { key, body });
};

export const problems = {
  readOwnAccess: { unavailable: amidFailure("GET", "/me") },
  changeOwnSettings: { unavailable: amidFailure("PUT", "/me", { locale: null, reminders: true }) },
  listOwnKeys: { unavailable: amidFailure("GET", "/me/keys") },
  rotateOwnKeys: { unavailable: amidFailure("POST", "/me/keys/rotate", {}) },
  revokeOwnKey: {
    unavailable: amidFailure("DELETE", `/me/keys/${EXAMPLE_KEY}`),
    last_admin: async () => {
      const { id, key } = await lastAdmin();
      return asStaff(isolate, "DELETE", `/me/keys/${await keyOf(id)}`, { key });
    },
  },
  createStaff: {
    email_taken: async () => {
      const { email } = await newStaff("viewer");
      return asStaff(isolate, "POST", "/staff", { body: { ...said, email } });
    },
  },
  changeStaff: {
    email_taken: async () => {
      const [one, other] = [await newStaff("viewer"), await newStaff("viewer")];
      return asStaff(isolate, "PUT", `/staff/${one.id}`, { body: { ...said, email: other.email } });
    },
    own_access: () => own("PUT", "", said),
    last_admin: async () => asStaff(isolate, "PUT", `/staff/${(await lastAdmin()).id}`, { body: said }),
  },
  revokeStaff: {
    own_access: () => own("POST", "/revoke", {}),
    last_admin: async () => asStaff(isolate, "POST", `/staff/${(await lastAdmin()).id}/revoke`, { body: {} }),
  },
  revokeStaffKey: {
    last_admin: async () => {
      const { id } = await lastAdmin();
      return asStaff(isolate, "DELETE", `/staff/${id}/keys/${await keyOf(id)}`);
    },
  },
};
