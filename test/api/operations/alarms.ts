import { env } from "cloudflare:workers";
import { EXAMPLE_PETITION } from "../../../src/http/openapi.ts";
import { EXAMPLE_ALARM } from "../../../src/integrity/alarms.openapi.ts";
import { newUuid, publicId } from "../../../src/lib/ids.ts";
import { coldIsolate } from "../../support/isolate.ts";
import { asStaff } from "../../support/staff.ts";
import { openPetition } from "../../support/town.ts";

export const stages = {
  acknowledgeAlarm: async () => {
    const { no } = await openPetition();
    const id = newUuid();
    await env.DB.prepare(
      `INSERT INTO alarms (id, petition_no, kind, key, raised_at, seen_at, evidence)
       VALUES (?, ?, 'network', '0123456789abcdef', 0, 0, '{"count":140,"expected":7.2,"of":152,"from":0,"to":1}')`,
    )
      .bind(id, no)
      .run();
    return { [EXAMPLE_ALARM]: publicId("alarm", id) };
  },
};

export const problems = {
  listAlarms: { not_found: () => asStaff(coldIsolate(), "GET", `/alerts?petition=${EXAMPLE_PETITION}`) },
};
