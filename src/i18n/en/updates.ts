type Titled = { title: string };
type Shown = Titled & { shown: string };

/** What those who signed and asked for news read, in English. */
export const updates = {
  reason: "You receive this message because you signed this petition and asked for news about it.",
  action: "Go to the petition",
  stopText: "No more news?",
  stop: "Unsubscribe",
  threshold: {
    subject: ({ title }: Titled): string => `This petition has reached its goal: “${title}”`,
    response: ({ title, shown }: Shown): string =>
      `The petition “${title}” that you signed has reached ${shown} signatures. The municipality will give an answer to it.`,
    hearing: ({ title, shown }: Shown): string =>
      `The petition “${title}” that you signed has reached ${shown} signatures. The municipality will hold a hearing about it.`,
  },
  response: {
    subject: ({ title }: Titled): string => `The municipality has answered: “${title}”`,
    intro: ({ title }: Titled): string =>
      `The municipality has answered the petition “${title}” that you signed. In short:`,
  },
  end: {
    subject: ({ title }: Titled): string => `This petition has ended: “${title}”`,
    intro: ({ title, shown }: Shown): string =>
      `The petition “${title}” that you signed has ended. The final number of signatures is ${shown}.`,
    next: "If the municipality answers it, we will write to you again.",
  },
};

/** What they read on the page behind the link that unsubscribes, in English. */
export const unsubscribePages = {
  unsubscribe: {
    title: "Unsubscribe",
    nothingYet: "Nothing has happened yet. Please choose what you no longer want. Your signature stays as it is.",
    petition: "No more news about this petition",
    all: ({ municipality }: { municipality: string }): string => `No more news about any petition (${municipality})`,
  },
  unsubscribed: {
    title: "You have unsubscribed",
    petition: "We no longer send you news about this petition. Your signature still counts.",
    all: "We no longer send you news about petitions, unless you ask for it when you sign another one. Your signatures still count.",
  },
};
