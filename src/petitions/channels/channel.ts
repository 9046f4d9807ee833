/** Where signers come from: a poster, a newsletter, a stall. */
export interface Channel {
  readonly code: string;
  readonly label: string;
  /** Who answers for it; null for those of old. */
  readonly owner: string | null;
  /** Since when it takes no more signatures. Milliseconds since 1970. */
  readonly retiredAt: number | null;
  /** The code of the partner whose it is. */
  readonly partner?: string | null;
}

/** Where signatures of unknown channels are counted, so that a made-up code can't mark a person. */
const OTHER_CHANNEL = "other";

/** A petition's own channels, from the JSON of their row. */
export function ownChannels(json: string | null): Channel[] {
  const found = JSON.parse(json ?? "{}") as Record<string, { label: string; owner: string; retired_at: number | null }>;
  return Object.entries(found).map(([code, { label, owner, retired_at }]) => ({
    code,
    label,
    owner,
    retiredAt: retired_at,
  }));
}

/** Whether a channel took signatures at a moment. */
const isInUse = ({ retiredAt }: Channel, at: number): boolean => retiredAt === null || at < retiredAt;

/**
 * The channel under which a partner's submission is counted: the given one when it is the partner's and was in use, else
 * the one that has the partner's code. So what a partner sent is always its own.
 */
export function channelOfPartner(
  partner: string,
  code: string | undefined,
  { shared, at }: { shared: readonly Channel[]; at: number },
): string {
  const own = shared.find((channel) => channel.code === code && channel.partner === partner);
  return own && isInUse(own, at) ? own.code : partner;
}

/**
 * The channel under which a submission is counted: the given code when it is one of the petition's own or of every
 * petition's and was in use when it was accepted, else `other`; null when none was given.
 */
export function channelOf(
  code: string | undefined,
  known: { shared: readonly Channel[]; own: string | null; at: number },
): string | null {
  if (code === undefined) return null;
  const found = [...known.shared, ...ownChannels(known.own)].find((channel) => channel.code === code);
  return found && isInUse(found, known.at) ? code : OTHER_CHANNEL;
}
