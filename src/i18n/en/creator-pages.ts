/** What a creator reads on the page of their own petition, in English. */
export const creatorPages = {
  creator: {
    title: "Your petition",
    secret: "Keep the address of this page to yourself: whoever has it can change the petition.",
    next: "What happens next",
    states: {
      draft: "Not shown yet",
      gathering: "Collecting its first supporters",
      moderation: "With the municipality",
      accepted: "Accepted, not open yet",
      changes_requested: "Changes are asked for",
      open: "Open for signatures",
      closed: "Ended",
      stopped: "Stopped",
      rejected: "Not accepted",
      hidden: "Not accepted",
    },
    draft:
      "Nobody else can see the petition yet. If you have not confirmed it, please press the button on the page behind our message, or type the code. If you have, there is nothing for you to do: we write to you when it goes on.",
    gathering: ({ count, shown }: { count: number; shown: string }): string =>
      count === 1
        ? "As soon as 1 supporter has confirmed, the municipality looks at your petition. We write to you then."
        : `As soon as ${shown} supporters have confirmed, the municipality looks at your petition. We write to you then.`,
    unsigned:
      "Your own signature does not count at present, and the petition needs it too. You may sign with the link below.",
    moderation:
      "The municipality looks at your petition and decides whether it opens. We write to you then. The text cannot be changed meanwhile.",
    accepted: ({ shown }: { shown: string }): string => `The petition opens on ${shown}. We write to you then.`,
    changes_requested:
      "Please change the text below and send it in again. The municipality then looks at it once more.",
    open: ({ shown }: { shown: string }): string => `Everybody may sign your petition until ${shown}.`,
    closed: "Nobody can sign any more. What the municipality says to the petition will be shown with it.",
    stopped: "The petition was ended early, and nobody can sign any more.",
    rejected: "The municipality does not open the petition. It is shown with this reason:",
    hidden: "The municipality does not open the petition, and does not show it. This is the reason:",
    progress: ({ count, shown, name }: { count: number; shown: string; name: string }): string =>
      count === 1 ? `1 of ${name} supporters has confirmed.` : `${shown} of ${name} supporters have confirmed.`,
    share: "The link for your supporters",
    shareHint: ({ shown }: { shown: string }): string =>
      `Send it to people who support you. Up to ${shown} of them may confirm before the petition opens.`,
    message: "What the municipality asks you to change",
    edit: "Change the text",
    titleLabel: "Title",
    titleHint: "What the petition asks for, in at most 100 characters",
    background: "Background",
    backgroundHint: "Why, in at most 500 characters",
    details: "Further details (optional)",
    detailsHint: "At most 1,000 characters",
    save: "Save the text",
    resubmit: "Save and send in again",
    resubmitHint: "Once it is sent in, the text cannot be changed while the municipality looks at it.",
    stop: "Stop the petition",
    stopHint:
      "It then ends at once, and you cannot open it again. The signatures remain. The municipality reads your reason.",
    reason: "Why do you stop it?",
    reasonHint: "At most 1,000 characters",
    stopButton: "Stop the petition now",
    done: {
      saved: "The text is saved.",
      sent: "The petition is sent in again.",
      stopped: "The petition is stopped.",
    },
    problem: "Please check",
    problems: {
      title: "The title needs 1 to 100 characters in one line, and does not begin with = + - or @.",
      background: "The background needs 1 to 500 characters.",
      details: "The details have at most 1,000 characters.",
      reason: "Please give a reason of 1 to 1,000 characters.",
      unknown: "Something in the form is not as expected. Please fill it in again.",
      moved:
        "This is not possible any more, because the petition has moved on. You see below where it stands now. Nothing was changed.",
    },
  },
};
