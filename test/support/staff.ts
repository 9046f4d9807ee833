import { env } from "cloudflare:workers";
import type { Role } from "../../src/access/staff.ts";
import { newStaffKey } from "../../src/access/staff-key.ts";
import { newUuid, publicId } from "../../src/lib/ids.ts";
import type { coldIsolate } from "./isolate.ts";

type Isolate = Pick<ReturnType<typeof coldIsolate>, "fetch">;

/** The key of a new staff member with a role, limited to a department if one is named. */
export async function staffKey(role: Role, department: string | null = null): Promise<string> {
  return (await newStaff(role, department)).key;
}

/** A new staff member: the public id, the address, and a key. No reminders, so that no test meets a mail it has not caused. */
export async function newStaff(
  role: Role,
  department: string | null = null,
): Promise<{ id: string; email: string; key: string }> {
  const { key, digest, prefix } = await newStaffKey();
  const id = newUuid();
  const email = `s${crypto.randomUUID().slice(0, 13)}@town.example`;
  await env.DB.batch([
    env.DB.prepare(
      "INSERT INTO staff (id, name, email, role, department_code, reminders, created_at) VALUES (?, 'Sam Steward', ?, ?, ?, 0, 1)",
    ).bind(id, email, role, department),
    env.DB.prepare("INSERT INTO staff_keys (digest, id, staff_id, prefix, created_at) VALUES (?, ?, ?, ?, 1)").bind(
      ...[digest, newUuid(), id, prefix],
    ),
  ]);
  return { id: publicId("stf", id), email, key };
}

/** A request below `/v1/admin` with a staff key, local mode's without one; a body makes it JSON. */
export const asStaff = (
  isolate: Isolate,
  method: string,
  path: string,
  {
    key = "fm_staff_local",
    body,
    headers = {},
  }: { key?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Response> =>
  isolate.fetch(`/v1/admin${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

/** The acts in the audit log about a subject, oldest first. */
export async function actsOn(subject: string): Promise<Record<string, unknown>[]> {
  return (await env.DB.prepare("SELECT * FROM audit WHERE subject = ? ORDER BY id").bind(subject).all()).results;
}
