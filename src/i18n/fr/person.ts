import type { personPages as English, personMail as EnglishMail } from "../en/person.ts";

/** What people read on the pages about their data, in French. */
export const personPages: typeof English = {
  person: {
    title: "Vos données dans cette pétition",
    hidden: "La pétition n’est pas affichée actuellement.",
    digests: ({ count }) =>
      `Votre adresse e-mail et votre nom, votre code postal, l’adresse et le réseau de votre ordinateur et le domaine de votre adresse sont aussi conservés sous forme d’empreintes chiffrées, qui nous servent à reconnaître les répétitions. Personne ne peut les relire. Celles de votre ordinateur sont effacées après ${count} jours.`,
    keptOpen:
      "Vos données sont effacées quelques mois après la fin de la pétition\u00a0; la notice sur la protection des données précise quand.",
    download: "Télécharger le fichier (JSON)",
    correctTitle: "Corriger mon nom",
    name: "Votre nom",
    nameHint: "Prénom et nom. Votre signature compte comme avant.",
    correct: "Corriger mon nom",
    eraseTitle: "Effacer mes données",
    eraseText:
      "Tant que le décompte n’est pas définitif, votre signature disparaît aussi et ne compte plus\u00a0; vous pouvez alors signer de nouveau. Ensuite, votre signature compte encore, sans votre nom ni votre adresse.",
    eraseCreator: "Vous avez déposé cette pétition. Elle reste\u00a0; seuls votre nom et votre adresse disparaissent.",
    erase: "Effacer mes données",
    corrected: "Votre nom est corrigé.",
    erased: "Vos données sont effacées.",
    name_taken:
      "Quelqu’un d’autre a déjà signé sous ce nom avec cette adresse e-mail. Si les deux signatures sont de vous, veuillez en retirer une.",
    name_fixed: "Votre nom a été corrigé autant de fois que possible ici. Veuillez nous écrire.",
    nameFlaw: "Veuillez indiquer votre nom, sur une ligne et sans lien.",
    nothingTitle: "Nous n’avons pas de données sur vous ici",
    nothing:
      "Pour cette pétition, nous n’avons pas ou plus de données personnelles sur vous. Une empreinte chiffrée que personne ne peut relire peut subsister, pour que personne ne compte deux fois.",
    requestTitle: "Obtenir le lien vers vos données",
    request:
      "Nous envoyons un message avec le lien à l’adresse, si nous conservons quelque chose à son sujet pour cette pétition.",
    requestHint: "L’adresse avec laquelle vous avez signé",
    requestButton: "Envoyer le lien",
    sentTitle: "Veuillez regarder votre boîte aux lettres",
    sent: "Si nous conservons quelque chose sur cette adresse pour cette pétition, un message avec le lien est en route. Rien n’arrive\u00a0? Alors il n’y a rien, ou un message est déjà parti au cours de la dernière heure.",
    yes: "oui",
    no: "non",
    states: {
      pending: "pas encore confirmée",
      verified: "confirmée",
      creator: "vous avez déposé cette pétition",
      supporter: "premier soutien",
    },
    labels: {
      name: "Nom",
      email: "Adresse e-mail",
      postcode: "Code postal",
      country: "Pays",
      state: "Signature",
      submitted: "Envoyée",
      repeated: "Renvoyée",
      verified: "Confirmée",
      updates: "Souhaite des nouvelles",
      language: "Langue",
      area: "Secteur",
      channel: "Venue par",
      partner: "Organisation partenaire",
      reference: "Numéro chez l’organisation partenaire",
      consent: "D’accord pour que l’organisation partenaire reçoive nom et adresse, version",
      role: "Rôle",
      privacy: "Notice de protection des données vue, version",
      eligibility: "Déclaration faite, version",
      operator: "Opérateur du réseau (ASN)",
      trouble: "Problème d’e-mail",
      kept: "Conservées jusqu’au",
      id: "Numéro de la signature",
      submission: "Numéro de l’envoi",
    },
  },
};

/** What the mail with the links to a person's data says, in French. */
export const personMail: typeof EnglishMail = {
  personLinks: {
    subject: ({ title }) => `Vos données\u00a0: «\u00a0${title}\u00a0»`,
    intro: ({ title }) =>
      `Quelqu’un, sans doute vous, a demandé le lien vers ce que nous conservons sur vous dans la pétition «\u00a0${title}\u00a0».`,
    link: ({ name }) => `Voir, corriger ou effacer\u00a0: ${name}`,
    keep: "Chaque lien fonctionne jusqu’à l’effacement des données. Ne transmettez pas ce message\u00a0: quiconque a un lien peut voir et effacer les données.",
    reason:
      "Vous recevez ce message parce que quelqu’un, sans doute vous, a donné cette adresse e-mail sur notre page. Si ce n’était pas vous, ne tenez pas compte de ce message\u00a0: rien ne change.",
  },
};
