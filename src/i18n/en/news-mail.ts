type Titled = { title: string };
type Overdue = Titled & { shown: string; reached: string; due: string };
type Counted = { count: number; shown: string };

/** What creators and staff read about a petition's way, in English. */
export const newsMail = {
  news: {
    reason: "You receive this message because you submitted this petition.",
    ownPage: "Your petition’s page, only for you:",
    ownPageLabel: "See or change my petition",
    toPetition: "Go to the petition",
    gathering: {
      subject: ({ title }: Titled): string => `Your petition needs supporters: “${title}”`,
      intro: ({ title }: Titled): string => `Your petition “${title}” is confirmed. It is not public yet.`,
      needed: ({ count, shown }: Counted): string =>
        count === 1
          ? "One more person has to support it before we look at it. Please send them the link below."
          : `${shown} more people have to support it before we look at it. Please send them the link below.`,
      share: "The link for your supporters",
    },
    first_supporter: {
      subject: ({ title }: Titled): string => `Your first supporter: “${title}”`,
      intro: ({ title }: Titled): string => `The first supporter of your petition “${title}” has confirmed.`,
      needed: ({ count, shown }: Counted): string =>
        count === 1
          ? "One supporter in all is needed before we look at it."
          : `${shown} supporters in all are needed before we look at it.`,
      share: "The link for your supporters",
    },
    moderation: {
      subject: ({ title }: Titled): string => `We are looking at your petition: “${title}”`,
      intro: ({ title }: Titled): string => `Your petition “${title}” has come to us.`,
      next: "We read every petition before it opens, and write to you as soon as we have decided.",
    },
    changes_requested: {
      subject: ({ title }: Titled): string => `Please change your petition: “${title}”`,
      intro: ({ title }: Titled): string => `Before your petition “${title}” can open, we ask you to change something:`,
      next: "Please change the text and submit it again on your petition’s page. Your supporters stay with it.",
      action: "Change my petition",
    },
    scheduled: {
      subject: ({ title }: Titled): string => `Your petition is accepted: “${title}”`,
      intro: ({ title, day }: Titled & { day: string }): string =>
        `We have accepted your petition “${title}”. It opens for signatures on ${day}.`,
      next: "Until then it is not public.",
    },
    opened: {
      subject: ({ title }: Titled): string => `Your petition is open: “${title}”`,
      intro: ({ title, day }: Titled & { day: string }): string =>
        `Your petition “${title}” is open for signatures. The last day is ${day}.`,
      stop: "If you no longer want it, you can end it early on your petition’s page.",
    },
    reopened: {
      subject: ({ title }: Titled): string => `Your petition is open again: “${title}”`,
      intro: ({ title, day }: Titled & { day: string }): string =>
        `Your petition “${title}” can be signed again. The last day is ${day}.`,
    },
    rejected: {
      subject: ({ title }: Titled): string => `We cannot accept your petition: “${title}”`,
      intro: ({ title }: Titled): string => `We have read your petition “${title}” and cannot accept it.`,
      shown: "The petition is shown together with this reason, and cannot be signed.",
    },
    hidden: {
      subject: ({ title }: Titled): string => `We cannot show your petition: “${title}”`,
      intro: ({ title }: Titled): string => `We have read your petition “${title}” and cannot show it.`,
      notShown: "Nobody but our staff can see it, and it cannot be signed.",
    },
    stopped: {
      subject: ({ title }: Titled): string => `Your petition has ended early: “${title}”`,
      intro: ({ title }: Titled): string => `We have ended your petition “${title}” early.`,
      next: "Everyone who signed before then has another 24 hours to confirm. After that the number is final.",
    },
    threshold: {
      subject: ({ title }: Titled): string => `Your petition has reached its goal: “${title}”`,
      response: ({ title, shown }: Titled & Counted): string =>
        `Your petition “${title}” has reached ${shown} signatures. The municipality will give an answer to it.`,
      hearing: ({ title, shown }: Titled & Counted): string =>
        `Your petition “${title}” has reached ${shown} signatures. The municipality will hold a hearing about it.`,
    },
  },
  staffOverdue: {
    subject: ({ title }: Titled): string => `Overdue: “${title}”`,
    response: ({ title, shown, reached, due }: Overdue): string =>
      `The petition “${title}” reached ${shown} signatures on ${reached}. The municipality’s answer was due on ${due} and is missing.`,
    hearing: ({ title, shown, reached, due }: Overdue): string =>
      `The petition “${title}” reached ${shown} signatures on ${reached}. The hearing was due on ${due} and is missing.`,
    weekly: "This message comes once a week until that is done.",
  },
  staffThreshold: {
    subject: ({ title }: Titled): string => `Threshold reached: “${title}”`,
    response: ({ title, shown }: Titled & Counted): string =>
      `The petition “${title}” has reached ${shown} signatures. The municipality now owes it an answer.`,
    hearing: ({ title, shown }: Titled & Counted): string =>
      `The petition “${title}” has reached ${shown} signatures. The municipality now owes it a hearing.`,
    number: ({ id }: { id: string }): string => `Its number in the service is ${id}.`,
    reason: "You receive this message because you look after petitions for the municipality.",
  },
};
