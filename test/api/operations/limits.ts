import { coldIsolate } from "../../support/isolate.ts";
import { asStaff } from "../../support/staff.ts";

/** What the `If-Match` of an example about one of these must be at this moment. */
const tagsOf = async (...paths: string[]) => {
  const answers = await Promise.all(paths.map((path) => asStaff(coldIsolate(), "GET", path)));
  return { '"0"': answers.map(({ headers }) => headers.get("ETag")).join(", ") };
};

export const stages = {
  // The other tests of a file that runs the examples verify as fast as machines do.
  putPolicies: async () => ({ ...(await tagsOf("/policies")), '"fast_seconds":2': '"fast_seconds":0' }),
  putList: () => tagsOf("/lists/blocked", "/lists/allowed"),
};
