import { env } from "cloudflare:workers";
import { partnerScopes } from "../../../src/db/partner-schema.ts";
import { newKey, newPartner } from "../partners.ts";
import { newStaff, staffKey } from "../staff.ts";
import type { Described } from "./plans.ts";
import { MARKER } from "./values.ts";

/** What says who asks. */
export type Credentials = Readonly<Record<string, string>>;

const bearer = (key: string): Credentials => ({ Authorization: `Bearer ${key}` });

const NONSENSE: readonly Credentials[] = [
  {},
  bearer(""),
  bearer(MARKER),
  bearer("fm_staff_"),
  bearer(`fm_partner_${MARKER}`),
  bearer("x".repeat(5_000)),
  { Authorization: "Basic YTpi" },
  { Authorization: `Bearer ${"fm_partner_0123456789abcdefghijklmnopqrstuvExampl"} ${MARKER}` },
  { "Cf-Access-Jwt-Assertion": `a.b.${MARKER}` },
];

/** A set of keys of every kind; made anew from time to time, because requests revoke what they can. */
export async function newKeys(): Promise<{ wanted: (of: Described) => Credentials; all: readonly Credentials[] }> {
  const [viewer, moderator, admin, worker] = await Promise.all([
    ...[staffKey("viewer"), staffKey("moderator"), staffKey("admin"), staffKey("moderator", "works")],
  ]);
  const gone = await newStaff("admin");
  const expired = await newStaff("admin");
  await env.DB.batch([
    env.DB.prepare("UPDATE staff SET revoked_at = 2 WHERE email = ?").bind(gone.email),
    env.DB.prepare(
      "UPDATE staff_keys SET expires_at = 2 WHERE id IN (SELECT k.id FROM staff_keys AS k JOIN staff AS s ON s.id = k.staff_id WHERE s.email = ?)",
    ).bind(expired.email),
  ]);
  const partner = await newPartner();
  const whole = await newKey(partner);
  const single = [];
  for (const scope of partnerScopes) single.push((await newKey(partner, { scopes: [scope] })).key);
  const origins = ["https://a.example"];
  const browser = await newKey(partner, { scopes: ["signatures:write"], origins });
  const old = await newKey(partner);
  await env.DB.prepare("UPDATE partner_keys SET expires_at = 2 WHERE id = ?").bind(old.id.slice(4)).run();
  const staffs = { viewer, moderator, admin } as Record<string, string>;
  return {
    wanted: ({ object }) => {
      if (object["x-role"]) return bearer(staffs[object["x-role"]] ?? "");
      return object["x-scope"] === undefined ? {} : bearer(whole.key);
    },
    all: [
      ...NONSENSE,
      ...[viewer, moderator, admin, worker, gone.key, expired.key, "fm_staff_local"].map((key) => bearer(key ?? "")),
      ...[whole.key, ...single, old.key].map(bearer),
      ...["https://a.example", "https://b.example", "null"].map((Origin) => ({ ...bearer(browser.key), Origin })),
      { ...bearer(whole.key), Origin: "https://a.example" },
      bearer(browser.key),
    ],
  };
}
