import type { supporterMail as English } from "../en/supporter-mail.ts";

/** The German texts of mails to first supporters, and to creators about their own page. */
export const supporterMail: typeof English = {
  supporter: {
    subject: ({ title }) => `Bitte bestätigen Sie Ihre Unterstützung: „${title}“`,
    intro: ({ title }) =>
      `Jemand, vermutlich Sie, hat mit dieser E-Mail-Adresse die Petition „${title}“ als eine der ersten Personen unterschrieben. Es fehlt noch ein Schritt.`,
    how: "Den Link zu öffnen genügt nicht. Ihre Unterstützung zählt erst, wenn Sie auf der Seite, die sich öffnet, den Knopf drücken oder den Code eingeben.",
    next: "Die Petition ist noch nicht öffentlich. Die Gemeinde befasst sich mit ihr, sobald genügend Unterstützende bestätigt haben.",
    action: "Meine Unterstützung bestätigen",
    reason:
      "Sie erhalten diese Nachricht, weil jemand, vermutlich Sie, diese E-Mail-Adresse angegeben hat. Wenn Sie es nicht waren, beachten Sie die Nachricht bitte nicht: Dann zählt nichts, und die Angaben werden gelöscht.",
  },
  verificationReminder: {
    subject: ({ title }) => `Noch nicht bestätigt: „${title}“`,
    intro: ({ title }) =>
      `Jemand, vermutlich Sie, hat mit dieser E-Mail-Adresse die Petition „${title}“ unterschrieben. Die Unterschrift zählt noch nicht, denn sie ist nicht bestätigt.`,
    only: "Dies ist die einzige Erinnerung. Wenn Sie nichts tun, zählt die Unterschrift nicht, und die Angaben werden gelöscht.",
  },
  creatorAtOnce: "Danach zählt Ihre eigene Unterschrift, und die Gemeinde befasst sich mit der Petition.",
  ownPage: "Ihre Petition lesen und ändern, jetzt und später",
};
