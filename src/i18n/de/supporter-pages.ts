import type { supporterPages as English } from "../en/supporter-pages.ts";

/** The German texts of the page behind a petition's supporter link. */
export const supporterPages: typeof English = {
  supporter: {
    invitation:
      "Sie sind eingeladen, diese Petition als eine der ersten Personen zu unterstützen. Die Gemeinde befasst sich mit ihr, sobald genügend Unterstützende bestätigt haben. Bis dahin können nur Menschen mit diesem Link sie sehen.",
    waiting:
      "Die Gemeinde befasst sich mit dieser Petition und entscheidet, ob sie startet. Bis dahin können Sie sie noch als eine der ersten Personen unterstützen. Nur Menschen mit diesem Link können sie sehen.",
    open: "Diese Petition läuft: Alle dürfen sie unterschreiben.",
    details: "Weitere Einzelheiten",
    sign: "Diese Petition unterschreiben",
    required: "Felder ohne „freiwillig“ müssen ausgefüllt werden.",
    name: "Ihr Name",
    nameHint: "Vorname und Nachname. Er wird nicht veröffentlicht.",
    email: "E-Mail-Adresse",
    emailHint:
      "Wir schicken eine Nachricht an diese Adresse. Ihre Unterschrift zählt erst, wenn Sie sie dort bestätigen.",
    postcode: "Postleitzahl (freiwillig)",
    postcodeHint: "Sie zeigt der Gemeinde, aus welchen Ortsteilen die Unterschriften kommen.",
    eligible: ({ municipality }) =>
      `Ich bin berechtigt, Petitionen an diese Gemeinde zu unterschreiben: ${municipality}.`,
    updates: "Schicken Sie mir eine Nachricht, wenn es Neues zu dieser Petition gibt (freiwillig).",
    button: "Unterschreiben",
    sentTitle: "Bitte sehen Sie in Ihrem Postfach nach",
    sent: "Eine Nachricht ist unterwegs an die angegebene Adresse. Ihre Unterschrift zählt erst, wenn Sie sie mit dem Link oder dem Code in dieser Nachricht bestätigen.",
    sentHint:
      "Nach einigen Minuten noch nichts da? Sehen Sie bitte im Ordner für unerwünschte Nachrichten nach, oder unterschreiben Sie noch einmal: Sie zählen nur einmal.",
    back: "Zurück zur Petition",
    fullTitle: "Diese Petition hat alle ihre ersten Unterstützenden",
    full: "Danke für Ihr Interesse. So viele Menschen, wie vor dem Start der Petition möglich sind, haben bestätigt. Sobald sie läuft, dürfen alle sie unterschreiben, auch mit diesem Link.",
    endedTitle: "Diese Petition kann nicht mehr unterschrieben werden",
    ended: "Sie ist beendet, oder die Gemeinde hat sie nicht angenommen.",
    problem: "Bitte prüfen",
    problems: {
      name: "Bitte geben Sie Ihren Namen an, in einer Zeile und ohne Links.",
      email: "Bitte geben Sie eine vollständige und richtige E-Mail-Adresse an.",
      postcode:
        "Bitte geben Sie eine Postleitzahl mit höchstens 16 Buchstaben, Ziffern, Leerzeichen und Bindestrichen an, oder keine.",
      eligible: "Bitte bestätigen Sie, dass Sie unterschreiben dürfen.",
      unknown: "Etwas im Formular ist nicht wie erwartet. Bitte füllen Sie es noch einmal aus.",
    },
  },
};
