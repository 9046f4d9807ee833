import { coldIsolate } from "../../support/isolate.ts";
import { asStaff } from "../../support/staff.ts";

export const stages = {
  // The other examples of a file that runs them submit petitions.
  putSwitches: async () => ({
    '"0"': (await asStaff(coldIsolate(), "GET", "/switches")).headers.get("ETag") ?? "",
    '"creation_paused":true': '"creation_paused":false',
  }),
};
