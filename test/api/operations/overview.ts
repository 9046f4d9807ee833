import { env } from "cloudflare:workers";
import { newUuid, publicId } from "../../../src/lib/ids.ts";
import { coldIsolate } from "../../support/isolate.ts";
import { asStaff, staffKey } from "../../support/staff.ts";

const isolate = coldIsolate();

export const stages = {
  retryParkedMail: async () => {
    const id = newUuid();
    await env.DB.prepare(
      `INSERT INTO outbox (id, kind, state, items, remaining, due_at, created_at, error)
      VALUES (?, 'creator_news', 'parked', '["ffffffff:opened"]', '["ffffffff:opened"]', 1, 1, 'E_RECIPIENT_NOT_ALLOWED')`,
    )
      .bind(id)
      .run();
    return { "job_01936d9e-8c4b-7f00-9a51-00005afe0004": publicId("job", id) };
  },
};

export const problems = {
  listAudit: { not_found: async () => asStaff(isolate, "GET", "/audit", { key: await staffKey("viewer") }) },
  exportAudit: {
    not_found: async () => asStaff(isolate, "GET", "/audit/export", { key: await staffKey("moderator") }),
  },
};
