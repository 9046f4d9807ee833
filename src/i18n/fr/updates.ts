import type { updates as English, unsubscribePages as EnglishPages } from "../en/updates.ts";

/** What those who signed and asked for news read, in French. */
export const updates: typeof English = {
  reason:
    "Vous recevez ce message parce que vous avez signé cette pétition et demandé à recevoir des nouvelles à son sujet.",
  action: "Voir la pétition",
  stopText: "Vous ne souhaitez plus de nouvelles\u00a0?",
  stop: "Se désabonner",
  threshold: {
    subject: ({ title }) => `Cette pétition a atteint son objectif\u00a0: «\u00a0${title}\u00a0»`,
    response: ({ title, shown }) =>
      `La pétition «\u00a0${title}\u00a0», que vous avez signée, a atteint ${shown} signatures. La commune va y répondre.`,
    hearing: ({ title, shown }) =>
      `La pétition «\u00a0${title}\u00a0», que vous avez signée, a atteint ${shown} signatures. La commune va organiser une audition à son sujet.`,
  },
  response: {
    subject: ({ title }) => `La commune a répondu\u00a0: «\u00a0${title}\u00a0»`,
    intro: ({ title }) =>
      `La commune a répondu à la pétition «\u00a0${title}\u00a0», que vous avez signée. En bref\u00a0:`,
  },
  end: {
    subject: ({ title }) => `Cette pétition est terminée\u00a0: «\u00a0${title}\u00a0»`,
    intro: ({ title, shown }) =>
      `La pétition «\u00a0${title}\u00a0», que vous avez signée, est terminée. Le nombre définitif de signatures est de ${shown}.`,
    next: "Si la commune y répond, nous vous écrirons de nouveau.",
  },
};

/** What they read on the page behind the link that unsubscribes, in French. */
export const unsubscribePages: typeof EnglishPages = {
  unsubscribe: {
    title: "Se désabonner",
    nothingYet:
      "Rien n’a encore changé. Veuillez choisir ce que vous ne souhaitez plus recevoir. Votre signature reste inchangée.",
    petition: "Plus de nouvelles de cette pétition",
    all: ({ municipality }) => `Plus de nouvelles d’aucune pétition (${municipality})`,
  },
  unsubscribed: {
    title: "Vous êtes désabonné",
    petition: "Nous ne vous enverrons plus de nouvelles de cette pétition. Votre signature compte toujours.",
    all: "Nous ne vous enverrons plus de nouvelles de pétitions, sauf si vous en demandez en signant une autre. Vos signatures comptent toujours.",
  },
};
