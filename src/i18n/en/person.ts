/** What people read on the pages about their data, in English. */
export const personPages = {
  person: {
    title: "Your data in this petition",
    hidden: "The petition is not shown at the moment.",
    digests: ({ count }: { count: number }) =>
      `Your address and name, your postcode, the address and network of your computer and your mail domain are also held as keyed digests, by which we recognise repetitions. Nobody can read them back. Those of your computer are deleted after ${count} days.`,
    keptOpen: "Your data is erased some months after the petition has ended; the privacy notice says when.",
    download: "Download as a file (JSON)",
    correctTitle: "Correct my name",
    name: "Your name",
    nameHint: "First name and surname. Your signature counts as before.",
    correct: "Correct my name",
    eraseTitle: "Erase my data",
    eraseText:
      "As long as the count is not final, your signature goes too and no longer counts; you may then sign again. After that, your signature still counts, without your name and address.",
    eraseCreator: "You created this petition. It remains; only your name and address disappear from it.",
    erase: "Erase my data",
    corrected: "Your name has been corrected.",
    erased: "Your data has been erased.",
    name_taken:
      "Someone else with this e-mail address has already signed under this name. If both are you, please withdraw one of the two signatures.",
    name_fixed: "Your name has been corrected as often as is possible here. Please write to us.",
    nameFlaw: "Please give your name, in one line and without links.",
    nothingTitle: "We hold no data about you here",
    nothing:
      "For this petition we hold no personal data about you, or not any more. A keyed digest that nobody can read back may remain, so that nobody is counted twice.",
    requestTitle: "Get the link to your data",
    request: "We send a message with the link to the address, if we hold anything about it for this petition.",
    requestHint: "The address with which you signed",
    requestButton: "Send me the link",
    sentTitle: "Please look into your mailbox",
    sent: "If we hold anything about this address for this petition, a message with the link is on its way. Nothing there? Then there is nothing, or a message was sent within the last hour.",
    yes: "yes",
    no: "no",
    states: {
      pending: "not confirmed yet",
      verified: "confirmed",
      creator: "you created this petition",
      supporter: "first supporter",
    },
    labels: {
      name: "Name",
      email: "E-mail address",
      postcode: "Postcode",
      country: "Country",
      state: "Signature",
      submitted: "Sent",
      repeated: "Sent again",
      verified: "Confirmed",
      updates: "Wants news",
      language: "Language",
      area: "Area",
      channel: "Came by",
      partner: "Partner organisation",
      reference: "Partner's own number",
      consent: "Agreed that the partner gets name and address, version",
      role: "Role",
      privacy: "Privacy notice seen, version",
      eligibility: "Statement made, version",
      operator: "Network operator (ASN)",
      trouble: "Trouble with mail",
      kept: "Kept until",
      id: "Signature number",
      submission: "Submission number",
    },
  },
};

/** What the mail with the links to a person's data says, in English. */
export const personMail = {
  personLinks: {
    subject: ({ title }: { title: string }): string => `Your data: “${title}”`,
    intro: ({ title }: { title: string }): string =>
      `Someone, probably you, asked for the link to what we hold about you in the petition “${title}”.`,
    link: ({ name }: { name: string }): string => `See, correct or erase: ${name}`,
    keep: "Each link works until the data is erased. Please do not pass this message on: whoever has a link can see and erase the data.",
    reason:
      "You receive this message because someone, probably you, gave this e-mail address on our page. If it was not you, please ignore this message: nothing changes.",
  },
};
