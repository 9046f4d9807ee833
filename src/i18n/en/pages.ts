/** What residents read on the pages behind the links in mails, in English. */
export const pages = {
  common: {
    skip: "Skip to the content",
    service: "Petition service",
    privacy: "Privacy notice",
    contact: "Contact",
    petition: "The petition",
    toPetition: "Go to the petition",
    test: "This is a test. Nothing is counted.",
  },
  hiddenTitle: "A petition that is not shown",
  partnerConsent: ({ municipality }: { municipality: string }): string =>
    `I agree that my name and my answers are passed on to the organisation on whose page I sign, and not only to the municipality: ${municipality}.`,
  verify: {
    title: "Confirm your signature",
    nothingYet: "Nothing has happened yet. Your signature counts only after you press the button.",
    button: "Confirm my signature",
    notYou: "Was it not you who signed? Then simply close this page. Nothing will be counted.",
  },
  verified: {
    title: "Thank you. Your signature counts.",
    text: "There is nothing more for you to do.",
    count: ({ count, shown }: { count: number; shown: string }): string => {
      if (count === 0) return "The number of signatures is shown with the petition.";
      return count === 1
        ? "So far, 1 person has signed this petition."
        : `So far, ${shown} people have signed this petition.`;
    },
    creatorTitle: "Thank you. Your petition is confirmed.",
    creatorText:
      "The petition can now collect its first supporters. As soon as enough of them have confirmed, we look at it.",
    creatorAtOnce: "The municipality looks at it now. We write to you when it is decided whether it opens.",
    supporterTitle: "Thank you. You are one of the first supporters.",
    supporterText:
      "Your signature counts. As soon as enough supporters have confirmed, the municipality looks at the petition. There is nothing more for you to do.",
    toOwnPage: "To my petition's page",
  },
  withdraw: {
    title: "Withdraw your signature",
    nothingYet: "Nothing has happened yet. Your signature is withdrawn only after you press the button.",
    consequence:
      "Your signature then no longer counts, and we delete its personal data. You may sign again as long as the petition is open.",
    button: "Withdraw my signature",
    keep: "Do you want to keep your signature? Then simply close this page.",
  },
  withdrawn: {
    title: "Your signature has been withdrawn",
    text: "It no longer counts, and its personal data has been deleted.",
    again: "If you change your mind, you may sign again as long as the petition is open.",
  },
  code: {
    title: "Confirm with your code",
    text: "Type the e-mail address with which you signed and the code from our message. Your signature counts after you press the button.",
    email: "E-mail address",
    code: "Code",
    codeHint: "Six digits, from our message to you",
    button: "Confirm my signature",
    problem: "Please check",
  },
  missing: {
    title: "This petition cannot be shown",
    text: "The link leads to a petition that is not public, or not yet. Please try again later.",
  },
  problems: {
    link_invalid: {
      title: "This link does not work",
      text: "The link may be incomplete or too old. Please copy the whole link from our message. If it still does not work, you may sign the petition again.",
    },
    verification_closed: {
      title: "The time for confirming is over",
      text: "The petition has ended, and signatures for it can no longer be confirmed.",
    },
    signature_withdrawn: {
      title: "This signature has been withdrawn",
      text: "It does not count, and its personal data has been deleted. You may sign again as long as the petition is open.",
    },
    signature_gone: {
      title: "This signature is no longer here",
      text: "Signatures that are not confirmed are deleted after some time. You may sign again as long as the petition is open.",
    },
    code_invalid: {
      title: "The code could not be used",
      text: "The e-mail address and the code do not go together. Please check both. After several tries a code stops working. The link in our message still works then.",
    },
    rate_limited: {
      title: "Too many tries",
      text: "Please wait a few minutes and then try again. Nothing is lost.",
    },
    unavailable: {
      title: "Please try again a little later",
      text: "We cannot do this at the moment. Nothing is lost, and the link in our message still works.",
    },
    supporters_full: {
      title: "Thank you. The places of the first supporters are taken.",
      text: "As many people as possible have confirmed before this petition opens, so it does not need your signature to be looked at. Once it is open, this link confirms your signature, or you may sign again.",
    },
    petition_closed: {
      title: "This petition has ended",
      text: "It can no longer be signed. The signatures that were confirmed in time count.",
    },
    signing_paused: {
      title: "Signing is paused",
      text: "The municipality has paused signing for a while. Nothing is lost: please come back later. No petition closes in the meantime, and the time for signing becomes longer by the days of the pause. Signatures that were given before can still be confirmed.",
    },
    unexpected: {
      title: "Something went wrong",
      text: "The fault is on our side. Please try again later. If it happens again, please write to us.",
    },
  },
};
