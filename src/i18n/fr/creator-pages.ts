import type { creatorPages as English } from "../en/creator-pages.ts";

/** The French texts of the page on which a creator sees their own petition. */
export const creatorPages: typeof English = {
  creator: {
    title: "Votre pétition",
    secret: "Gardez pour vous l’adresse de cette page\u00a0: quiconque l’a peut modifier la pétition.",
    next: "La suite",
    states: {
      draft: "Pas encore visible",
      gathering: "Réunit ses premiers soutiens",
      moderation: "À l’examen par la commune",
      accepted: "Acceptée, pas encore ouverte",
      changes_requested: "Des modifications sont demandées",
      open: "Ouverte aux signatures",
      closed: "Terminée",
      stopped: "Arrêtée",
      rejected: "Pas acceptée",
      hidden: "Pas acceptée",
    },
    draft:
      "Personne d’autre ne peut encore voir la pétition. Si vous ne l’avez pas confirmée, veuillez appuyer sur le bouton de la page à laquelle mène notre message, ou saisir le code. Si vous l’avez fait, vous n’avez rien à faire\u00a0: nous vous écrivons quand il y a du nouveau.",
    gathering: ({ count, shown }) =>
      count === 1
        ? "Dès que 1 personne a confirmé son soutien, la commune examine votre pétition. Nous vous écrivons alors."
        : `Dès que ${shown} personnes ont confirmé leur soutien, la commune examine votre pétition. Nous vous écrivons alors.`,
    unsigned:
      "Votre propre signature ne compte pas actuellement, et la pétition en a besoin aussi. Vous pouvez signer par le lien ci-dessous.",
    moderation:
      "La commune examine votre pétition et décide si elle ouvre. Nous vous écrivons alors. Le texte ne peut pas être modifié entre-temps.",
    accepted: ({ shown }) => `La pétition ouvre le ${shown}. Nous vous écrivons alors.`,
    changes_requested:
      "Veuillez modifier le texte ci-dessous et le déposer de nouveau. La commune l’examine alors encore une fois.",
    open: ({ shown }) => `Tout le monde peut signer votre pétition jusqu’au ${shown}.`,
    closed: "Plus personne ne peut signer. Ce que la commune répond à la pétition sera affiché avec elle.",
    stopped: "La pétition a été arrêtée avant son terme, et plus personne ne peut signer.",
    rejected: "La commune n’ouvre pas la pétition. Elle est affichée avec ce motif\u00a0:",
    hidden: "La commune n’ouvre pas la pétition et ne l’affiche pas. Voici le motif\u00a0:",
    progress: ({ count, shown, name }) =>
      count === 1 ? `1 soutien sur ${name} est confirmé.` : `${shown} soutiens sur ${name} sont confirmés.`,
    share: "Le lien pour vos soutiens",
    shareHint: ({ shown }) =>
      `Envoyez-le aux personnes qui vous soutiennent. Jusqu’à ${shown} d’entre elles peuvent confirmer avant l’ouverture de la pétition.`,
    message: "Ce que la commune vous demande de modifier",
    edit: "Modifier le texte",
    titleLabel: "Titre",
    titleHint: "Ce que la pétition demande, en 100 caractères au plus",
    background: "Motivation",
    backgroundHint: "Pourquoi, en 500 caractères au plus",
    details: "Autres précisions (facultatif)",
    detailsHint: "1\u00a0000 caractères au plus",
    save: "Enregistrer le texte",
    resubmit: "Enregistrer et déposer de nouveau",
    resubmitHint: "Une fois la pétition déposée, le texte ne peut pas être modifié pendant que la commune l’examine.",
    stop: "Arrêter la pétition",
    stopHint:
      "Elle se termine alors aussitôt, et vous ne pouvez pas la rouvrir. Les signatures restent. La commune lit votre raison.",
    reason: "Pourquoi l’arrêtez-vous\u00a0?",
    reasonHint: "1\u00a0000 caractères au plus",
    stopButton: "Arrêter la pétition maintenant",
    done: {
      saved: "Le texte est enregistré.",
      sent: "La pétition est déposée de nouveau.",
      stopped: "La pétition est arrêtée.",
    },
    problem: "Veuillez vérifier",
    problems: {
      title: "Le titre doit avoir de 1 à 100 caractères sur une ligne et ne pas commencer par = + - ou @.",
      background: "La motivation doit avoir de 1 à 500 caractères.",
      details: "Les précisions ont 1\u00a0000 caractères au plus.",
      reason: "Veuillez indiquer une raison de 1 à 1\u00a0000 caractères.",
      unknown: "Quelque chose dans le formulaire n’est pas comme prévu. Veuillez le remplir de nouveau.",
      moved:
        "Ce n’est plus possible, parce que la pétition a avancé. Vous voyez ci-dessous où elle en est. Rien n’a été modifié.",
    },
  },
};
