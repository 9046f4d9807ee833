import type { mail as English } from "../en/mail.ts";

/** The German texts of mails. */
export const mail: typeof English = {
  greeting: ({ name }) => `Guten Tag ${name}`,
  verification: {
    subject: ({ title }) => `Bitte bestätigen Sie Ihre Unterschrift: „${title}“`,
    intro: ({ title }) =>
      `Jemand, vermutlich Sie, hat mit dieser E-Mail-Adresse die Petition „${title}“ unterschrieben. Es fehlt noch ein Schritt.`,
    through: ({ partner, municipality }) =>
      `Unterschrieben wurde bei ${partner}; von dort ging die Unterschrift an ${municipality}. Gezählt wird sie bei uns.`,
    how: "Den Link zu öffnen genügt nicht. Die Unterschrift zählt erst, wenn Sie auf der Seite, die sich öffnet, den Knopf drücken oder den Code eingeben.",
    action: "Meine Unterschrift bestätigen",
    codeLabel: "Ihr Code:",
    codeHint: "Wenn Ihnen das lieber ist, geben Sie diesen Code auf dieser Seite ein:",
    read: "Zuerst die Petition lesen",
    withdrawText: "Haben Sie es sich anders überlegt, jetzt oder später?",
    withdraw: "Meine Unterschrift zurückziehen",
    reason:
      "Sie erhalten diese Nachricht, weil jemand, vermutlich Sie, diese E-Mail-Adresse angegeben hat. Wenn Sie es nicht waren, beachten Sie die Nachricht bitte nicht: Dann zählt nichts, und die Angaben werden gelöscht.",
  },
  repeat: {
    subject: ({ title }) => `Sie haben schon unterschrieben: „${title}“`,
    intro: ({ title }) =>
      `Jemand, vermutlich Sie, hat mit dieser E-Mail-Adresse die Petition „${title}“ noch einmal unterschrieben. Sie haben sie schon unterschrieben.`,
    nothingToDo: "Sie müssen nichts tun. Ihre erste Unterschrift bleibt bestehen, und jede Person zählt einmal.",
    action: "Zur Petition",
    withdrawText: "Haben Sie es sich anders überlegt, jetzt oder später?",
    withdraw: "Meine Unterschrift zurückziehen",
    reason:
      "Sie erhalten diese Nachricht, weil jemand, vermutlich Sie, diese E-Mail-Adresse angegeben hat. Wenn Sie es nicht waren, beachten Sie die Nachricht bitte nicht: Es ändert sich nichts, und es zählt nichts zusätzlich.",
  },
  withdrawal: {
    subject: ({ title }) => `Ihre Unterschrift ist zurückgezogen: „${title}“`,
    intro: ({ title }) => `Ihre Unterschrift für die Petition „${title}“ ist zurückgezogen. Sie zählt nicht mehr.`,
    deleted: "Die persönlichen Daten zu dieser Unterschrift haben wir gelöscht.",
    again: "Wenn Sie Ihre Meinung ändern, können Sie wieder unterschreiben, solange die Petition läuft.",
    action: "Zur Petition",
    reason:
      "Sie erhalten diese Nachricht, weil jemand, vermutlich Sie, den Link zum Zurückziehen benutzt hat, den wir an diese E-Mail-Adresse geschickt haben. Wenn Sie das nicht wollten, können Sie wieder unterschreiben.",
  },
  erasure: {
    subject: ({ title }: { title: string }): string => `Ihre Daten wurden gelöscht: „${title}“`,
    intro: ({ title }: { title: string }): string =>
      `Wir haben Ihre Daten zur Petition „${title}“ gelöscht, wie Sie es wollten.`,
    stays:
      "Die Petition ist beendet und ihr Ergebnis steht fest. Ihre Unterschrift zählt deshalb weiter, ohne Namen und Adresse. Sollte die Petition wieder geöffnet werden, können Sie nicht noch einmal unterschreiben.",
    reason:
      "Sie erhalten diese Nachricht, weil jemand, vermutlich Sie, den Link zu Ihren Daten benutzt hat, den wir an diese E-Mail-Adresse geschickt haben.",
  },
  creator: {
    subject: ({ title }) => `Bitte bestätigen Sie Ihre Petition: „${title}“`,
    intro: ({ title }) =>
      `Jemand, vermutlich Sie, hat mit dieser E-Mail-Adresse die Petition „${title}“ eingereicht. Es fehlt noch ein Schritt.`,
    how: "Die Petition wird niemandem gezeigt, bevor diese Adresse bestätigt ist. Den Link zu öffnen genügt nicht: Bitte drücken Sie auf der Seite, die sich öffnet, den Knopf oder geben Sie den Code ein.",
    next: "Danach zählt Ihre eigene Unterschrift, und die Petition kann ihre ersten Unterstützenden sammeln.",
    action: "Meine Petition bestätigen",
    codeLabel: "Ihr Code:",
    codeHint: "Wenn Ihnen das lieber ist, geben Sie diesen Code auf dieser Seite ein:",
    withdrawText: "Haben Sie es sich anders überlegt, jetzt oder später?",
    withdraw: "Meine Unterschrift zurückziehen",
    reason:
      "Sie erhalten diese Nachricht, weil jemand, vermutlich Sie, diese E-Mail-Adresse angegeben hat. Wenn Sie es nicht waren, beachten Sie die Nachricht bitte nicht: Dann wird nichts gezeigt, nichts zählt, und die Angaben werden gelöscht.",
  },
  reminder: {
    subject: ({ municipality }) => `Petitionen: was auf Sie wartet (${municipality})`,
    intro: "Das wartet heute bei den Petitionen, die Sie sehen.",
    switches: {
      signing_paused: "das Unterschreiben",
      creation_paused: "neue Petitionen",
      mailings_paused: "Rundmails an Unterzeichnende",
    },
    sections: {
      switches_on: ({ shown, since }) => `Von der Gemeinde angehalten: ${shown}. Das erste seit dem ${since}.`,
      petitions_waiting: ({ shown, since }) =>
        `Petitionen, die auf eine Entscheidung warten: ${shown}, am längsten seit ${since}.`,
      answers_overdue: ({ shown, since }) =>
        `Antworten und Anhörungen, die überfällig sind: ${shown}, am längsten geschuldet seit dem ${since}.`,
      thresholds_unanswered: ({ shown, since }) =>
        `Erreichte Schwellen, bei denen die Gemeinde noch handeln muss: ${shown}, am längsten seit ${since}.`,
      alarms: ({ shown, since }) =>
        `Alarme zu Unterschriften, die noch niemand angesehen hat: ${shown}, der älteste vom ${since}.`,
      counts_wrong: ({ shown, since }) =>
        `Zählungen, die in den letzten sieben Tagen falsch waren: ${shown}, die erste am ${since}.`,
      holds_to_review: ({ shown, since }) =>
        `Zurückgehaltene Unterschriften, die auf Ihre Prüfung warten: ${shown}, am längsten seit ${since}.`,
      mailings_in_trouble: ({ shown, since }) =>
        `Rundschreiben an Unterzeichnende, die stillstehen oder nicht alle erreichten: ${shown}, das älteste vom ${since}.`,
      mail_parked: ({ shown, since }) =>
        `Nachrichten, die nicht zugestellt werden konnten: ${shown}, die älteste vom ${since}.`,
      partner_keys_ending: ({ shown, since }) =>
        `Schlüssel von Partnern, die in den nächsten zwei Wochen enden und für die kein neuer da ist: ${shown}, zu ersetzen seit ${since}. Ohne sie können die Seiten der Partner keine Unterschriften senden.`,
      webhooks_disabled: ({ shown, since }) =>
        `Webhooks von Partnern, die abgeschaltet sind, weil sie nicht mehr funktionieren: ${shown}, der erste seit ${since}.`,
      dead_letters: ({ shown, since }) =>
        `Daten, die der Dienst nicht verarbeiten konnte: ${shown}, die ältesten vom ${since}. Bitte sagen Sie es denen, die ihn betreiben.`,
      erasures_failing: ({ shown, since }) =>
        `Petitionen, deren personenbezogene Daten gelöscht sein müssten, was nicht gelang: ${shown}, am längsten seit ${since}. Bitte sagen Sie es denen, die den Dienst betreiben.`,
    },
    action: "Sehen, was wartet",
    reason:
      "Sie erhalten diese Nachricht einmal am Tag, wenn etwas wartet, weil Sie Petitionen betreuen. Sie können sie in Ihren eigenen Einstellungen im Petitionsdienst abschalten, oder jemand mit Verwaltungsrechten tut es für Sie.",
  },
  footer: {
    service: ({ municipality }) => `Petitionsdienst: ${municipality}`,
    privacy: "Wie wir mit Ihren Daten umgehen (Datenschutzerklärung)",
    own: "Ihre Daten in dieser Petition ansehen, berichtigen oder löschen",
    contact: ({ contact }) => `Haben Sie Fragen? So erreichen Sie uns: ${contact}`,
  },
};
