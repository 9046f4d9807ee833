import type { pages as English } from "../en/pages.ts";

/** The German texts of pages. */
export const pages: typeof English = {
  common: {
    skip: "Zum Inhalt springen",
    service: "Petitionsdienst",
    privacy: "Datenschutzerklärung",
    contact: "Kontakt",
    petition: "Die Petition",
    toPetition: "Zur Petition",
    test: "Das ist ein Test. Nichts wird gezählt.",
  },
  hiddenTitle: "Eine Petition, die nicht gezeigt wird",
  partnerConsent: ({ municipality }: { municipality: string }): string =>
    `Ich bin einverstanden, dass mein Name und meine Angaben auch an die Organisation weitergegeben werden, auf deren Seite ich unterschreibe, und nicht nur an die Gemeinde: ${municipality}.`,
  verify: {
    title: "Unterschrift bestätigen",
    nothingYet: "Bis jetzt ist nichts geschehen. Ihre Unterschrift zählt erst, wenn Sie den Knopf drücken.",
    button: "Meine Unterschrift bestätigen",
    notYou: "Haben nicht Sie unterschrieben? Dann schließen Sie diese Seite einfach. Es wird nichts gezählt.",
  },
  verified: {
    title: "Vielen Dank. Ihre Unterschrift zählt.",
    text: "Sie müssen nichts weiter tun.",
    count: ({ count, shown }) => {
      if (count === 0) return "Wie viele unterschrieben haben, steht bei der Petition.";
      return count === 1
        ? "Bisher hat 1 Person diese Petition unterschrieben."
        : `Bisher haben ${shown} Personen diese Petition unterschrieben.`;
    },
    creatorTitle: "Vielen Dank. Ihre Petition ist bestätigt.",
    creatorText:
      "Die Petition kann jetzt ihre ersten Unterstützenden sammeln. Sobald genug von ihnen bestätigt haben, sehen wir sie uns an.",
    creatorAtOnce:
      "Die Gemeinde befasst sich jetzt mit ihr. Wir schreiben Ihnen, wenn entschieden ist, ob sie startet.",
    supporterTitle: "Danke. Sie gehören zu den ersten Unterstützenden.",
    supporterText:
      "Ihre Unterschrift zählt. Sobald genügend Unterstützende bestätigt haben, befasst sich die Gemeinde mit der Petition. Sie müssen nichts weiter tun.",
    toOwnPage: "Zur Seite meiner Petition",
  },
  withdraw: {
    title: "Unterschrift zurückziehen",
    nothingYet:
      "Bis jetzt ist nichts geschehen. Ihre Unterschrift wird erst zurückgezogen, wenn Sie den Knopf drücken.",
    consequence:
      "Ihre Unterschrift zählt dann nicht mehr, und wir löschen die persönlichen Daten dazu. Sie können wieder unterschreiben, solange die Petition läuft.",
    button: "Meine Unterschrift zurückziehen",
    keep: "Möchten Sie Ihre Unterschrift behalten? Dann schließen Sie diese Seite einfach.",
  },
  withdrawn: {
    title: "Ihre Unterschrift ist zurückgezogen",
    text: "Sie zählt nicht mehr, und die persönlichen Daten dazu sind gelöscht.",
    again: "Wenn Sie Ihre Meinung ändern, können Sie wieder unterschreiben, solange die Petition läuft.",
  },
  code: {
    title: "Mit dem Code bestätigen",
    text: "Geben Sie die E-Mail-Adresse ein, mit der Sie unterschrieben haben, und den Code aus unserer Nachricht. Ihre Unterschrift zählt, wenn Sie den Knopf gedrückt haben.",
    email: "E-Mail-Adresse",
    code: "Code",
    codeHint: "Sechs Ziffern, aus unserer Nachricht an Sie",
    button: "Meine Unterschrift bestätigen",
    problem: "Bitte prüfen Sie",
  },
  missing: {
    title: "Diese Petition kann nicht gezeigt werden",
    text: "Der Link führt zu einer Petition, die nicht oder noch nicht öffentlich ist. Bitte versuchen Sie es später noch einmal.",
  },
  problems: {
    link_invalid: {
      title: "Dieser Link funktioniert nicht",
      text: "Der Link ist vielleicht unvollständig oder zu alt. Bitte kopieren Sie den ganzen Link aus unserer Nachricht. Wenn er dann immer noch nicht funktioniert, können Sie die Petition noch einmal unterschreiben.",
    },
    verification_closed: {
      title: "Die Zeit zum Bestätigen ist vorbei",
      text: "Die Petition ist beendet. Unterschriften dafür können nicht mehr bestätigt werden.",
    },
    signature_withdrawn: {
      title: "Diese Unterschrift wurde zurückgezogen",
      text: "Sie zählt nicht, und die persönlichen Daten dazu sind gelöscht. Sie können wieder unterschreiben, solange die Petition läuft.",
    },
    signature_gone: {
      title: "Diese Unterschrift gibt es nicht mehr",
      text: "Unterschriften, die nicht bestätigt werden, löschen wir nach einiger Zeit. Sie können wieder unterschreiben, solange die Petition läuft.",
    },
    code_invalid: {
      title: "Der Code konnte nicht verwendet werden",
      text: "Die E-Mail-Adresse und der Code passen nicht zusammen. Bitte prüfen Sie beides. Nach mehreren Versuchen gilt ein Code nicht mehr. Der Link in unserer Nachricht funktioniert dann noch.",
    },
    rate_limited: {
      title: "Zu viele Versuche",
      text: "Bitte warten Sie ein paar Minuten und versuchen Sie es dann noch einmal. Es ist nichts verloren.",
    },
    unavailable: {
      title: "Bitte versuchen Sie es etwas später",
      text: "Das ist im Moment nicht möglich. Es ist nichts verloren, und der Link in unserer Nachricht funktioniert weiterhin.",
    },
    supporters_full: {
      title: "Danke. Die Plätze der ersten Unterstützenden sind vergeben.",
      text: "So viele Menschen, wie vor dem Start dieser Petition möglich sind, haben bestätigt. Ihre Unterschrift ist deshalb nicht nötig, damit die Gemeinde sich mit ihr befasst. Sobald die Petition läuft, bestätigt dieser Link Ihre Unterschrift, oder Sie unterschreiben noch einmal.",
    },
    petition_closed: {
      title: "Diese Petition ist beendet",
      text: "Sie kann nicht mehr unterschrieben werden. Die rechtzeitig bestätigten Unterschriften zählen.",
    },
    signing_paused: {
      title: "Das Unterschreiben ist gerade angehalten",
      text: "Die Gemeinde hat das Unterschreiben für eine Weile angehalten. Es geht nichts verloren: Bitte kommen Sie später wieder. In dieser Zeit endet keine Petition, und die Frist verlängert sich um die Tage der Pause. Was vorher unterschrieben wurde, lässt sich weiterhin bestätigen.",
    },
    unexpected: {
      title: "Etwas ist schiefgegangen",
      text: "Der Fehler liegt bei uns. Bitte versuchen Sie es später noch einmal. Wenn es wieder passiert, schreiben Sie uns bitte.",
    },
  },
};
