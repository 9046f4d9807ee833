import type { mail as English } from "../en/integrity.ts";

/** What staff read in mails about the counts, in German. */
export const mail: typeof English = {
  tallyDifference: {
    subject: ({ title }) => `Eine Zählung wurde geprüft und war falsch: „${title}“`,
    repaired: ({ title }) =>
      `Alle Unterschriften der Petition „${title}“ wurden neu gezählt, und zwar zweimal. Die gespeicherten Zahlen stimmten nicht damit überein und wurden berichtigt.`,
    unsettled: ({ title }) =>
      `Alle Unterschriften der Petition „${title}“ wurden mehrmals neu gezählt. Die gespeicherten Zahlen stimmen nicht damit überein, und der Unterschied ändert sich von Zählung zu Zählung. Es wurde nichts geändert.`,
    total: ({ before, after }) => `Bestätigte Unterschriften: bisher ${before}, nach der neuen Zählung ${after}.`,
    others:
      "Die Zahl der bestätigten Unterschriften stimmte; andere Zahlen, etwa nach Gebiet oder nach Tag, stimmten nicht.",
    repairedNext:
      "Das Unterschreiben war nicht unterbrochen, und keine Unterschrift wurde geändert. Falls Sie eine der alten Zahlen veröffentlicht haben, berichtigen Sie sie. Der öffentliche Prüfbericht der Petition nennt den Tag der Berichtigung.",
    unsettledNext:
      "Veröffentlichen Sie keine Zahlen dieser Petition, bis sich der Betreiber des Dienstes das angesehen hat. Morgen wird erneut gezählt.",
    action: "Ansehen, was gefunden wurde",
    reason: "Sie erhalten diese Nachricht, weil Sie Petitionen moderieren.",
  },
};
