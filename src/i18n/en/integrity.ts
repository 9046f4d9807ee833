/** What staff read in mails about the counts, in English. */
export const mail = {
  tallyDifference: {
    subject: ({ title }: { title: string }): string => `A count has been checked and was wrong: “${title}”`,
    repaired: ({ title }: { title: string }): string =>
      `All signatures of the petition “${title}” have been counted anew, twice. The stored numbers did not agree with them and have been put right.`,
    unsettled: ({ title }: { title: string }): string =>
      `All signatures of the petition “${title}” have been counted anew, several times. The stored numbers do not agree with them, and the difference changes from one count to the next. Nothing has been changed.`,
    total: ({ before, after }: { before: string; after: string }): string =>
      `Verified signatures: ${before} until now, ${after} by the new count.`,
    others: "The number of verified signatures was right; other numbers, such as those by area or by day, were not.",
    repairedNext:
      "Signing was not interrupted, and no signature was changed. If you have published one of the old numbers, correct it. The petition’s public integrity report names the day of the repair.",
    unsettledNext:
      "Do not publish numbers of this petition until whoever runs the service has looked at it. It is counted again tomorrow.",
    action: "See what was found",
    reason: "You receive this message because you moderate petitions.",
  },
  alarm: {
    subject: ({ title }: { title: string }): string => `Something is unusual about the signatures of “${title}”`,
    intro: ({ title }: { title: string }): string =>
      `Something is unusual about the signatures of the petition “${title}”. It may be people, it may be a machine: please have a look.`,
    kinds: {
      surge: ({ shown, expected }: { shown: string; expected: string }): string =>
        `Far more signatures than usual within an hour: ${shown}. About ${expected} were to be expected.`,
      night: ({ shown, expected }: { shown: string; expected: string }): string =>
        `Far more signatures than usual in a night: ${shown}. About ${expected} were to be expected.`,
      network: ({ shown, of }: { shown: string; of: string }): string =>
        `Unusually many from one network: ${shown} of ${of} signatures.`,
      domain: ({ shown, of }: { shown: string; of: string }): string =>
        `Unusually many with e-mail addresses at one domain: ${shown} of ${of} signatures.`,
      area: ({ shown, of }: { shown: string; of: string }): string =>
        `Unusually many from one area: ${shown} of ${of} signatures.`,
      channel: ({ shown, of }: { shown: string; of: string }): string =>
        `Unusually many from one channel: ${shown} of ${of} signatures.`,
      unverified: ({ shown, of }: { shown: string; of: string }): string =>
        `Unusually many that nobody confirmed within a day: ${shown} of ${of} signatures. They are not counted.`,
      withdrawals: ({ shown }: { shown: string }): string => `Unusually many people withdrew: ${shown}.`,
    },
    when: ({ from, to }: { from: string; to: string }): string => `Between ${from} and ${to}.`,
    next: "An alarm changes nothing, and the signatures count. The page below has a filter with which you can try what taking them out would change. A school, a newspaper or a newsletter can look like this, too.",
    action: "See the alarm",
    reason: "You receive this message because you moderate petitions.",
  },
};
