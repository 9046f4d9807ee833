import { EXAMPLE_PETITION } from "../../../src/http/openapi.ts";
import { coldIsolate } from "../../support/isolate.ts";
import { asStaff } from "../../support/staff.ts";

export const problems = {
  listReconciliations: {
    not_found: () => asStaff(coldIsolate(), "GET", `/reconciliations?petition=${EXAMPLE_PETITION}`),
  },
};
