/** What first supporters, and creators about their own page, read in mails, in English. */
export const supporterMail = {
  supporter: {
    subject: ({ title }: { title: string }): string => `Please confirm your support: “${title}”`,
    intro: ({ title }: { title: string }): string =>
      `Someone, probably you, signed the petition “${title}” with this e-mail address as one of its first supporters. One step is missing.`,
    how: "Opening the link is not enough. Your support counts only after you press the button on the page that opens, or type the code.",
    next: "The petition is not public yet. The municipality looks at it as soon as enough supporters have confirmed.",
    action: "Confirm my support",
    reason:
      "You receive this message because someone, probably you, gave this e-mail address. If it was not you, please ignore this message: nothing counts, and the details given will be deleted.",
  },
  verificationReminder: {
    subject: ({ title }: { title: string }): string => `Still to be confirmed: “${title}”`,
    intro: ({ title }: { title: string }): string =>
      `Someone, probably you, signed the petition “${title}” with this e-mail address. The signature does not count yet, because it has not been confirmed.`,
    only: "This is the only reminder. If you do nothing, the signature does not count, and the details given will be deleted.",
  },
  creatorAtOnce: "After that, your own signature counts and the municipality looks at the petition.",
  ownPage: "Read and change your petition, now and later",
};
