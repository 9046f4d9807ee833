import type { updates as English, unsubscribePages as EnglishPages } from "../en/updates.ts";

/** What those who signed and asked for news read, in German. */
export const updates: typeof English = {
  reason: "Sie erhalten diese Nachricht, weil Sie diese Petition unterschrieben und um Neuigkeiten dazu gebeten haben.",
  action: "Zur Petition",
  stopText: "Keine Neuigkeiten mehr?",
  stop: "Abbestellen",
  threshold: {
    subject: ({ title }) => `Diese Petition hat ihr Ziel erreicht: „${title}“`,
    response: ({ title, shown }) =>
      `Die Petition „${title}“, die Sie unterschrieben haben, hat ${shown} Unterschriften erreicht. Die Gemeinde wird darauf antworten.`,
    hearing: ({ title, shown }) =>
      `Die Petition „${title}“, die Sie unterschrieben haben, hat ${shown} Unterschriften erreicht. Die Gemeinde wird dazu eine Anhörung abhalten.`,
  },
  response: {
    subject: ({ title }) => `Die Gemeinde hat geantwortet: „${title}“`,
    intro: ({ title }) =>
      `Die Gemeinde hat auf die Petition „${title}“ geantwortet, die Sie unterschrieben haben. In Kürze:`,
  },
  end: {
    subject: ({ title }) => `Diese Petition ist beendet: „${title}“`,
    intro: ({ title, shown }) =>
      `Die Petition „${title}“, die Sie unterschrieben haben, ist beendet. Die endgültige Zahl der Unterschriften ist ${shown}.`,
    next: "Wenn die Gemeinde darauf antwortet, schreiben wir Ihnen noch einmal.",
  },
};

/** What they read on the page behind the link that unsubscribes, in German. */
export const unsubscribePages: typeof EnglishPages = {
  unsubscribe: {
    title: "Neuigkeiten abbestellen",
    nothingYet:
      "Noch ist nichts geschehen. Bitte wählen Sie, was Sie nicht mehr möchten. Ihre Unterschrift bleibt, wie sie ist.",
    petition: "Keine Neuigkeiten mehr zu dieser Petition",
    all: ({ municipality }) => `Keine Neuigkeiten mehr zu irgendeiner Petition (${municipality})`,
  },
  unsubscribed: {
    title: "Sie haben die Neuigkeiten abbestellt",
    petition: "Zu dieser Petition schicken wir Ihnen keine Neuigkeiten mehr. Ihre Unterschrift zählt weiterhin.",
    all: "Wir schicken Ihnen keine Neuigkeiten zu Petitionen mehr, außer Sie bitten beim Unterschreiben einer weiteren darum. Ihre Unterschriften zählen weiterhin.",
  },
};
