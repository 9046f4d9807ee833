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
};
