import type { Catalogue } from "./catalogue.ts";

/** The French texts. \u00a0 is the no-break space that French sets before : ; ? and inside « ». */
export const fr: Catalogue = {
  mail: {
    greeting: ({ name }) => `Bonjour ${name},`,
    verification: {
      subject: ({ title }) => `Veuillez confirmer votre signature\u00a0: «\u00a0${title}\u00a0»`,
      intro: ({ title }) =>
        `Quelqu’un, sans doute vous, a signé la pétition «\u00a0${title}\u00a0» avec cette adresse e-mail. Il reste une étape.`,
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
    footer: {
      service: ({ municipality }) => `Service des pétitions\u00a0: ${municipality}`,
      privacy: "Comment nous traitons vos données (protection des données)",
      contact: ({ contact }) => `Des questions\u00a0? Pour nous joindre\u00a0: ${contact}`,
    },
  },
  pages: {
    common: {
      skip: "Aller au contenu",
      service: "Service des pétitions",
      privacy: "Protection des données",
      contact: "Contact",
      petition: "La pétition",
      toPetition: "Aller à la pétition",
    },
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
      petition_closed: {
        title: "Cette pétition est terminée",
        text: "Elle ne peut plus être signée. Les signatures confirmées à temps comptent.",
      },
      unexpected: {
        title: "Une erreur s’est produite",
        text: "La faute est de notre côté. Veuillez réessayer plus tard. Si cela se reproduit, écrivez-nous.",
      },
    },
  },
};
