/** What residents read in mails, in English. */
export const mail = {
  greeting: ({ name }: { name: string }): string => `Hello ${name},`,
  verification: {
    subject: ({ title }: { title: string }): string => `Please confirm your signature: “${title}”`,
    intro: ({ title }: { title: string }): string =>
      `Someone, probably you, signed the petition “${title}” with this e-mail address. One step is missing.`,
    through: ({ partner, municipality }: { partner: string; municipality: string }): string =>
      `It was signed through ${partner}, which passed it on to ${municipality}. We are the ones who count it.`,
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
  erasure: {
    subject: ({ title }: { title: string }): string => `Your data has been erased: “${title}”`,
    intro: ({ title }: { title: string }): string =>
      `We have erased your data about the petition “${title}”, as you asked.`,
    stays:
      "The petition has ended and its count is final, so your signature still counts, without your name and address. If the petition opens again, you cannot sign it a second time.",
    reason:
      "You receive this message because someone, probably you, used the link to your data that we sent to this e-mail address.",
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
  reminder: {
    subject: ({ municipality }: { municipality: string }): string => `Petitions: what waits for you at ${municipality}`,
    intro: "This is what waits today in the petitions that you see.",
    switches: {
      signing_paused: "signing",
      creation_paused: "new petitions",
      mailings_paused: "mailings to signers",
    },
    sections: {
      switches_on: ({ shown, since }: { shown: string; since: string }): string =>
        `Paused by the municipality: ${shown}. The first since ${since}.`,
      petitions_waiting: ({ shown, since }: { shown: string; since: string }): string =>
        `Petitions waiting for a decision: ${shown}, the longest since ${since}.`,
      answers_overdue: ({ shown, since }: { shown: string; since: string }): string =>
        `Answers and hearings that are overdue: ${shown}, owed the longest since ${since}.`,
      thresholds_unanswered: ({ shown, since }: { shown: string; since: string }): string =>
        `Thresholds that were reached and are waiting for the municipality to act: ${shown}, the longest since ${since}.`,
      alarms: ({ shown, since }: { shown: string; since: string }): string =>
        `Alarms about signatures that nobody has looked at: ${shown}, the oldest from ${since}.`,
      counts_wrong: ({ shown, since }: { shown: string; since: string }): string =>
        `Counts that were found to be wrong in the last seven days: ${shown}, the first on ${since}.`,
      holds_to_review: ({ shown, since }: { shown: string; since: string }): string =>
        `Signatures that are held and waiting for your review: ${shown}, the longest since ${since}.`,
      mailings_in_trouble: ({ shown, since }: { shown: string; since: string }): string =>
        `Mailings to signers that stand still, or that could not reach everybody: ${shown}, the oldest from ${since}.`,
      mail_parked: ({ shown, since }: { shown: string; since: string }): string =>
        `Messages to residents that could not be delivered: ${shown}, the oldest from ${since}.`,
      partner_keys_ending: ({ shown, since }: { shown: string; since: string }): string =>
        `Partners’ keys that end within two weeks and that nothing replaces: ${shown}, to be replaced since ${since}. Without them the partners’ pages can’t send signatures.`,
      webhooks_disabled: ({ shown, since }: { shown: string; since: string }): string =>
        `Partners’ webhooks that were switched off because they no longer work: ${shown}, the first on ${since}.`,
      dead_letters: ({ shown, since }: { shown: string; since: string }): string =>
        `Data that the service could not process: ${shown}, the oldest from ${since}. Please tell the people who operate it.`,
      erasures_failing: ({ shown, since }: { shown: string; since: string }): string =>
        `Petitions whose personal data should have been erased and could not be: ${shown}, the longest since ${since}. Please tell the people who operate the service.`,
    },
    action: "See what waits",
    reason:
      "You receive this message once a day when something waits, because you look after petitions. You can switch it off in your own settings of the petition service, or an admin can do it for you.",
  },
  footer: {
    service: ({ municipality }: { municipality: string }): string => `Petition service: ${municipality}`,
    privacy: "How we handle your data (privacy notice)",
    own: "See, correct or erase your data in this petition",
    contact: ({ contact }: { contact: string }): string => `Questions? You can reach us here: ${contact}`,
  },
};
