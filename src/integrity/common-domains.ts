/** Mail providers of which any petition's signers have a large share. */
export const COMMON_DOMAINS = [
  ...["gmail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "icloud.com", "me.com", "aol.com"],
  ...["proton.me", "protonmail.com", "hotmail.co.uk", "yahoo.co.uk", "btinternet.com", "sky.com", "virginmedia.com"],
  ...[
    "gmx.de",
    "gmx.net",
    "gmx.at",
    "gmx.ch",
    "web.de",
    "t-online.de",
    "freenet.de",
    "posteo.de",
    "bluewin.ch",
    "a1.net",
  ],
  ...["orange.fr", "free.fr", "wanadoo.fr", "sfr.fr", "laposte.net", "hotmail.fr", "yahoo.fr", "outlook.fr", "live.fr"],
] as const;
