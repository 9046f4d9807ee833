/** One mail, ready to go. */
export interface OutgoingMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What became of it. `code` is the provider's, never its message: messages quote addresses. */
export type SendResult =
  | { readonly status: "sent" }
  | { readonly status: "transient"; readonly code: string }
  | { readonly status: "permanent"; readonly code: string };

/** Hands a mail over for delivery. Never throws: a failure is a result. */
export interface MailSender {
  send(mail: OutgoingMail): Promise<SendResult>;
}
