import * as v from "valibot";
import { because } from "../http/validation.ts";
import {
  DEFAULT_POLICIES,
  MAX_LIMIT,
  MAX_WINDOW,
  MIN_LIMIT,
  MIN_WINDOW,
  type PolicyName,
  policyNames,
} from "../limits/policies.ts";

/** Bytes of a list. */
export const LIST_BYTES = 256 * 1024;

const number = (min: number, max: number, description: string) =>
  v.pipe(
    v.number(),
    v.integer(because("wrong_type")),
    v.minValue(min, because("out_of_range")),
    v.maxValue(max, because("out_of_range")),
    v.description(description),
  );

const WHAT: Readonly<Record<PolicyName, string>> = {
  writes: "All writes from one client address.",
  sign_burst: "Signatures of one petition from one client address, in a short time.",
  sign_day: "The same, in a long time.",
  burst_network: "Signatures of one petition from one network (IPv4 /24, IPv6 /48).",
  burst_domain: "Signatures of one petition from one mail domain; big providers have no such limit.",
  allowed_entry: "Signatures of one petition under one entry of the list of the allowed that names no limit.",
  create: "Petitions created from one client address.",
  verify: "Tries to verify from one client address.",
  data_request: "Requests for the link to somebody's data from one client address.",
  partner_requests: "All requests with one partner's key.",
  partner_tests: "Signatures that one partner's test keys send.",
  partner_minute: "Signatures sent with one partner's key, in a short time, unless the key has a figure of its own.",
  partner_day: "The same, in a long time.",
  partner_counts: "Counts of its own signatures that a partner's key asks for.",
  mail_signature: "Mails about one signature.",
  mail_recipient: "Mails to one recipient over all petitions.",
};

const policy = (name: PolicyName) =>
  v.pipe(
    v.strictObject({
      limit: number(MIN_LIMIT, MAX_LIMIT, "Uses allowed within the window."),
      window: number(MIN_WINDOW, MAX_WINDOW, "Seconds."),
      consequence: v.optional(
        v.pipe(
          v.literal(DEFAULT_POLICIES[name].consequence, because("fixed")),
          v.description(
            "`hard`: refused with 429. `soft`: held for review, unnoticed. `wait`: the mail goes later. Fixed.",
          ),
        ),
      ),
    }),
    v.description(WHAT[name]),
  );

type PolicyEntries = { readonly [Name in PolicyName]: ReturnType<typeof policy> };

/** Body of `PUT /v1/admin/policies`, and answer of it and of `GET`. */
export const PoliciesDocument = v.strictObject({
  policies: v.strictObject(Object.fromEntries(policyNames.map((name) => [name, policy(name)])) as PolicyEntries),
  fast_seconds: number(
    0,
    60,
    "A verification within so many seconds after its mail was written is held as a machine's; 0: none is.",
  ),
});

/** A list as text: what `GET` answers with and `PUT` takes. */
export const ListText = v.pipe(
  v.string(),
  v.description("One `entry [limit=N] # note` a line; on the list of the blocked `entry [disposable] # note`."),
);

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Answer of `PUT /v1/admin/lists/blocked` and `allowed`. */
export const ListChanged = v.strictObject({
  entries: v.pipe(count, v.description("How many it has now.")),
  added: count,
  removed: v.pipe(count, v.description("An entry whose limit has changed is removed and added.")),
});
