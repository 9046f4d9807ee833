import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { recordAct } from "../../src/access/audit.ts";
import { openDatabase } from "../../src/db/database.ts";

const { db } = openDatabase(env.DB);
const entries = async (subject: string) =>
  (await env.DB.prepare("SELECT * FROM audit WHERE subject = ?").bind(subject).all()).results;

test("an act is recorded with who, what, before, after and why, and nothing changes or deletes it", async () => {
  const subject = `pet_${crypto.randomUUID()}`;
  const act = { act: "petition.stop", subject, before: { state: "open" }, after: { state: "stopped" }, at: 7 };
  await db.batch([recordAct(db, { ...act, actor: { id: "local", role: "admin" }, reason: "by law" })]);
  await db.batch([recordAct(db, { actor: "creator", act: "petition.edit", subject, at: 8 })]);
  const [first, second] = await entries(subject);
  expect(first).toMatchObject({
    ...{ actor: "local", role: "admin", act: "petition.stop", reason: "by law", at: 7 },
    ...{ before: '{"state":"open"}', after: '{"state":"stopped"}' },
  });
  expect(second).toMatchObject({ actor: "creator", role: null, before: null, after: null, reason: null });
  const { id } = first as { id: string };
  const replacing = `INTO audit (id, at, actor, act, subject) VALUES ('${id}', 9, 'local', 'x', 'y')`;
  for (const sql of [
    "UPDATE audit SET reason = 'other'",
    "UPDATE OR REPLACE audit SET id = id",
    "DELETE FROM audit",
    `INSERT OR REPLACE ${replacing}`,
    `REPLACE ${replacing}`,
    `INSERT ${replacing} ON CONFLICT (id) DO UPDATE SET actor = 'somebody'`,
  ]) {
    await expect(env.DB.prepare(sql).run()).rejects.toThrow("audit_is_append_only");
  }
  expect(await entries(subject)).toEqual([first, second]);
});
