import type { mail as English } from "../en/integrity.ts";

/** What staff read in mails about the counts, in French. */
export const mail: typeof English = {
  tallyDifference: {
    subject: ({ title }) => `Un décompte a été vérifié et était faux\u00a0: «\u00a0${title}\u00a0»`,
    repaired: ({ title }) =>
      `Toutes les signatures de la pétition «\u00a0${title}\u00a0» ont été recomptées deux fois. Les nombres enregistrés n’y correspondaient pas et ont été rectifiés.`,
    unsettled: ({ title }) =>
      `Toutes les signatures de la pétition «\u00a0${title}\u00a0» ont été recomptées plusieurs fois. Les nombres enregistrés n’y correspondent pas, et l’écart change d’un décompte à l’autre. Rien n’a été modifié.`,
    total: ({ before, after }) =>
      `Signatures confirmées\u00a0: ${before} jusqu’ici, ${after} selon le nouveau décompte.`,
    others:
      "Le nombre de signatures confirmées était juste\u00a0; d’autres nombres, par exemple par quartier ou par jour, ne l’étaient pas.",
    repairedNext:
      "La collecte n’a pas été interrompue et aucune signature n’a été modifiée. Si vous avez publié l’un des anciens nombres, rectifiez-le. Le rapport public d’intégrité de la pétition indique le jour de la rectification.",
    unsettledNext:
      "Ne publiez aucun nombre de cette pétition tant que les responsables du service ne l’ont pas examinée. Un nouveau décompte aura lieu demain.",
    action: "Voir ce qui a été constaté",
    reason: "Vous recevez ce message parce que vous modérez des pétitions.",
  },
  alarm: {
    subject: ({ title }) => `Les signatures de «\u00a0${title}\u00a0» présentent une anomalie`,
    intro: ({ title }) =>
      `Les signatures de la pétition «\u00a0${title}\u00a0» présentent une anomalie. Ce sont peut-être des personnes, peut-être une machine\u00a0: veuillez vérifier.`,
    kinds: {
      surge: ({ shown, expected }) =>
        `Bien plus de signatures que d’habitude en une heure\u00a0: ${shown}. On en attendait environ ${expected}.`,
      night: ({ shown, expected }) =>
        `Bien plus de signatures que d’habitude en une nuit\u00a0: ${shown}. On en attendait environ ${expected}.`,
      network: ({ shown, of }) => `Un nombre inhabituel vient d’un même réseau\u00a0: ${shown} signatures sur ${of}.`,
      domain: ({ shown, of }) =>
        `Un nombre inhabituel porte une adresse e-mail d’un même domaine\u00a0: ${shown} signatures sur ${of}.`,
      area: ({ shown, of }) => `Un nombre inhabituel vient d’un même quartier\u00a0: ${shown} signatures sur ${of}.`,
      channel: ({ shown, of }) => `Un nombre inhabituel vient d’un même canal\u00a0: ${shown} signatures sur ${of}.`,
      unverified: ({ shown, of }) =>
        `Un nombre inhabituel n’a été confirmé par personne en un jour\u00a0: ${shown} signatures sur ${of}. Elles ne sont pas comptées.`,
      withdrawals: ({ shown }) => `Un nombre inhabituel de personnes ont retiré leur signature\u00a0: ${shown}.`,
    },
    when: ({ from, to }) => `Entre ${from} et ${to}.`,
    next: "Une alerte ne change rien, et les signatures comptent. La page ci-dessous contient un filtre qui permet d’essayer ce que changerait leur retrait. Une école, un journal ou une lettre d’information peuvent produire le même effet.",
    action: "Voir l’alerte",
    reason: "Vous recevez ce message parce que vous modérez des pétitions.",
  },
};
