import { recordAct } from "../../access/audit.ts";
import type { Staff } from "../../access/staff.ts";
import { type Database, DatabaseFailure, type Statement } from "../../db/database.ts";
import { Problem } from "../../http/problems.ts";
import { flawed } from "../../http/validation.ts";
import { petitionNo, publicId } from "../../lib/ids.ts";
import { type Channel, ownChannels } from "./channel.ts";
import { ownChannelsOf, partnerByCode, putOwnChannel, putSharedChannel, sharedChannels } from "./channels.store.ts";

// The one that it has from the beginning among them: enough for its sites and leaflets, too few to mark people.
const MOST_OF_PARTNER = 10;

export interface PutChannelDeps {
  readonly db: Database;
  readonly clock: () => number;
}

/** What staff say of a channel. */
export interface ChannelInput {
  readonly label: string;
  readonly owner: string;
  readonly retired: boolean;
}

/** A petition's channels: its own, and those of every petition. */
export async function channelsOf(db: Database, petitionId: string): Promise<{ own: Channel[]; shared: Channel[] }> {
  const [[row], shared] = await db.batch([ownChannelsOf(db, petitionNo(petitionId)), sharedChannels(db)]);
  return { own: ownChannels(row?.channels ?? null), shared };
}

/**
 * Registers a channel, or changes the one that has its code, with its entry in the audit log. Repeating it changes
 * nothing more. Raises `channel_taken` when the code is one of every petition's and it is to be one petition's own, and
 * `channels_full` when there are as many as may be.
 * @param to.partner the code of the partner whose it is to be
 * @param to.petitionId the UUID of the one petition that it is for; without it the channel is for every petition
 */
export async function putChannel(
  { db, clock }: PutChannelDeps,
  staff: Staff,
  to: { code: string; petitionId?: string | undefined; partner?: string | undefined; input: ChannelInput },
): Promise<Channel> {
  const { code, petitionId, partner, input } = to;
  const now = clock();
  const { own, shared } =
    petitionId === undefined
      ? { own: [], shared: (await db.batch([sharedChannels(db)]))[0] }
      : await channelsOf(db, petitionId);
  const isCode = (channel: Channel) => channel.code === code;
  if (petitionId !== undefined && shared.some(isCode)) throw new Problem("channel_taken");
  const before = (petitionId === undefined ? shared : own).find(isCode);
  if (partner !== undefined && partner !== before?.partner) await requireRoom(db, { partner, before, shared });
  const retiredAt = input.retired ? (before?.retiredAt ?? now) : null;
  const owned = before ? (before.partner ?? null) : (partner ?? null);
  const after = { code, label: input.label, owner: input.owner, retiredAt, partner: owned };
  const change: Statement =
    petitionId === undefined
      ? putSharedChannel(db, after)
      : putOwnChannel(db, petitionNo(petitionId), {
          ...{ code, label: input.label, owner: input.owner },
          retired_at: retiredAt,
        });
  const entry = recordAct(db, {
    actor: staff,
    act: "channel.put",
    subject: petitionId === undefined ? `channel:${code}` : publicId("pet", petitionId),
    before: before && inAudit(before),
    after: inAudit(after),
    at: now,
  });
  await db.batch([entry, change]).catch((error: unknown) => {
    if (error instanceof DatabaseFailure && error.refused) throw new Problem("channels_full");
    throw error;
  });
  return after;
}

/**
 * Whether a new channel may be a partner's. Raises `invalid_request` when there is no such partner, or when the channel is
 * there already: what it has counted would become somebody else's. Raises `channels_full`.
 */
async function requireRoom(
  db: Database,
  { partner, before, shared }: { partner: string; before: Channel | undefined; shared: readonly Channel[] },
): Promise<void> {
  if (before) throw flawed("/partner", "fixed");
  const [[found]] = await db.batch([partnerByCode(db, partner)]);
  if (!found) throw flawed("/partner", "unknown_value");
  if (shared.filter((channel) => channel.partner === partner).length >= MOST_OF_PARTNER) {
    throw new Problem("channels_full");
  }
}

const inAudit = ({ code, label, owner, retiredAt, partner }: Channel) => ({
  ...{ code, label, owner, retired: retiredAt !== null },
  ...(partner && { partner }),
});
