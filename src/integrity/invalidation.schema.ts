import * as v from "valibot";
import { invalidationReasons, runStates } from "../db/invalidation-schema.ts";
import { holdReasons, signatureStates } from "../db/schema.ts";
import { countAnswer, idAnswer, listAnswer, timeAnswer } from "../http/answer-fields.ts";
import { inJsonSchema } from "../http/json-schema.ts";
import { pageFields } from "../http/paging.ts";
import { because, oneLine } from "../http/validation.ts";

/** Signatures that one request may name. */
const MAX_IDS = 500;

const PETITION = /^pet_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SIGNATURE = /^sig_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** RFC 3339, to the second or finer. */
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

const text = (max: number, says: string) =>
  v.optional(
    v.pipe(
      v.string(),
      v.minLength(1, because("empty")),
      v.maxLength(max, because("too_long")),
      oneLine(),
      v.description(says),
    ),
  );

const moment = (says: string) =>
  v.optional(
    v.pipe(
      v.string(),
      inJsonSchema(
        v.check((time: string) => MOMENT.test(time) && !Number.isNaN(Date.parse(time)), because("wrong_type")),
        { format: "date-time" },
      ),
      v.description(says),
    ),
  );

const DIGEST = "or a `digest:…` that you were shown";

const conditionFields = {
  ids: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.regex(SIGNATURE, because("wrong_type")))),
      v.minLength(1, because("empty")),
      v.maxLength(MAX_IDS, because("too_many")),
      v.description("These signatures, by their ids."),
    ),
  ),
  address: text(60, `From this IP address (of IPv6 its /64), ${DIGEST}.`),
  network: text(60, `From this network, IPv4 /24 or IPv6 /48, or that of an address, ${DIGEST}.`),
  domain: text(255, `With an e-mail address at this domain, ${DIGEST}.`),
  email: text(320, `With this e-mail address, in whatever spelling, ${DIGEST}.`),
  area: text(32, "Counted in this area, by its code."),
  channel: text(32, "From this channel, by its code."),
  partner: text(64, "From this partner or one of its channels."),
  from: moment("Submitted at this moment or later."),
  to: moment("Submitted before this moment."),
  hold: v.optional(
    v.pipe(
      v.picklist([...holdReasons, "any"], because("wrong_type")),
      v.description("Held for this reason, or `any`."),
    ),
  ),
};

const reason = v.pipe(
  v.picklist(invalidationReasons, because("wrong_type")),
  v.description("Why they are taken out; the public reads the numbers by reason."),
);

/** Body of `POST /v1/admin/invalidations`. */
export const NewInvalidation = v.strictObject({
  where: v.pipe(
    v.strictObject({
      petition: v.pipe(v.string(), v.regex(PETITION, because("wrong_type")), v.description("The petition's id.")),
      ...conditionFields,
    }),
    v.description("All of it must be so; at least one condition beside the petition."),
  ),
  reason: v.optional(reason),
  dry_run: v.optional(
    v.pipe(v.boolean(), v.description("Whether to change nothing and only say what would be taken out.")),
    false,
  ),
});

/** Body of `POST /v1/admin/petitions/{id}/holds/release`. */
export const NewRelease = v.strictObject({
  where: v.pipe(
    v.strictObject(conditionFields),
    v.description("All of it must be so; at least one condition. What is not held is left as it is."),
  ),
});

/** Body of `POST /v1/admin/signatures/{id}/invalidate`. */
export const InvalidateOne = v.strictObject({ reason });

/** Query of `GET /v1/admin/invalidations`. */
export const InvalidationQuery = v.strictObject({
  petition: v.optional(
    v.pipe(v.string(), v.regex(PETITION, because("wrong_type")), v.description("Only of this petition.")),
  ),
  ...pageFields(100),
});

/** Answer of the acts on one signature. */
export const DecidedSignature = v.strictObject({
  signature_id: idAnswer("sig"),
  petition_id: idAnswer("pet"),
  state: v.picklist(signatureStates),
  hold: v.nullable(v.picklist(holdReasons)),
  signature_count: v.pipe(countAnswer, v.description("The petition's counted signatures after the act.")),
});

/** Answer of `POST /v1/admin/signatures/{id}/invalidate`. */
export const InvalidatedSignature = v.strictObject({
  ...DecidedSignature.entries,
  invalidation_id: v.pipe(idAnswer("inv"), v.description("What to undo, if it was a mistake.")),
});

