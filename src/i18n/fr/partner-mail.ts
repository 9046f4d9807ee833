import type { partnerMail as English } from "../en/partner-mail.ts";

/** Mails to partner organisations, in French. */
export const partnerMail: typeof English = {
  webhookDisabled: {
    subject: ({ host }) => `Votre webhook est désactivé\u00a0: ${host}`,
    failing: ({ host, since }) =>
      `Les messages à votre webhook sur ${host} ont échoué pendant une journée entière, la dernière fois le ${since}. Plus rien ne lui est envoyé.`,
    gone: ({ host, since }) =>
      `Votre webhook sur ${host} a répondu le ${since} qu’il n’existe plus (410). Plus rien ne lui est envoyé.`,
    next: ({ path }) =>
      `Ce qui se passe à partir de maintenant est conservé pendant 30 jours. Quand le webhook fonctionnera de nouveau, réactivez-le avec POST ${path}\u00a0: il recevra tout ce qu’il a manqué. Si vous n’en avez plus besoin, veuillez le supprimer.`,
    reason:
      "Vous recevez ce message parce que cette adresse est celle du contact d’une organisation partenaire du service des pétitions.",
  },
};
