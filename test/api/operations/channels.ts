import { env } from "cloudflare:workers";
import { coldIsolate } from "../../support/isolate.ts";
import { asStaff } from "../../support/staff.ts";
import { openPetition } from "../../support/town.ts";

const isolate = coldIsolate();
const body = { label: "Stall", owner: "Library" };
const put = (path: string) => asStaff(isolate, "PUT", path, { body });

export const problems = {
  putChannel: {
    channels_full: async () => {
      const fill = Array.from({ length: 50 }, (_, n) => `('fill-${n}', 'x')`);
      await env.DB.prepare(`INSERT OR IGNORE INTO channels (code, label) VALUES ${fill}`)
        .run()
        .catch(() => undefined);
      await Promise.all(fill.map((_, n) => put(`/channels/fill-${n}`)));
      const answer = await put("/channels/one-more");
      await env.DB.prepare("DELETE FROM channels WHERE code LIKE 'fill-%'").run();
      return answer;
    },
  },
  putPetitionChannel: {
    channel_taken: async () => put(`/petitions/${(await openPetition()).id}/channels/poster`),
    channels_full: async () => {
      const { id, no } = await openPetition();
      const full = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`c${n}`, { label: "x", owner: "x" }]));
      await env.DB.prepare("INSERT INTO petition_channels VALUES (?, ?)").bind(no, JSON.stringify(full)).run();
      return put(`/petitions/${id}/channels/one-more`);
    },
  },
};
