import type { pages as English } from "../en/pages.ts";

/** The French texts of pages. */
export const pages: typeof English = {
  common: {
    skip: "Aller au contenu",
    service: "Service des pétitions",
    privacy: "Protection des données",
    contact: "Contact",
    petition: "La pétition",
    toPetition: "Aller à la pétition",
    test: "Ceci est un essai. Rien n’est compté.",
  },
  hiddenTitle: "Une pétition qui n’est pas affichée",
  partnerConsent: ({ municipality }: { municipality: string }): string =>
    `J’accepte que mon nom et mes réponses soient transmis aussi à l’organisation sur la page de laquelle je signe, et pas seulement à la commune : ${municipality}.`,
  verify: {
    title: "Confirmer votre signature",
    nothingYet: "Rien ne s’est encore passé. Votre signature ne compte que lorsque vous appuyez sur le bouton.",
    button: "Confirmer ma signature",
    notYou: "Ce n’est pas vous qui avez signé\u00a0? Fermez simplement cette page. Rien ne sera compté.",
  },
  verified: {
    title: "Merci. Votre signature compte.",
    text: "Vous n’avez plus rien à faire.",
    count: ({ count, shown }) => {
      if (count === 0) return "Le nombre de signatures est indiqué avec la pétition.";
      return count === 1
        ? "Jusqu’à présent, 1 personne a signé cette pétition."
        : `Jusqu’à présent, ${shown} personnes ont signé cette pétition.`;
    },
    creatorTitle: "Merci. Votre pétition est confirmée.",
    creatorText:
      "La pétition peut maintenant réunir ses premiers soutiens. Dès qu’ils sont assez nombreux à avoir confirmé, nous l’examinons.",
    creatorAtOnce: "La commune l’examine maintenant. Nous vous écrivons quand il est décidé si elle ouvre.",
    supporterTitle: "Merci. Vous êtes parmi les premiers soutiens.",
    supporterText:
      "Votre signature compte. Dès qu’assez de soutiens ont confirmé, la commune examine la pétition. Vous n’avez plus rien à faire.",
    toOwnPage: "Vers la page de ma pétition",
  },
  withdraw: {
    title: "Retirer votre signature",
    nothingYet: "Rien ne s’est encore passé. Votre signature n’est retirée que lorsque vous appuyez sur le bouton.",
    consequence:
      "Votre signature ne comptera plus et nous effacerons les données personnelles qui y sont liées. Vous pourrez signer de nouveau tant que la pétition est ouverte.",
    button: "Retirer ma signature",
    keep: "Vous voulez garder votre signature\u00a0? Fermez simplement cette page.",
  },
  withdrawn: {
    title: "Votre signature est retirée",
    text: "Elle ne compte plus et les données personnelles qui y sont liées sont effacées.",
    again: "Si vous changez d’avis, vous pouvez signer de nouveau tant que la pétition est ouverte.",
  },
  code: {
    title: "Confirmer avec votre code",
    text: "Saisissez l’adresse e-mail avec laquelle vous avez signé et le code de notre message. Votre signature compte une fois que vous avez appuyé sur le bouton.",
    email: "Adresse e-mail",
    code: "Code",
    codeHint: "Six chiffres, dans le message que nous vous avons envoyé",
    button: "Confirmer ma signature",
    problem: "Veuillez vérifier",
  },
  missing: {
    title: "Cette pétition ne peut pas être affichée",
    text: "Le lien mène à une pétition qui n’est pas publique, ou pas encore. Veuillez réessayer plus tard.",
  },
  problems: {
    link_invalid: {
      title: "Ce lien ne fonctionne pas",
      text: "Le lien est peut-être incomplet ou trop ancien. Veuillez copier le lien entier de notre message. S’il ne fonctionne toujours pas, vous pouvez signer la pétition de nouveau.",
    },
    verification_closed: {
      title: "Le délai de confirmation est passé",
      text: "La pétition est terminée et ses signatures ne peuvent plus être confirmées.",
    },
    signature_withdrawn: {
      title: "Cette signature a été retirée",
      text: "Elle ne compte pas et ses données personnelles sont effacées. Vous pouvez signer de nouveau tant que la pétition est ouverte.",
    },
    signature_gone: {
      title: "Cette signature n’existe plus",
      text: "Les signatures qui ne sont pas confirmées sont effacées après un certain temps. Vous pouvez signer de nouveau tant que la pétition est ouverte.",
    },
    code_invalid: {
      title: "Le code n’a pas pu être utilisé",
      text: "L’adresse e-mail et le code ne vont pas ensemble. Veuillez vérifier les deux. Après plusieurs essais, un code n’est plus valable. Le lien de notre message fonctionne alors encore.",
    },
    rate_limited: {
      title: "Trop d’essais",
      text: "Veuillez attendre quelques minutes, puis réessayer. Rien n’est perdu.",
    },
    unavailable: {
      title: "Veuillez réessayer un peu plus tard",
      text: "Ce n’est pas possible pour le moment. Rien n’est perdu, et le lien de notre message fonctionne toujours.",
    },
    supporters_full: {
      title: "Merci. Les places des premiers soutiens sont prises.",
      text: "Autant de personnes que possible ont confirmé avant l’ouverture de cette pétition\u00a0; elle n’a donc pas besoin de votre signature pour être examinée. Dès qu’elle est ouverte, ce lien confirme votre signature, ou vous pouvez signer de nouveau.",
    },
    petition_closed: {
      title: "Cette pétition est terminée",
      text: "Elle ne peut plus être signée. Les signatures confirmées à temps comptent.",
    },
    signing_paused: {
      title: "Les signatures sont suspendues",
      text: "La commune a suspendu les signatures pour quelque temps. Rien n’est perdu : veuillez revenir plus tard. Aucune pétition ne prend fin entre-temps, et le délai est prolongé des jours de suspension. Les signatures déjà données peuvent encore être confirmées.",
    },
    unexpected: {
      title: "Une erreur s’est produite",
      text: "La faute est de notre côté. Veuillez réessayer plus tard. Si cela se reproduit, écrivez-nous.",
    },
  },
};
