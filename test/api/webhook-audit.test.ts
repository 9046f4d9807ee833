import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { coldIsolate } from "../support/isolate.ts";
import { newPartner } from "../support/partners.ts";
import { asStaff } from "../support/staff.ts";
import { foundTown } from "../support/town.ts";
import { webhookStage } from "../support/webhooks.ts";

const staffs = coldIsolate();

beforeAll(foundTown);

interface Entry {
  readonly actor: string;
  readonly act: string;
  readonly before: Record<string, unknown> | null;
  readonly after: Record<string, unknown> | null;
}

/** What staff read of a partner's webhooks, the oldest first, as JSON too. */
async function history(partner: { id: string }): Promise<{ entries: Entry[]; text: string }> {
  const answer = await asStaff(staffs, "GET", `/audit?subject=${partner.id}`);
  const text = await answer.text();
  const { data } = JSON.parse(text) as { data: Entry[] };
  return { entries: data.filter(({ act }) => act.startsWith("webhook.")).reverse(), text };
}

describe("what a partner does to its webhooks", () => {
  test("staff read in the audit log, with the key that did it, and neither secrets nor paths", async () => {
    const partner = await newPartner();
    const url = "https://hooks.union.example/a-hidden-path?token=a-hidden-token";
    const { webhook, askIt, row } = await webhookStage({ url }, { partner });
    const moved = { url: `${url}2`, events: ["petition.opened"] };
    expect((await askIt("PUT", "", moved)).status).toBe(200);
    const rotated = (await (await askIt("POST", "/rotate-secret", {})).json()) as { secret: string };
    expect((await askIt("POST", "/replay", { from_sequence: 1 })).status).toBe(202);
    expect((await askIt("POST", "/enable", {})).status).toBe(200);
    expect((await row()).deleted_at).toBeNull();
    expect((await askIt("DELETE")).status).toBe(200);
    const { entries, text } = await history(partner);
    const keys = (await (await asStaff(staffs, "GET", `/partners/${partner.id}/keys`)).json()) as {
      data: { id: string }[];
    };
    expect(entries.map(({ act, actor }) => [act, actor])).toEqual(
      ["create", "change", "rotate_secret", "replay", "enable", "delete"].map((act) => [
        `webhook.${act}`,
        keys.data[0]?.id,
      ]),
    );
    expect(entries.every(({ after }) => after?.webhook === webhook.id)).toBe(true);
    expect(entries[1]).toMatchObject({
      before: { host: "hooks.union.example", events: ["petition.closed"] },
      after: { host: "hooks.union.example", events: ["petition.opened"], url: "changed" },
    });
    for (const hidden of ["a-hidden", webhook.secret, rotated.secret]) expect(text).not.toContain(hidden);
  });

  test("leaves no entry when it was refused or is another partner's", async () => {
    const stage = await webhookStage();
    const other = await webhookStage({}, { partner: await newPartner() });
    expect((await other.ask("DELETE", `/${stage.webhook.id}`)).status).toBe(404);
    expect(
      (await stage.askIt("PUT", "", { url: "ftp://hooks.union.example/", events: ["petition.closed"] })).status,
    ).toBe(400);
    expect((await history(stage.partner)).entries.map(({ act }) => act)).toEqual(["webhook.create"]);
    expect((await history(other.partner)).entries.map(({ act }) => act)).toEqual(["webhook.create"]);
  });

  test("leaves no entry when the database does not take it: both are one transaction", async () => {
    const stage = await webhookStage();
    const more = { url: "https://hooks.union.example/", events: ["petition.closed"] };
    const statuses: number[] = [];
    for (let n = 0; n < 30 && statuses.at(-1) !== 409; n++) statuses.push((await stage.ask("POST", "", more)).status);
    expect(statuses.at(-1)).toBe(409);
    const { n } = (await env.DB.prepare("SELECT count(*) AS n FROM webhook_endpoints WHERE partner = ?")
      .bind(stage.partner.code)
      .first()) as { n: number };
    expect((await history(stage.partner)).entries).toHaveLength(n);
  });
});
