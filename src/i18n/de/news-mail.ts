import type { Catalogue } from "../catalogue.ts";

type News = Pick<Catalogue["mail"], "news" | "staffOverdue" | "staffThreshold">;

/** What creators and staff read about a petition's way, in German. */
export const newsMail: News = {
  news: {
    reason: "Sie erhalten diese Nachricht, weil Sie diese Petition eingereicht haben.",
    ownPage: "Die Seite Ihrer Petition, nur für Sie:",
    ownPageLabel: "Meine Petition ansehen oder ändern",
    toPetition: "Zur Petition",
    gathering: {
      subject: ({ title }) => `Ihre Petition braucht Unterstützung: „${title}“`,
      intro: ({ title }) => `Ihre Petition „${title}“ ist bestätigt. Sie ist noch nicht öffentlich.`,
      needed: ({ count, shown }) =>
        count === 1
          ? "Eine weitere Person muss sie unterstützen, bevor wir sie ansehen. Bitte senden Sie ihr den Link unten."
          : `${shown} weitere Personen müssen sie unterstützen, bevor wir sie ansehen. Bitte senden Sie ihnen den Link unten.`,
      share: "Der Link für Ihre Unterstützer",
    },
    first_supporter: {
      subject: ({ title }) => `Die erste Unterstützung: „${title}“`,
      intro: ({ title }) => `Für Ihre Petition „${title}“ ist die erste Unterstützung bestätigt.`,
      needed: ({ count, shown }) =>
        count === 1
          ? "Insgesamt ist eine Unterstützung nötig, bevor wir sie ansehen."
          : `Insgesamt sind ${shown} Unterstützungen nötig, bevor wir sie ansehen.`,
      share: "Der Link für Ihre Unterstützer",
    },
    moderation: {
      subject: ({ title }) => `Wir sehen Ihre Petition an: „${title}“`,
      intro: ({ title }) => `Ihre Petition „${title}“ ist bei uns.`,
      next: "Wir lesen jede Petition, bevor sie öffnet, und schreiben Ihnen, sobald wir entschieden haben.",
    },
    changes_requested: {
      subject: ({ title }) => `Bitte ändern Sie Ihre Petition: „${title}“`,
      intro: ({ title }) => `Bevor Ihre Petition „${title}“ öffnen kann, bitten wir Sie um eine Änderung:`,
      next: "Bitte ändern Sie den Text auf der Seite Ihrer Petition und reichen Sie ihn dort noch einmal ein. Die Unterstützungen bleiben erhalten.",
      action: "Meine Petition ändern",
    },
    scheduled: {
      subject: ({ title }) => `Ihre Petition ist angenommen: „${title}“`,
      intro: ({ title, day }) =>
        `Wir haben Ihre Petition „${title}“ angenommen. Sie kann ab dem ${day} unterschrieben werden.`,
      next: "Bis dahin ist sie nicht öffentlich.",
    },
    opened: {
      subject: ({ title }) => `Ihre Petition ist offen: „${title}“`,
      intro: ({ title, day }) =>
        `Ihre Petition „${title}“ kann jetzt unterschrieben werden. Der letzte Tag ist der ${day}.`,
      stop: "Wenn Sie sie nicht mehr möchten, können Sie sie auf der Seite Ihrer Petition vorzeitig beenden.",
    },
    reopened: {
      subject: ({ title }) => `Ihre Petition ist wieder offen: „${title}“`,
      intro: ({ title, day }) =>
        `Ihre Petition „${title}“ kann wieder unterschrieben werden. Der letzte Tag ist der ${day}.`,
    },
    rejected: {
      subject: ({ title }) => `Wir können Ihre Petition nicht annehmen: „${title}“`,
      intro: ({ title }) => `Wir haben Ihre Petition „${title}“ gelesen und können sie nicht annehmen.`,
      shown: "Die Petition wird zusammen mit diesem Grund gezeigt und kann nicht unterschrieben werden.",
    },
    hidden: {
      subject: ({ title }) => `Wir können Ihre Petition nicht zeigen: „${title}“`,
      intro: ({ title }) => `Wir haben Ihre Petition „${title}“ gelesen und können sie nicht zeigen.`,
      notShown: "Niemand außer unserem Personal kann sie sehen, und sie kann nicht unterschrieben werden.",
    },
    stopped: {
      subject: ({ title }) => `Ihre Petition ist vorzeitig beendet: „${title}“`,
      intro: ({ title }) => `Wir haben Ihre Petition „${title}“ vorzeitig beendet.`,
      next: "Wer vorher unterschrieben hat, kann das noch 24 Stunden lang bestätigen. Danach steht die Zahl fest.",
    },
    threshold: {
      subject: ({ title }) => `Ihre Petition hat ein Ziel erreicht: „${title}“`,
      response: ({ title, shown }) =>
        `Ihre Petition „${title}“ hat ${shown} Unterschriften erreicht. Die Gemeinde wird dazu eine Antwort geben.`,
      hearing: ({ title, shown }) =>
        `Ihre Petition „${title}“ hat ${shown} Unterschriften erreicht. Die Gemeinde wird dazu eine Anhörung abhalten.`,
    },
  },
  staffOverdue: {
    subject: ({ title }) => `Überfällig: „${title}“`,
    response: ({ title, shown, reached, due }) =>
      `Die Petition „${title}“ hat am ${reached} ${shown} Unterschriften erreicht. Die Antwort der Gemeinde war bis zum ${due} fällig und fehlt.`,
    hearing: ({ title, shown, reached, due }) =>
      `Die Petition „${title}“ hat am ${reached} ${shown} Unterschriften erreicht. Die Anhörung war bis zum ${due} fällig und fehlt.`,
    weekly: "Diese Nachricht kommt einmal in der Woche, bis das geschehen ist.",
  },
  staffThreshold: {
    subject: ({ title }) => `Schwelle erreicht: „${title}“`,
    response: ({ title, shown }) =>
      `Die Petition „${title}“ hat ${shown} Unterschriften erreicht. Die Gemeinde schuldet ihr jetzt eine Antwort.`,
    hearing: ({ title, shown }) =>
      `Die Petition „${title}“ hat ${shown} Unterschriften erreicht. Die Gemeinde schuldet ihr jetzt eine Anhörung.`,
    number: ({ id }) => `Ihre Nummer im Dienst ist ${id}.`,
    reason: "Sie erhalten diese Nachricht, weil Sie sich für die Gemeinde um Petitionen kümmern.",
  },
};
