import type { creatorPages as English } from "../en/creator-pages.ts";

/** The German texts of the page on which a creator sees their own petition. */
export const creatorPages: typeof English = {
  creator: {
    title: "Ihre Petition",
    secret: "Behalten Sie die Adresse dieser Seite für sich: Wer sie hat, kann die Petition ändern.",
    next: "Wie es weitergeht",
    states: {
      draft: "Noch nicht sichtbar",
      gathering: "Sammelt ihre ersten Unterstützenden",
      moderation: "Bei der Gemeinde",
      accepted: "Angenommen, noch nicht gestartet",
      changes_requested: "Änderungen erbeten",
      open: "Kann unterschrieben werden",
      closed: "Beendet",
      stopped: "Vorzeitig beendet",
      rejected: "Nicht angenommen",
      hidden: "Nicht angenommen",
    },
    draft:
      "Noch kann niemand sonst die Petition sehen. Wenn Sie sie nicht bestätigt haben, drücken Sie bitte den Knopf auf der Seite, zu der unsere Nachricht führt, oder geben Sie den Code ein. Wenn Sie das getan haben, müssen Sie nichts tun: Wir schreiben Ihnen, wenn es weitergeht.",
    gathering: ({ count, shown }) =>
      count === 1
        ? "Sobald 1 Person ihre Unterstützung bestätigt hat, befasst sich die Gemeinde mit Ihrer Petition. Wir schreiben Ihnen dann."
        : `Sobald ${shown} Personen ihre Unterstützung bestätigt haben, befasst sich die Gemeinde mit Ihrer Petition. Wir schreiben Ihnen dann.`,
    unsigned:
      "Ihre eigene Unterschrift zählt zurzeit nicht, und die Petition braucht auch sie. Sie können mit dem Link unten unterschreiben.",
    moderation:
      "Die Gemeinde befasst sich mit Ihrer Petition und entscheidet, ob sie startet. Wir schreiben Ihnen dann. Der Text kann in dieser Zeit nicht geändert werden.",
    accepted: ({ shown }) => `Die Petition startet am ${shown}. Wir schreiben Ihnen dann.`,
    changes_requested:
      "Bitte ändern Sie den Text unten und reichen Sie ihn wieder ein. Die Gemeinde befasst sich dann noch einmal mit ihm.",
    open: ({ shown }) => `Bis ${shown} dürfen alle Ihre Petition unterschreiben.`,
    closed: "Niemand kann mehr unterschreiben. Was die Gemeinde zur Petition sagt, wird bei ihr gezeigt.",
    stopped: "Die Petition wurde vorzeitig beendet, und niemand kann mehr unterschreiben.",
    rejected: "Die Gemeinde lässt die Petition nicht starten. Sie wird mit diesem Grund gezeigt:",
    hidden: "Die Gemeinde lässt die Petition nicht starten und zeigt sie nicht. Dies ist der Grund:",
    progress: ({ count, shown, name }) =>
      count === 1
        ? `1 von ${name} Personen hat ihre Unterstützung bestätigt.`
        : `${shown} von ${name} Personen haben ihre Unterstützung bestätigt.`,
    share: "Der Link für Ihre Unterstützenden",
    shareHint: ({ shown }) =>
      `Schicken Sie ihn Menschen, die Sie unterstützen. Bis zu ${shown} von ihnen können bestätigen, bevor die Petition startet.`,
    message: "Was die Gemeinde Sie zu ändern bittet",
    edit: "Den Text ändern",
    titleLabel: "Titel",
    titleHint: "Was die Petition verlangt, in höchstens 100 Zeichen",
    background: "Begründung",
    backgroundHint: "Warum, in höchstens 500 Zeichen",
    details: "Weitere Einzelheiten (freiwillig)",
    detailsHint: "Höchstens 1.000 Zeichen",
    save: "Den Text speichern",
    resubmit: "Speichern und wieder einreichen",
    resubmitHint:
      "Ist die Petition eingereicht, kann der Text nicht geändert werden, solange die Gemeinde sich mit ihr befasst.",
    stop: "Die Petition beenden",
    stopHint:
      "Sie endet dann sofort, und Sie können sie nicht wieder starten. Die Unterschriften bleiben. Die Gemeinde liest Ihren Grund.",
    reason: "Warum beenden Sie sie?",
    reasonHint: "Höchstens 1.000 Zeichen",
    stopButton: "Die Petition jetzt beenden",
    done: {
      saved: "Der Text ist gespeichert.",
      sent: "Die Petition ist wieder eingereicht.",
      stopped: "Die Petition ist beendet.",
    },
    problem: "Bitte prüfen",
    problems: {
      title: "Der Titel braucht 1 bis 100 Zeichen in einer Zeile und beginnt nicht mit = + - oder @.",
      background: "Die Begründung braucht 1 bis 500 Zeichen.",
      details: "Die Einzelheiten haben höchstens 1.000 Zeichen.",
      reason: "Bitte geben Sie einen Grund mit 1 bis 1.000 Zeichen an.",
      unknown: "Etwas im Formular ist nicht wie erwartet. Bitte füllen Sie es noch einmal aus.",
      moved:
        "Das ist nicht mehr möglich, weil die Petition weitergekommen ist. Unten sehen Sie, wo sie jetzt steht. Es wurde nichts geändert.",
    },
  },
};
