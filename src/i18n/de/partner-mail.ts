import type { partnerMail as English } from "../en/partner-mail.ts";

/** Mails to partner organisations, in German. */
export const partnerMail: typeof English = {
  webhookDisabled: {
    subject: ({ host }) => `Ihr Webhook ist abgeschaltet: ${host}`,
    failing: ({ host, since }) =>
      `Nachrichten an Ihren Webhook auf ${host} sind einen ganzen Tag lang fehlgeschlagen, zuletzt am ${since}. Er erhält keine weiteren.`,
    gone: ({ host, since }) =>
      `Ihr Webhook auf ${host} hat am ${since} geantwortet, dass es ihn nicht mehr gibt (410). Er erhält keine weiteren Nachrichten.`,
    next: ({ path }) =>
      `Was von jetzt an geschieht, bleibt 30 Tage aufgehoben. Wenn der Webhook wieder läuft, schalten Sie ihn mit POST ${path} ein; dann erhält er alles, was er verpasst hat. Wenn Sie ihn nicht mehr brauchen, löschen Sie ihn bitte.`,
    reason:
      "Sie erhalten diese Nachricht, weil diese Adresse als Kontakt einer Partnerorganisation des Petitionsdienstes angegeben ist.",
  },
};
