/** An area of the municipality's list. */
export interface AreaLabel {
  readonly name: string;
  readonly population?: number;
  /** Since when it is not in the list any more. Milliseconds since 1970. */
  readonly retired?: number;
}

/** A channel of every petition, or one of a petition's own. */
export interface ChannelLabel {
  readonly label: string;
  readonly owner?: string;
  readonly partner?: string;
}

/** What codes stand for. */
export interface Labels {
  readonly areas: ReadonlyMap<string, AreaLabel>;
  readonly channels: ReadonlyMap<string, ChannelLabel>;
}

/** What the codes of a petition's counts stand for, from the JSON of their rows. */
export function readLabels(row: { areas: string; shared: string; own: string | null } | undefined): Labels {
  const entries = <Value>(json: string | null | undefined) =>
    Object.entries(JSON.parse(json ?? "{}") as Record<string, Value>);
  return {
    areas: new Map(entries<AreaLabel>(row?.areas)),
    channels: new Map([...entries<ChannelLabel>(row?.shared), ...entries<ChannelLabel>(row?.own)]),
  };
}
