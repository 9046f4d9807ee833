import { type Context, Hono } from "hono";
import type { Role, Staff } from "../../access/staff.ts";
import { timeOrNull } from "../../http/answer-fields.ts";
import { frameOf, messagePage, type PageDeps } from "../../http/answer-page.tsx";
import { Problem } from "../../http/problems.ts";
import { type StaffRequestDeps, staffAndPetition } from "../../http/staff-request.ts";
import { parseJsonBody, parseQuery } from "../../http/validation.ts";
import { catalogueFor } from "../../i18n/catalogue.ts";
import { petitionNo, publicId } from "../../lib/ids.ts";
import { isPublicState } from "../petition.ts";
import type { PetitionDirectory } from "../petition-directory.ts";
import { type Channel, channelOf } from "./channel.ts";
import { CHANNEL_CODE, ChannelBody, QrQuery, SharedChannelBody } from "./channels.schema.ts";
import { channelsOf, type PutChannelDeps, putChannel } from "./put-channel.ts";
import { qrPng, qrSvg } from "./qr-code.ts";

export interface ChannelRouteDeps extends PutChannelDeps, StaffRequestDeps<Staff, Role>, PageDeps {
  readonly petitions: PetitionDirectory;
  readonly publicUrl: string;
  /** The channels of every petition, as the isolate knows them. */
  readonly channels: () => Promise<readonly Channel[]>;
  /** The page on which residents read a petition with this public id. */
  readonly petitionUrl: (id: string) => string;
}

/** Registering channels, their QR codes, and the short links that they carry. */
export const channelRoutes = (depsOf: (c: Context) => ChannelRouteDeps) =>
  new Hono()
    .get("/v1/admin/channels", async (c) => {
      const deps = depsOf(c);
      await deps.requireStaff(c.req.raw.headers, "viewer");
      return c.json({ data: (await deps.channels()).map(channelAnswer), next_cursor: null });
    })
    .put("/v1/admin/channels/:code", async (c) => {
      const deps = depsOf(c);
      const staff = await deps.requireStaff(c.req.raw.headers, "moderator");
      const code = codeIn(c);
      // Every petition's channel is no single department's.
      if (staff.department !== null) throw new Problem("not_found");
      const { partner, ...input } = await parseJsonBody(c, SharedChannelBody);
      return c.json(channelAnswer(await putChannel(deps, staff, { code, partner, input })));
    })
    .get("/v1/admin/petitions/:id/channels", async (c) => {
      const deps = depsOf(c);
      const { id } = await staffAndPetition(c, deps, "viewer");
      const { own, shared } = await channelsOf(deps.db, id);
      const answer = (scope: "petition" | "all") => (channel: Channel) =>
        petitionChannelAnswer(deps, { id, scope, channel });
      return c.json({ data: [...own.map(answer("petition")), ...shared.map(answer("all"))], next_cursor: null });
    })
    .put("/v1/admin/petitions/:id/channels/:code", async (c) => {
      const deps = depsOf(c);
      const { staff, id } = await staffAndPetition(c, deps, "moderator");
      const code = codeIn(c);
      const input = await parseJsonBody(c, ChannelBody);
      const channel = await putChannel(deps, staff, { code, petitionId: id, input });
      return c.json(petitionChannelAnswer(deps, { id, scope: "petition", channel }));
    })
    .get("/v1/admin/petitions/:id/channels/:code/qr", async (c) => {
      const deps = depsOf(c);
      const { id } = await staffAndPetition(c, deps, "viewer");
      const code = codeIn(c);
      const { format, scale } = parseQuery(c, QrQuery);
      const { own, shared } = await channelsOf(deps.db, id);
      if (![...own, ...shared].some((channel) => channel.code === code)) throw new Problem("not_found");
      const link = shortLink(deps.publicUrl, id, code);
      const file = `inline; filename="${code}.${format}"`;
      if (format === "svg")
        return c.body(qrSvg(link), 200, { "Content-Type": "image/svg+xml", "Content-Disposition": file });
      return c.body(await qrPng(link, scale), 200, { "Content-Type": "image/png", "Content-Disposition": file });
    })
    .get("/p/:no/:code", async (c) => {
      const deps = depsOf(c);
      const no = /^[0-9a-z]{1,7}$/.test(c.req.param("no")) ? Number.parseInt(c.req.param("no"), 36) : -1;
      const facts = no >= 0 && no < 2 ** 32 ? await deps.petitions.facts(deps.db, no) : undefined;
      if (!facts || !isPublicState(facts.state)) {
        const frame = frameOf(c, deps);
        // What somebody reads who scanned the poster of a petition that is not shown.
        return c.html(messagePage({ ...frame, ...catalogueFor(frame.locale).pages.missing }), 404);
      }
      const url = new URL(deps.petitionUrl(publicId("pet", facts.id)));
      const code = c.req.param("code");
      const known = { shared: await deps.channels(), own: facts.channels, at: deps.clock() };
      if (channelOf(code, known) === code) url.searchParams.set("channel", code);
      return c.redirect(url.href, 302);
    });

function codeIn(c: Context): string {
  const code = c.req.param("code") ?? "";
  if (!CHANNEL_CODE.test(code)) throw new Problem("not_found");
  return code;
}

/** The address that print and QR codes carry: short, and it holds no more than petition and channel. */
const shortLink = (publicUrl: string, id: string, code: string): string =>
  `${publicUrl}/p/${petitionNo(id).toString(36)}/${code}`;

const channelAnswer = ({ code, label, owner, retiredAt, partner }: Channel) => ({
  code,
  label,
  owner,
  retired_at: timeOrNull(retiredAt),
  partner: partner ?? null,
});

const petitionChannelAnswer = (
  { publicUrl }: ChannelRouteDeps,
  { id, scope, channel }: { id: string; scope: "petition" | "all"; channel: Channel },
) => ({ ...channelAnswer(channel), scope, link: shortLink(publicUrl, id, channel.code) });
