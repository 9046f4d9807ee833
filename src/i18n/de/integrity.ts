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
  alarm: {
    subject: ({ title }) => `Etwas ist ungewöhnlich an den Unterschriften für „${title}“`,
    intro: ({ title }) =>
      `Etwas ist ungewöhnlich an den Unterschriften für die Petition „${title}“. Es können Menschen sein oder eine Maschine: Bitte sehen Sie es sich an.`,
    kinds: {
      surge: ({ shown, expected }) =>
        `Weit mehr Unterschriften als üblich innerhalb einer Stunde: ${shown}. Zu erwarten waren etwa ${expected}.`,
      night: ({ shown, expected }) =>
        `Weit mehr Unterschriften als üblich in einer Nacht: ${shown}. Zu erwarten waren etwa ${expected}.`,
      network: ({ shown, of }) => `Ungewöhnlich viele aus einem Netz: ${shown} von ${of} Unterschriften.`,
      domain: ({ shown, of }) =>
        `Ungewöhnlich viele mit E-Mail-Adressen derselben Domain: ${shown} von ${of} Unterschriften.`,
      area: ({ shown, of }) => `Ungewöhnlich viele aus einem Gebiet: ${shown} von ${of} Unterschriften.`,
      channel: ({ shown, of }) => `Ungewöhnlich viele über einen Kanal: ${shown} von ${of} Unterschriften.`,
      unverified: ({ shown, of }) =>
        `Ungewöhnlich viele, die niemand innerhalb eines Tages bestätigt hat: ${shown} von ${of} Unterschriften. Sie werden nicht gezählt.`,
      withdrawals: ({ shown }) => `Ungewöhnlich viele haben ihre Unterschrift zurückgezogen: ${shown}.`,
    },
    when: ({ from, to }) => `Zwischen ${from} und ${to}.`,
    next: "Ein Alarm ändert nichts, und die Unterschriften zählen. Auf der Seite unten steht ein Filter, mit dem Sie ausprobieren können, was sich änderte, wenn sie herausgenommen würden. Auch eine Schule, eine Zeitung oder ein Newsletter kann so aussehen.",
    action: "Den Alarm ansehen",
    reason: "Sie erhalten diese Nachricht, weil Sie Petitionen moderieren.",
  },
};
