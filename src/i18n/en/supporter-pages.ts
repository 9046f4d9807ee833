/** What supporters read on the page behind a petition's supporter link, in English. */
export const supporterPages = {
  supporter: {
    invitation:
      "You are invited to be one of the first supporters of this petition. The municipality looks at it as soon as enough supporters have confirmed. Until then only people with this link can see it.",
    waiting:
      "The municipality looks at this petition and decides whether it opens. Until then you may still be one of its first supporters. Only people with this link can see it.",
    open: "This petition is open: everybody may sign it.",
    details: "Further details",
    sign: "Sign this petition",
    required: "Fields without “optional” are needed.",
    name: "Your name",
    nameHint: "First name and surname. It is not published.",
    email: "E-mail address",
    emailHint: "We send a message to this address. Your signature counts only after you confirm it there.",
    postcode: "Postcode (optional)",
    postcodeHint: "It tells the municipality from which parts of town the signatures come.",
    eligible: ({ municipality }: { municipality: string }): string =>
      `I am entitled to sign petitions to this municipality: ${municipality}.`,
    updates: "Send me a message when there is news about this petition (optional).",
    button: "Sign",
    sentTitle: "Please look into your mailbox",
    sent: "A message is on its way to the address that you gave. Your signature counts only after you confirm it with the link or the code in that message.",
    sentHint:
      "Nothing there after a few minutes? Please look into the folder for unwanted messages, or sign again: you count only once.",
    back: "Back to the petition",
    fullTitle: "This petition has all its first supporters",
    full: "Thank you for your interest. As many people as possible have confirmed before the petition opens. Once it is open, everybody may sign it, also with this link.",
    endedTitle: "This petition can no longer be signed",
    ended: "It has ended, or the municipality has not accepted it.",
    problem: "Please check",
    problems: {
      name: "Please give your name, in one line and without links.",
      email: "Please give an e-mail address that is complete and correct.",
      postcode: "Please give a postcode of at most 16 letters, digits, spaces and hyphens, or none.",
      eligible: "Please confirm that you are entitled to sign.",
      unknown: "Something in the form is not as expected. Please fill it in again.",
    },
  },
};
