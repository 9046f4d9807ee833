/** Mails to partner organisations, in English. */
export const partnerMail = {
  webhookDisabled: {
    subject: ({ host }: { host: string }): string => `Your webhook is switched off: ${host}`,
    failing: ({ host, since }: { host: string; since: string }): string =>
      `Messages to your webhook at ${host} failed for a whole day, the last time on ${since}. Nothing more is sent to it.`,
    gone: ({ host, since }: { host: string; since: string }): string =>
      `Your webhook at ${host} answered on ${since} that it is gone (410). Nothing more is sent to it.`,
    next: ({ path }: { path: string }): string =>
      `What happens from now on is kept for 30 days. When the webhook works again, enable it with POST ${path}, and it gets all that it has missed. If you no longer need it, please delete it.`,
    reason: "You receive this message because this address is the contact of a partner of the petition service.",
  },
};