const digest = v.pipe(
  v.string(),
  v.regex(/^digest:[0-9a-f]{16}$/),
  v.description(
    "A keyed hash: the same for the same network, domain or address of this petition. Usable as a condition.",
  ),
);

const HeldGroup = v.strictObject({
  digest,
  signatures: countAnswer,
  verified: countAnswer,
  first_at: timeAnswer,
  last_at: timeAnswer,
  addresses: v.pipe(countAnswer, v.description("How many different IP addresses they came from.")),
  asn: v.pipe(v.nullable(v.number()), v.description("The network operator's number, where all have the same.")),
  country: v.nullable(v.string()),
});

/** Answer of `GET /v1/admin/petitions/{id}/holds`. */
export const HoldReview = v.strictObject({
  petition_id: idAnswer("pet"),
  as_of: timeAnswer,
  holds: v.array(
    v.strictObject({
      hold: v.picklist(holdReasons),
      pending: v.pipe(countAnswer, v.description("Held and not yet verified by their people.")),
      verified: v.pipe(countAnswer, v.description("Held and verified: these count as soon as they are released.")),
      looked_at: v.pipe(countAnswer, v.description("The latest of them: what is said of groups is said of these.")),
      first_at: v.nullable(timeAnswer),
      last_at: v.nullable(timeAnswer),
      networks: v.array(HeldGroup),
      domains: v.array(HeldGroup),
      addresses: v.array(HeldGroup),
    }),
  ),
});

const conditionsAnswer = v.pipe(
  v.record(v.string(), v.union([v.string(), v.array(v.string())])),
  v.description(
    "The conditions; addresses, networks, domains and mailboxes only as digests, and as `erased` once these are.",
  ),
);

const run = {
  petition_id: idAnswer("pet"),
  state: v.picklist(runStates),
  where: conditionsAnswer,
  by: v.pipe(v.string(), v.description("Who did it: `stf_…`, `local` or `bootstrap`.")),
  started_at: timeAnswer,
  ended_at: v.nullable(timeAnswer),
  progress: v.pipe(
    v.nullable(v.number()),
    v.description("How much of the petition has been gone through, from 0 to 1; null where that can't be said."),
  ),
};

/** An act that takes signatures out. */
export const Invalidation = v.strictObject({
  id: idAnswer("inv"),
  ...run,
  reason: v.picklist(invalidationReasons),
  invalidated: v.pipe(countAnswer, v.description("Signatures that it has taken out so far.")),
  creator_kept: v.pipe(v.boolean(), v.description("Whether the creator's signature met the conditions; it stays.")),
  restored: v.pipe(countAnswer, v.description("Given back by undoing it.")),
  withdrawn: v.pipe(countAnswer, v.description("Not given back: their people have withdrawn.")),
  not_restored: v.pipe(
    v.nullable(countAnswer),
    v.description("Not given back: somebody else at the same mailbox has signed meanwhile. Known once it is undone."),
  ),
});

/** Answer of `GET /v1/admin/invalidations`. */
export const InvalidationList = listAnswer(Invalidation);

/** An act that releases held signatures. */
export const Release = v.strictObject({
  id: idAnswer("rel"),
  ...run,
  released: v.pipe(countAnswer, v.description("Signatures that it has released so far.")),
});

const bars = v.array(v.strictObject({ key: v.string(), count: countAnswer }));

/** What an invalidation would do. */
export const DryRun = v.strictObject({
  petition_id: idAnswer("pet"),
  as_of: timeAnswer,
  where: conditionsAnswer,
  addresses_from: v.pipe(
    v.nullable(timeAnswer),
    v.description(
      "With a condition of an address or a network: of signatures that were submitted before this they are erased, so none of those meets it. Null without such a condition.",
    ),
  ),
  matches: v.pipe(countAnswer, v.description("Signatures that would be taken out.")),
  creator_kept: v.boolean(),
  breakdown: v.pipe(
    v.strictObject({ state: bars, hold: bars, area: bars, channel: bars, day: bars }),
    v.description("Each adds up to `matches`; a blank key: none. Days are the municipality's, of submission."),
  ),
  sample: v.array(
    v.strictObject({
      signature_id: idAnswer("sig"),
      state: v.picklist(signatureStates),
      hold: v.nullable(v.picklist(holdReasons)),
      area: v.nullable(v.string()),
      channel: v.nullable(v.string()),
      accepted_at: timeAnswer,
      verified_at: v.nullable(timeAnswer),
      network: v.nullable(digest),
      domain: v.nullable(digest),
    }),
  ),
});
