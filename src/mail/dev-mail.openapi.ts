import type { ApiPart } from "../http/openapi.ts";

/** Local mode's captured mail, listed. */
export const devMailApi = (): ApiPart => ({
  name: "Captured mail",
  description: "Local mode only.",
  operations: [],
  pages: [
    { method: "get", path: "/dev/mail", description: "Local mode only: the mail that would have been sent." },
    {
      method: "get",
      path: "/dev/mail.json",
      description: "Local mode only: the same for programs; `?to=` narrows it.",
    },
    { method: "delete", path: "/dev/mail.json", description: "Local mode only: empties it." },
  ],
});
