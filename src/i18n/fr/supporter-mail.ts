import type { supporterMail as English } from "../en/supporter-mail.ts";

/** The French texts of mails to first supporters, and to creators about their own page. */
export const supporterMail: typeof English = {
  supporter: {
    subject: ({ title }) => `Veuillez confirmer votre soutien\u00a0: «\u00a0${title}\u00a0»`,
    intro: ({ title }) =>
      `Quelqu’un, probablement vous, a signé la pétition «\u00a0${title}\u00a0» avec cette adresse e-mail parmi ses premiers soutiens. Il manque une étape.`,
    how: "Il ne suffit pas d’ouvrir le lien. Votre soutien ne compte qu’une fois que vous avez appuyé sur le bouton de la page qui s’ouvre, ou saisi le code.",
    next: "La pétition n’est pas encore publique. La commune l’examine dès qu’assez de soutiens ont confirmé.",
    action: "Confirmer mon soutien",
    reason:
      "Vous recevez ce message parce que quelqu’un, probablement vous, a indiqué cette adresse e-mail. Si ce n’était pas vous, veuillez ne pas en tenir compte\u00a0: rien ne compte, et les données indiquées seront supprimées.",
  },
  verificationReminder: {
    subject: ({ title }) => `Encore à confirmer\u00a0: «\u00a0${title}\u00a0»`,
    intro: ({ title }) =>
      `Quelqu’un, probablement vous, a signé la pétition «\u00a0${title}\u00a0» avec cette adresse e-mail. La signature ne compte pas encore, car elle n’a pas été confirmée.`,
    only: "Ceci est le seul rappel. Si vous ne faites rien, la signature ne compte pas, et les données indiquées seront supprimées.",
  },
  creatorAtOnce: "Ensuite, votre propre signature compte, et la commune examine la pétition.",
  ownPage: "Lire et modifier votre pétition, maintenant et plus tard",
};
