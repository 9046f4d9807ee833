import { mailTroubles } from "../db/schema.ts";

/** What can happen to a mail instead of arriving. */
export type Trouble = (typeof mailTroubles)[number];

/** What a provider can say of a mail, as it is counted. */
export const deliveryKinds = ["delivered", ...mailTroubles] as const;
export type DeliveryKind = (typeof deliveryKinds)[number];

/** What a provider says of a mail, for whoever counts it once however often it comes. */
export interface DeliveryNews {
  readonly id: string;
  readonly kind: DeliveryKind;
  /** As in `MailTrouble`. */
  readonly item: string | null;
  readonly address: string | null;
  readonly at: number;
  /** The ten seconds in which it is noted as seen; milliseconds since 1970. */
  readonly moment: number;
}

/** Trouble with a mail, for whoever keeps what the mail was about. */
export interface MailTrouble {
  /** What the mail was about; null when the provider names only the address. */
  readonly item: string | null;
  /** The canonical address, when there is no item. Held in memory only. */
  readonly address: string | null;
  readonly trouble: Trouble;
  /** Milliseconds since 1970, by the provider. */
  readonly at: number;
}
