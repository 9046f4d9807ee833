import type { Catalogue } from "../catalogue.ts";

type News = Pick<Catalogue["mail"], "news" | "staffOverdue" | "staffThreshold">;

/** What creators and staff read about a petition's way, in French. */
export const newsMail: News = {
  news: {
    reason: "Vous recevez ce message parce que vous avez déposé cette pétition.",
    ownPage: "La page de votre pétition, pour vous seul·e\u00a0:",
    ownPageLabel: "Voir ou modifier ma pétition",
    toPetition: "Voir la pétition",
    gathering: {
      subject: ({ title }) => `Votre pétition a besoin de soutiens\u00a0: «\u00a0${title}\u00a0»`,
      intro: ({ title }) => `Votre pétition «\u00a0${title}\u00a0» est confirmée. Elle n’est pas encore publique.`,
      needed: ({ count, shown }) =>
        count === 1
          ? "Une autre personne doit la soutenir avant que nous l’examinions. Envoyez-lui le lien ci-dessous."
          : `${shown} autres personnes doivent la soutenir avant que nous l’examinions. Envoyez-leur le lien ci-dessous.`,
      share: "Le lien pour vos soutiens",
    },
    first_supporter: {
      subject: ({ title }) => `Votre premier soutien\u00a0: «\u00a0${title}\u00a0»`,
      intro: ({ title }) => `Le premier soutien de votre pétition «\u00a0${title}\u00a0» est confirmé.`,
      needed: ({ count, shown }) =>
        count === 1
          ? "Il en faut un en tout avant que nous l’examinions."
          : `Il en faut ${shown} en tout avant que nous l’examinions.`,
      share: "Le lien pour vos soutiens",
    },
    moderation: {
      subject: ({ title }) => `Nous examinons votre pétition\u00a0: «\u00a0${title}\u00a0»`,
      intro: ({ title }) => `Votre pétition «\u00a0${title}\u00a0» nous est parvenue.`,
      next: "Nous lisons chaque pétition avant son ouverture et vous écrirons dès que nous aurons décidé.",
    },
    changes_requested: {
      subject: ({ title }) => `Merci de modifier votre pétition\u00a0: «\u00a0${title}\u00a0»`,
      intro: ({ title }) =>
        `Avant que votre pétition «\u00a0${title}\u00a0» puisse ouvrir, nous vous demandons une modification\u00a0:`,
      next: "Modifiez le texte sur la page de votre pétition et déposez-le de nouveau. Vos soutiens sont conservés.",
      action: "Modifier ma pétition",
    },
    scheduled: {
      subject: ({ title }) => `Votre pétition est acceptée\u00a0: «\u00a0${title}\u00a0»`,
      intro: ({ title, day }) =>
        `Nous avons accepté votre pétition «\u00a0${title}\u00a0». Elle pourra être signée à partir du ${day}.`,
      next: "D’ici là, elle n’est pas publique.",
    },
    opened: {
      subject: ({ title }) => `Votre pétition est ouverte\u00a0: «\u00a0${title}\u00a0»`,
      intro: ({ title, day }) =>
        `Votre pétition «\u00a0${title}\u00a0» peut maintenant être signée. Le dernier jour est le ${day}.`,
      stop: "Si vous n’en voulez plus, vous pouvez y mettre fin plus tôt sur la page de votre pétition.",
    },
    reopened: {
      subject: ({ title }) => `Votre pétition est de nouveau ouverte\u00a0: «\u00a0${title}\u00a0»`,
      intro: ({ title, day }) =>
        `Votre pétition «\u00a0${title}\u00a0» peut de nouveau être signée. Le dernier jour est le ${day}.`,
    },
    rejected: {
      subject: ({ title }) => `Nous ne pouvons pas accepter votre pétition\u00a0: «\u00a0${title}\u00a0»`,
      intro: ({ title }) => `Nous avons lu votre pétition «\u00a0${title}\u00a0» et ne pouvons pas l’accepter.`,
      shown: "La pétition est affichée avec ce motif et ne peut pas être signée.",
    },
    hidden: {
      subject: ({ title }) => `Nous ne pouvons pas afficher votre pétition\u00a0: «\u00a0${title}\u00a0»`,
      intro: ({ title }) => `Nous avons lu votre pétition «\u00a0${title}\u00a0» et ne pouvons pas l’afficher.`,
      notShown: "Personne en dehors de nos services ne peut la voir, et elle ne peut pas être signée.",
    },
    stopped: {
      subject: ({ title }) => `Votre pétition a pris fin plus tôt\u00a0: «\u00a0${title}\u00a0»`,
      intro: ({ title }) => `Nous avons mis fin à votre pétition «\u00a0${title}\u00a0» avant son terme.`,
      next: "Les personnes qui ont signé auparavant ont encore 24 heures pour confirmer. Ensuite, le nombre est définitif.",
    },
    threshold: {
      subject: ({ title }) => `Votre pétition a atteint un objectif\u00a0: «\u00a0${title}\u00a0»`,
      response: ({ title, shown }) =>
        `Votre pétition «\u00a0${title}\u00a0» a atteint ${shown} signatures. La commune y apportera une réponse.`,
      hearing: ({ title, shown }) =>
        `Votre pétition «\u00a0${title}\u00a0» a atteint ${shown} signatures. La commune organisera une audition à son sujet.`,
    },
  },
  staffOverdue: {
    subject: ({ title }) => `En retard\u00a0: «\u00a0${title}\u00a0»`,
    response: ({ title, shown, reached, due }) =>
      `La pétition «\u00a0${title}\u00a0» a atteint ${shown} signatures le ${reached}. La réponse de la commune était due au plus tard le ${due}, et elle manque.`,
    hearing: ({ title, shown, reached, due }) =>
      `La pétition «\u00a0${title}\u00a0» a atteint ${shown} signatures le ${reached}. L’audition était due au plus tard le ${due}, et elle manque.`,
    weekly: "Ce message revient une fois par semaine jusqu’à ce que ce soit fait.",
  },
  staffThreshold: {
    subject: ({ title }) => `Seuil atteint\u00a0: «\u00a0${title}\u00a0»`,
    response: ({ title, shown }) =>
      `La pétition «\u00a0${title}\u00a0» a atteint ${shown} signatures. La commune lui doit maintenant une réponse.`,
    hearing: ({ title, shown }) =>
      `La pétition «\u00a0${title}\u00a0» a atteint ${shown} signatures. La commune lui doit maintenant une audition.`,
    number: ({ id }) => `Son numéro dans le service est ${id}.`,
    reason: "Vous recevez ce message parce que vous vous occupez des pétitions pour la commune.",
  },
};
