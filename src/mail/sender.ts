/** What a mail says, and to whom. */
export interface MailContent {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** One mail, ready to go. */
export interface OutgoingMail extends MailContent {
  /** What a provider that takes tags gives back with every event about the mail. Names nobody. */
  readonly tag: string;
}

/** What became of it. `code` is the provider's, never its message: messages quote addresses. */
export type SendResult =
  | { readonly status: "sent" }
  /** The provider knows the address and will not write to it. */
  | { readonly status: "suppressed" }
  /** The provider says when to come again. */
  | { readonly status: "later"; readonly code: string; readonly seconds: number }
  | { readonly status: "transient"; readonly code: string }
  | { readonly status: "permanent"; readonly code: string };

/** Hands mails over for delivery. Never throws: a failure is a result. */
export interface MailSender {
  /** Mails in one call, at most. */
  readonly batch: number;
  /** Whether the provider sends nothing twice when a call is made again under its key. */
  readonly repeatable: boolean;
  /** Results go in step with the mails. `key`: names the call, the same one each time the same mails are sent. */
  send(mails: readonly OutgoingMail[], key: string): Promise<SendResult[]>;
}

/** A sender of single mails as one of several: they go side by side, and nothing knows a mail that comes again. */
export const oneByOne = (batch: number, sendOne: (mail: OutgoingMail) => Promise<SendResult>): MailSender => ({
  batch,
  repeatable: false,
  send: (mails) => Promise.all(mails.map(sendOne)),
});
