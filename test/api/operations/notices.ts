import { coldIsolate, faultyDatabase } from "../../support/isolate.ts";
import { asStaff } from "../../support/staff.ts";

const isolate = coldIsolate();
const down = () => coldIsolate({ DB: faultyDatabase(() => true) });

/** What the `If-Match` of the example must be now. */
const newest = async () => ({
  '"1"': (await asStaff(isolate, "GET", "/notices/eligibility")).headers.get("ETag") ?? "",
});

export const stages = { publishNotice: newest };

export const problems = {
  listNotices: { unavailable: () => down().fetch("/v1/notices") },
  listNoticeVersions: { not_found: () => asStaff(isolate, "GET", "/notices/nothing") },
  readNotice: {
    not_found: () => isolate.fetch("/v1/notices/eligibility/999"),
    unavailable: () => down().fetch("/v1/notices/eligibility/2"),
  },
};
