import type { supporterPages as English } from "../en/supporter-pages.ts";

/** The French texts of the page behind a petition's supporter link. */
export const supporterPages: typeof English = {
  supporter: {
    invitation:
      "Vous êtes invité(e) à soutenir cette pétition parmi les premières personnes. La commune l’examine dès qu’assez de soutiens ont confirmé. D’ici là, seules les personnes qui ont ce lien peuvent la voir.",
    waiting:
      "La commune examine cette pétition et décide si elle ouvre. D’ici là, vous pouvez encore la soutenir parmi les premières personnes. Seules les personnes qui ont ce lien peuvent la voir.",
    open: "Cette pétition est ouverte\u00a0: tout le monde peut la signer.",
    details: "Autres précisions",
    sign: "Signer cette pétition",
    required: "Les champs sans «\u00a0facultatif\u00a0» sont nécessaires.",
    name: "Votre nom",
    nameHint: "Prénom et nom de famille. Il n’est pas publié.",
    email: "Adresse e-mail",
    emailHint:
      "Nous envoyons un message à cette adresse. Votre signature ne compte qu’une fois que vous l’y avez confirmée.",
    postcode: "Code postal (facultatif)",
    postcodeHint: "Il indique à la commune de quels quartiers viennent les signatures.",
    eligible: ({ municipality }) =>
      `J’ai le droit de signer des pétitions adressées à cette commune\u00a0: ${municipality}.`,
    updates: "Envoyez-moi un message quand il y a du nouveau sur cette pétition (facultatif).",
    button: "Signer",
    sentTitle: "Veuillez consulter votre boîte aux lettres",
    sent: "Un message est en route vers l’adresse que vous avez indiquée. Votre signature ne compte qu’une fois confirmée par le lien ou le code de ce message.",
    sentHint:
      "Toujours rien après quelques minutes\u00a0? Regardez dans le dossier des messages indésirables, ou signez de nouveau\u00a0: vous ne comptez qu’une fois.",
    back: "Retour à la pétition",
    fullTitle: "Cette pétition a tous ses premiers soutiens",
    full: "Merci de votre intérêt. Autant de personnes que possible ont confirmé avant l’ouverture de la pétition. Dès qu’elle est ouverte, tout le monde peut la signer, aussi par ce lien.",
    endedTitle: "Cette pétition ne peut plus être signée",
    ended: "Elle est terminée, ou la commune ne l’a pas acceptée.",
    problem: "Veuillez vérifier",
    problems: {
      name: "Veuillez indiquer votre nom, sur une ligne et sans lien.",
      email: "Veuillez indiquer une adresse e-mail complète et correcte.",
      postcode:
        "Veuillez indiquer un code postal d’au plus 16 lettres, chiffres, espaces et traits d’union, ou n’en indiquer aucun.",
      eligible: "Veuillez confirmer que vous avez le droit de signer.",
      unknown: "Quelque chose dans le formulaire n’est pas comme prévu. Veuillez le remplir de nouveau.",
    },
  },
};
