import type { mail as English } from "../en/mail.ts";

/** The French texts of mails. */
export const mail: typeof English = {
  greeting: ({ name }) => `Bonjour ${name},`,
  verification: {
    subject: ({ title }) => `Veuillez confirmer votre signature\u00a0: «\u00a0${title}\u00a0»`,
    intro: ({ title }) =>
      `Quelqu’un, sans doute vous, a signé la pétition «\u00a0${title}\u00a0» avec cette adresse e-mail. Il reste une étape.`,
    through: ({ partner, municipality }) =>
      `La signature a été donnée auprès de ${partner}, qui l’a transmise à ${municipality}. C’est nous qui la comptons.`,
    how: "Ouvrir le lien ne suffit pas. La signature ne compte que lorsque vous appuyez sur le bouton de la page qui s’ouvre, ou saisissez le code.",
    action: "Confirmer ma signature",
    codeLabel: "Votre code\u00a0:",
    codeHint: "Si vous préférez, saisissez ce code sur cette page\u00a0:",
    read: "Lire d’abord la pétition",
    withdrawText: "Vous changez d’avis, maintenant ou plus tard\u00a0?",
    withdraw: "Retirer ma signature",
    reason:
      "Vous recevez ce message parce que quelqu’un, sans doute vous, a donné cette adresse e-mail. Si ce n’était pas vous, ne tenez pas compte de ce message\u00a0: rien ne sera compté et les données indiquées seront effacées.",
  },
  repeat: {
    subject: ({ title }) => `Vous avez déjà signé\u00a0: «\u00a0${title}\u00a0»`,
    intro: ({ title }) =>
      `Quelqu’un, sans doute vous, a signé une nouvelle fois la pétition «\u00a0${title}\u00a0» avec cette adresse e-mail. Vous l’avez déjà signée.`,
    nothingToDo:
      "Vous n’avez rien à faire. Votre première signature reste valable, et chaque personne compte une fois.",
    action: "Aller à la pétition",
    withdrawText: "Vous changez d’avis, maintenant ou plus tard\u00a0?",
    withdraw: "Retirer ma signature",
    reason:
      "Vous recevez ce message parce que quelqu’un, sans doute vous, a donné cette adresse e-mail. Si ce n’était pas vous, ne tenez pas compte de ce message\u00a0: rien ne change et rien n’est compté en plus.",
  },
  withdrawal: {
    subject: ({ title }) => `Votre signature est retirée\u00a0: «\u00a0${title}\u00a0»`,
    intro: ({ title }) => `Votre signature pour la pétition «\u00a0${title}\u00a0» est retirée. Elle ne compte plus.`,
    deleted: "Nous avons effacé les données personnelles liées à cette signature.",
    again: "Si vous changez d’avis, vous pouvez signer de nouveau tant que la pétition est ouverte.",
    action: "Aller à la pétition",
    reason:
      "Vous recevez ce message parce que quelqu’un, sans doute vous, a utilisé le lien de retrait que nous avons envoyé à cette adresse e-mail. Si vous ne le vouliez pas, vous pouvez signer de nouveau.",
  },
  erasure: {
    subject: ({ title }: { title: string }): string => `Vos données ont été effacées\u00a0: «\u00a0${title}\u00a0»`,
    intro: ({ title }: { title: string }): string =>
      `Nous avons effacé vos données concernant la pétition «\u00a0${title}\u00a0», comme vous l’avez demandé.`,
    stays:
      "La pétition est terminée et le décompte est définitif. Votre signature compte donc encore, sans votre nom ni votre adresse. Si la pétition rouvre, vous ne pourrez pas la signer une deuxième fois.",
    reason:
      "Vous recevez ce message parce que quelqu’un, probablement vous, a utilisé le lien vers vos données que nous avons envoyé à cette adresse.",
  },
  creator: {
    subject: ({ title }) => `Veuillez confirmer votre pétition\u00a0: «\u00a0${title}\u00a0»`,
    intro: ({ title }) =>
      `Quelqu’un, sans doute vous, a déposé la pétition «\u00a0${title}\u00a0» avec cette adresse e-mail. Il reste une étape.`,
    how: "La pétition n’est montrée à personne tant que cette adresse n’est pas confirmée. Ouvrir le lien ne suffit pas\u00a0: appuyez sur le bouton de la page qui s’ouvre, ou saisissez le code.",
    next: "Ensuite, votre propre signature compte et la pétition peut réunir ses premiers soutiens.",
    action: "Confirmer ma pétition",
    codeLabel: "Votre code\u00a0:",
    codeHint: "Si vous préférez, saisissez ce code sur cette page\u00a0:",
    withdrawText: "Vous changez d’avis, maintenant ou plus tard\u00a0?",
    withdraw: "Retirer ma signature",
    reason:
      "Vous recevez ce message parce que quelqu’un, sans doute vous, a donné cette adresse e-mail. Si ce n’était pas vous, ne tenez pas compte de ce message\u00a0: rien ne sera montré, rien ne sera compté et les données indiquées seront effacées.",
  },
  reminder: {
    subject: ({ municipality }) => `Pétitions\u00a0: ce qui vous attend (${municipality})`,
    intro: "Voici ce qui attend aujourd’hui dans les pétitions que vous suivez.",
    switches: {
      signing_paused: "les signatures",
      creation_paused: "les nouvelles pétitions",
      mailings_paused: "les envois aux signataires",
    },
    sections: {
      switches_on: ({ shown, since }) => `Suspendu par la commune\u00a0: ${shown}. Le premier depuis le ${since}.`,
      petitions_waiting: ({ shown, since }) =>
        `Pétitions en attente d’une décision\u00a0: ${shown}, la plus ancienne depuis le ${since}.`,
      answers_overdue: ({ shown, since }) =>
        `Réponses et auditions en retard\u00a0: ${shown}, la plus ancienne due depuis le ${since}.`,
      thresholds_unanswered: ({ shown, since }) =>
        `Seuils atteints pour lesquels la commune doit encore agir\u00a0: ${shown}, le plus ancien depuis le ${since}.`,
      alarms: ({ shown, since }) =>
        `Alertes sur des signatures que personne n’a encore examinées\u00a0: ${shown}, la plus ancienne du ${since}.`,
      counts_wrong: ({ shown, since }) =>
        `Décomptes trouvés faux au cours des sept derniers jours\u00a0: ${shown}, le premier le ${since}.`,
      holds_to_review: ({ shown, since }) =>
        `Signatures mises en attente que vous devez examiner\u00a0: ${shown}, la plus ancienne depuis le ${since}.`,
      mailings_in_trouble: ({ shown, since }) =>
        `Envois aux signataires arrêtés ou qui n’ont pas atteint tout le monde\u00a0: ${shown}, le plus ancien du ${since}.`,
      mail_parked: ({ shown, since }) =>
        `Messages qui n’ont pas pu être remis\u00a0: ${shown}, le plus ancien du ${since}.`,
      partner_keys_ending: ({ shown, since }) =>
        `Clés de partenaires qui expirent dans les deux semaines et que rien ne remplace\u00a0: ${shown}, à remplacer depuis le ${since}. Sans elles, les sites des partenaires ne peuvent plus envoyer de signatures.`,
      webhooks_disabled: ({ shown, since }) =>
        `Webhooks de partenaires désactivés parce qu’ils ne fonctionnent plus\u00a0: ${shown}, le premier depuis le ${since}.`,
      dead_letters: ({ shown, since }) =>
        `Données que le service n’a pas pu traiter\u00a0: ${shown}, les plus anciennes du ${since}. Veuillez en informer les personnes qui l’exploitent.`,
      erasures_failing: ({ shown, since }) =>
        `Pétitions dont les données personnelles auraient dû être effacées, ce qui a échoué\u00a0: ${shown}, la plus ancienne depuis le ${since}. Veuillez en informer les personnes qui exploitent le service.`,
    },
    action: "Voir ce qui attend",
    reason:
      "Vous recevez ce message une fois par jour lorsque quelque chose attend, parce que vous suivez des pétitions. Vous pouvez le désactiver dans vos propres réglages du service des pétitions, ou demander à une personne qui l’administre.",
  },
  footer: {
    service: ({ municipality }) => `Service des pétitions\u00a0: ${municipality}`,
    privacy: "Comment nous traitons vos données (protection des données)",
    own: "Voir, corriger ou effacer vos données dans cette pétition",
    contact: ({ contact }) => `Des questions\u00a0? Pour nous joindre\u00a0: ${contact}`,
  },
};
