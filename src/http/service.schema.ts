import * as v from "valibot";

/** Answer of `GET /health`. */
export const Health = v.strictObject({ status: v.literal("ok") });

const members = v.record(v.string(), v.unknown());

/** Answer of `GET /openapi.json`. */
export const OpenApi = v.strictObject({
  openapi: v.literal("3.1.0"),
  info: members,
  servers: v.array(members),
  tags: v.array(members),
  paths: members,
  components: members,
  "x-pages": v.array(members),
});
