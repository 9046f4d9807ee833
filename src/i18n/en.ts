/** The English words, and the shape that every other language follows (see catalogue.ts). */
export const en = {
  mail: {
    greeting: ({ name }: { name: string }): string => `Hello ${name},`,
    verification: {
      subject: ({ title }: { title: string }): string => `Please confirm your signature: “${title}”`,
      intro: ({ title }: { title: string }): string =>
        `Someone, probably you, signed the petition “${title}” with this e-mail address. One step is missing.`,
      how: "Opening the link is not enough. The signature counts only after you press the button on the page that opens, or type the code.",
      action: "Confirm my signature",
      codeLabel: "Your code:",
      codeHint: "If you prefer, type this code on this page:",
      read: "Read the petition first",
      withdrawText: "Changed your mind, now or later?",
      withdraw: "Withdraw my signature",
      reason:
        "You receive this message because someone, probably you, gave this e-mail address. If it was not you, please ignore this message: nothing counts, and the details given will be deleted.",
    },
    repeat: {
      subject: ({ title }: { title: string }): string => `You have already signed: “${title}”`,
      intro: ({ title }: { title: string }): string =>
        `Someone, probably you, signed the petition “${title}” with this e-mail address again. You have already signed it.`,
      nothingToDo: "You do not need to do anything. Your first signature remains, and each person counts once.",
      action: "Go to the petition",
      withdrawText: "Changed your mind, now or later?",
      withdraw: "Withdraw my signature",
      reason:
        "You receive this message because someone, probably you, gave this e-mail address. If it was not you, please ignore this message: nothing changes, and nothing more is counted.",
    },
    withdrawal: {
      subject: ({ title }: { title: string }): string => `Your signature has been withdrawn: “${title}”`,
      intro: ({ title }: { title: string }): string =>
        `Your signature for the petition “${title}” has been withdrawn. It no longer counts.`,
      deleted: "We have deleted the personal data that belonged to this signature.",
      again: "If you change your mind, you may sign again as long as the petition is open.",
      action: "Go to the petition",
      reason:
        "You receive this message because someone, probably you, used the link for withdrawing that we sent to this e-mail address. If you did not want this, you may sign again.",
    },
    creator: {
      subject: ({ title }: { title: string }): string => `Please confirm your petition: “${title}”`,
      intro: ({ title }: { title: string }): string =>
        `Someone, probably you, submitted the petition “${title}” with this e-mail address. One step is missing.`,
      how: "The petition is not shown to anyone until this address is confirmed. Opening the link is not enough: please press the button on the page that opens, or type the code.",
      next: "After that, your own signature counts and the petition can collect its first supporters.",
      action: "Confirm my petition",
      codeLabel: "Your code:",
      codeHint: "If you prefer, type this code on this page:",
      withdrawText: "Changed your mind, now or later?",
      withdraw: "Withdraw my signature",
      reason:
        "You receive this message because someone, probably you, gave this e-mail address. If it was not you, please ignore this message: nothing is shown, nothing counts, and the details given will be deleted.",
    },
    footer: {
      service: ({ municipality }: { municipality: string }): string => `Petition service: ${municipality}`,
      privacy: "How we handle your data (privacy notice)",
      contact: ({ contact }: { contact: string }): string => `Questions? You can reach us here: ${contact}`,
    },
  },
  pages: {
    common: {
      skip: "Skip to the content",
      service: "Petition service",
      privacy: "Privacy notice",
      contact: "Contact",
      petition: "The petition",
      toPetition: "Go to the petition",
    },
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
      petition_closed: {
        title: "This petition has ended",
        text: "It can no longer be signed. The signatures that were confirmed in time count.",
      },
      unexpected: {
        title: "Something went wrong",
        text: "The fault is on our side. Please try again later. If it happens again, please write to us.",
      },
    },
  },
};
