import type { personPages as English, personMail as EnglishMail } from "../en/person.ts";

/** What people read on the pages about their data, in German. */
export const personPages: typeof English = {
  person: {
    title: "Ihre Daten in dieser Petition",
    hidden: "Die Petition wird zurzeit nicht gezeigt.",
    digests: ({ count }) =>
      `E-Mail-Adresse und Name, Postleitzahl, Adresse und Netz Ihres Computers und der Anbieter Ihrer E-Mail-Adresse sind außerdem als verschlüsselte Prüfwerte gespeichert, an denen wir Wiederholungen erkennen. Niemand kann sie zurücklesen. Die Ihres Computers werden nach ${count} Tagen gelöscht.`,
    keptOpen:
      "Ihre Daten werden einige Monate nach dem Ende der Petition gelöscht; wann, steht in der Datenschutzerklärung.",
    download: "Als Datei herunterladen (JSON)",
    correctTitle: "Meinen Namen berichtigen",
    name: "Ihr Name",
    nameHint: "Vor- und Nachname. Ihre Unterschrift zählt wie bisher.",
    correct: "Namen berichtigen",
    eraseTitle: "Meine Daten löschen",
    eraseText:
      "Solange das Ergebnis nicht feststeht, entfällt auch Ihre Unterschrift und zählt nicht mehr; Sie können dann neu unterschreiben. Danach zählt Ihre Unterschrift weiter, ohne Namen und Adresse.",
    eraseCreator:
      "Sie haben diese Petition eingereicht. Sie bleibt bestehen; nur Ihr Name und Ihre Adresse verschwinden.",
    erase: "Meine Daten löschen",
    corrected: "Ihr Name ist berichtigt.",
    erased: "Ihre Daten sind gelöscht.",
    name_taken:
      "Unter diesem Namen hat mit dieser E-Mail-Adresse bereits jemand anderes unterschrieben. Wenn beide Unterschriften von Ihnen sind, ziehen Sie bitte eine davon zurück.",
    name_fixed: "Ihr Name wurde so oft berichtigt, wie es hier möglich ist. Bitte schreiben Sie uns.",
    nameFlaw: "Bitte geben Sie Ihren Namen an, in einer Zeile und ohne Links.",
    nothingTitle: "Wir haben hier keine Daten über Sie",
    nothing:
      "Zu dieser Petition haben wir keine oder keine personenbezogenen Daten mehr über Sie. Ein verschlüsselter Prüfwert, den niemand zurücklesen kann, bleibt unter Umständen erhalten, damit niemand doppelt zählt.",
    requestTitle: "Link zu Ihren Daten anfordern",
    request:
      "Wir schicken eine Nachricht mit dem Link an die Adresse, wenn wir zu dieser Petition etwas über sie gespeichert haben.",
    requestHint: "Die Adresse, mit der Sie unterschrieben haben",
    requestButton: "Link anfordern",
    sentTitle: "Bitte sehen Sie in Ihr Postfach",
    sent: "Wenn wir zu dieser Petition etwas über diese Adresse gespeichert haben, ist eine Nachricht mit dem Link unterwegs. Es kommt nichts an? Dann ist nichts gespeichert, oder in der letzten Stunde ging bereits eine Nachricht hinaus.",
    yes: "ja",
    no: "nein",
    states: {
      pending: "noch nicht bestätigt",
      verified: "bestätigt",
      creator: "Sie haben diese Petition eingereicht",
      supporter: "erste Unterstützung",
    },
    labels: {
      name: "Name",
      email: "E-Mail-Adresse",
      postcode: "Postleitzahl",
      country: "Land",
      state: "Unterschrift",
      submitted: "Abgeschickt",
      repeated: "Erneut abgeschickt",
      verified: "Bestätigt",
      updates: "Möchte Neuigkeiten",
      language: "Sprache",
      area: "Gebiet",
      channel: "Gekommen über",
      partner: "Partnerorganisation",
      reference: "Nummer bei der Partnerorganisation",
      consent: "Einverstanden, dass die Partnerorganisation Namen und Adresse erhält, Fassung",
      role: "Rolle",
      privacy: "Gesehene Datenschutzerklärung, Fassung",
      eligibility: "Abgegebene Erklärung, Fassung",
      operator: "Netzbetreiber (ASN)",
      trouble: "Probleme mit E-Mails",
      kept: "Gespeichert bis",
      id: "Nummer der Unterschrift",
      submission: "Nummer der Einsendung",
    },
  },
};

/** What the mail with the links to a person's data says, in German. */
export const personMail: typeof EnglishMail = {
  personLinks: {
    subject: ({ title }) => `Ihre Daten: „${title}“`,
    intro: ({ title }) =>
      `Jemand, vermutlich Sie, hat den Link zu den Daten angefordert, die wir in der Petition „${title}“ über Sie gespeichert haben.`,
    link: ({ name }) => `Ansehen, berichtigen oder löschen: ${name}`,
    keep: "Jeder Link gilt, bis die Daten gelöscht sind. Bitte geben Sie diese Nachricht nicht weiter: Wer einen Link hat, kann die Daten sehen und löschen.",
    reason:
      "Sie erhalten diese Nachricht, weil jemand, vermutlich Sie, diese E-Mail-Adresse auf unserer Seite angegeben hat. Wenn Sie es nicht waren, beachten Sie die Nachricht bitte nicht: Es ändert sich nichts.",
  },
};
