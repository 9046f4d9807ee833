/** What residents read in mails, in English. */
export const mail = {
  greeting: ({ name }: { name: string }): string => `Hello ${name},`,
  verification: {
    subject: ({ title }: { title: string }): string => `Please confirm your signature: “${title}”`,
    intro: ({ title }: { title: string }): string =>
      `Someone, probably you, signed the petition “${title}” with this e-mail address. One step is missing.`,
    how: "Opening the link is not enough. The signature counts only after you press the button on the page that opens, or type the code.",
    action: "Confirm my signature",
    codeLabel: "Your code:",
    codeHint: "If you prefer, type this code on this page:",
    read: "Read the petition first",
    withdrawText: "Changed your mind, now or later?",
    withdraw: "Withdraw my signature",
    reason:
      "You receive this message because someone, probably you, gave this e-mail address. If it was not you, please ignore this message: nothing counts, and the details given will be deleted.",
  },
  repeat: {
    subject: ({ title }: { title: string }): string => `You have already signed: “${title}”`,
    intro: ({ title }: { title: string }): string =>
      `Someone, probably you, signed the petition “${title}” with this e-mail address again. You have already signed it.`,
    nothingToDo: "You do not need to do anything. Your first signature remains, and each person counts once.",
    action: "Go to the petition",
    withdrawText: "Changed your mind, now or later?",
    withdraw: "Withdraw my signature",
    reason:
      "You receive this message because someone, probably you, gave this e-mail address. If it was not you, please ignore this message: nothing changes, and nothing more is counted.",
  },
  withdrawal: {
    subject: ({ title }: { title: string }): string => `Your signature has been withdrawn: “${title}”`,
    intro: ({ title }: { title: string }): string =>
      `Your signature for the petition “${title}” has been withdrawn. It no longer counts.`,
    deleted: "We have deleted the personal data that belonged to this signature.",
    again: "If you change your mind, you may sign again as long as the petition is open.",
    action: "Go to the petition",
    reason:
      "You receive this message because someone, probably you, used the link for withdrawing that we sent to this e-mail address. If you did not want this, you may sign again.",
  },
  creator: {
    subject: ({ title }: { title: string }): string => `Please confirm your petition: “${title}”`,
    intro: ({ title }: { title: string }): string =>
      `Someone, probably you, submitted the petition “${title}” with this e-mail address. One step is missing.`,
    how: "The petition is not shown to anyone until this address is confirmed. Opening the link is not enough: please press the button on the page that opens, or type the code.",
    next: "After that, your own signature counts and the petition can collect its first supporters.",
    action: "Confirm my petition",
    codeLabel: "Your code:",
    codeHint: "If you prefer, type this code on this page:",
    withdrawText: "Changed your mind, now or later?",
    withdraw: "Withdraw my signature",
    reason:
      "You receive this message because someone, probably you, gave this e-mail address. If it was not you, please ignore this message: nothing is shown, nothing counts, and the details given will be deleted.",
  },
  footer: {
    service: ({ municipality }: { municipality: string }): string => `Petition service: ${municipality}`,
    privacy: "How we handle your data (privacy notice)",
    contact: ({ contact }: { contact: string }): string => `Questions? You can reach us here: ${contact}`,
  },
};
