import { type ApiPart, BODY_PROBLEMS, EXAMPLE_PETITION, type Parameter, petitionParameter } from "../http/openapi.ts";
import {
  DecidedSignature,
  DryRun,
  HoldReview,
  InvalidatedSignature,
  InvalidateOne,
  Invalidation,
  InvalidationList,
  InvalidationQuery,
  NewInvalidation,
  NewRelease,
  Release,
} from "./invalidation.schema.ts";

/** Ids of the right form, for examples. */
export const EXAMPLE_SIGNATURE = "sig_deadbeef-7d1c-8ea4-8f02-35c9b1a40917";
export const EXAMPLE_INVALIDATION = "inv_01936d9e-8c4b-7f00-9a51-4c1f2b7d0e36";
export const EXAMPLE_RELEASE = "rel_01936d9e-8c4b-7f00-9a51-5b6e0d3c1a94";

const parameter = (description: string, example: string): Parameter[] => [
  { name: "id", in: "path", description, example },
];
const ofSignature = parameter("The signature's id.", EXAMPLE_SIGNATURE);
const ofInvalidation = parameter("The invalidation's id.", EXAMPLE_INVALIDATION);
const ofRelease = parameter("The release's id.", EXAMPLE_RELEASE);

const headers = { Authorization: "Bearer fm_staff_local" };
const at = (time: string) => `2026-11-23T${time}.000Z`;
const digest = "digest:3f9a0c5e7b1d2846";
const group = { digest, signatures: 212, verified: 198, first_at: at("07:58:11"), last_at: at("09:02:40") };
const decided = { signature_id: EXAMPLE_SIGNATURE, petition_id: EXAMPLE_PETITION, signature_count: 1235 };

const run = {
  petition_id: EXAMPLE_PETITION,
  state: "done",
  by: "local",
  started_at: at("14:05:09"),
  ended_at: at("14:05:10"),
  progress: 1,
} as const;
const release = { id: EXAMPLE_RELEASE, ...run, where: { hold: "burst", network: digest }, released: 212 };
const invalidation = {
  id: EXAMPLE_INVALIDATION,
  ...run,
  where: { network: digest, from: at("02:00:00"), to: at("04:00:00") },
  reason: "bots",
  invalidated: 1204,
  creator_kept: false,
  restored: 0,
  withdrawn: 0,
  not_restored: null,
} as const;
const PROBLEMS = ["unauthorized", "not_found", "petition_erased", "unavailable"] as const;
const bar = (key: string, count: number) => ({ key, count });

const answer = (
  status: 200 | 202,
  description: string,
  schema: typeof Release | typeof Invalidation,
  example: unknown,
) => ({
  ...{ status, description, schema, headers: ["Cache-Control" as const], example },
});

/** Review of holds and invalidation, described. */
export const invalidationApi = (): ApiPart => ({
  name: "Holds and invalidation",
  description:
    "Signatures that look abusive are held: their people see nothing unusual, and they do not count until staff release them. What should not count at all is taken out: one signature, or all that meet a combination of conditions, and as a whole given back again.",
  schemas: { DecidedSignature, InvalidatedSignature, HoldReview, Release, Invalidation, InvalidationList, DryRun },
  operations: [...holds(), ...single(), ...invalidations()],
});

const holds = (): ApiPart["operations"] => [
  {
    method: "get",
    path: "/v1/admin/petitions/{id}/holds",
    id: "reviewHolds",
    summary: "Review what is held",
    description:
      "For staff: held signatures by reason, exactly, and what the latest 5,000 of each have in common: networks, domains and addresses as digests, with sizes and times. A digest can be used as a condition wherever a network, domain or address can.",
    staff: "viewer",
    parameters: [petitionParameter],
    answer: {
      status: 200,
      description: "What is held.",
      schema: HoldReview,
      headers: ["Cache-Control"],
      example: {
        petition_id: EXAMPLE_PETITION,
        as_of: at("14:05:09"),
        holds: [
          {
            ...{ hold: "burst", pending: 14, verified: 198, looked_at: 212 },
            ...{ first_at: group.first_at, last_at: group.last_at },
            networks: [{ ...group, addresses: 207, asn: 64496, country: "GB" }],
            domains: [{ ...group, signatures: 61, verified: 58, addresses: 60, asn: 64496, country: "GB" }],
            addresses: [],
          },
        ],
      },
    },
    problems: ["unauthorized", "not_found", "unavailable"],
    examples: [{ summary: "Review them", path: `/v1/admin/petitions/${EXAMPLE_PETITION}/holds`, headers }],
  },
  {
    method: "post",
    path: "/v1/admin/petitions/{id}/holds/release",
    id: "releaseHolds",
    summary: "Release held signatures",
    description:
      "For moderators: many by their ids, all of a reason, or those of it that come from one network, domain, address or span of time, in one act. Verified ones count at once, the others when they are verified. What was submitted after this request is not meant. Large acts go on after the answer; `state` says so.",
    staff: "moderator",
    parameters: [petitionParameter],
    body: NewRelease,
    answer: answer(202, "The act as it stands.", Release, release),
    problems: [...BODY_PROBLEMS, ...PROBLEMS],
    examples: [
      {
        summary: "Let a mobile network's burst through",
        path: `/v1/admin/petitions/${EXAMPLE_PETITION}/holds/release`,
        headers,
        body: { where: { hold: "burst", network: digest } },
      },
    ],
  },
  {
    method: "get",
    path: "/v1/admin/releases/{id}",
    id: "readRelease",
    summary: "Read how far a release has come",
    description: "For staff: its state, progress and number.",
    staff: "viewer",
    parameters: ofRelease,
    answer: answer(200, "The act as it stands.", Release, release),
    problems: ["unauthorized", "not_found", "unavailable"],
    examples: [{ summary: "Read it", path: `/v1/admin/releases/${EXAMPLE_RELEASE}`, headers }],
  },
  {
    method: "post",
    path: "/v1/admin/releases/{id}/cancel",
    id: "cancelRelease",
    summary: "Cancel a release that is under way",
    description: "For moderators. What it has released stays released.",
    staff: "moderator",
    parameters: ofRelease,
    answer: answer(200, "The act as it ended.", Release, { ...release, state: "cancelled", progress: null }),
    problems: ["unauthorized", "not_found", "run_state", "unavailable"],
    examples: [{ summary: "Cancel it", path: `/v1/admin/releases/${EXAMPLE_RELEASE}/cancel`, headers }],
  },
];

const single = (): ApiPart["operations"] => [
  {
    method: "post",
    path: "/v1/admin/signatures/{id}/release",
    id: "releaseSignature",
    summary: "Release one signature",
    description: "For moderators. A verified one counts at once. Releasing one that is not held changes nothing.",
    staff: "moderator",
    parameters: ofSignature,
    answer: {
      status: 200,
      description: "The signature, and the petition's count after the act.",
      schema: DecidedSignature,
      headers: ["Cache-Control"],
      example: { ...decided, state: "verified", hold: null },
    },
    problems: [...PROBLEMS, "signature_state"],
    examples: [{ summary: "Release it", path: `/v1/admin/signatures/${EXAMPLE_SIGNATURE}/release`, headers }],
  },
  {
    method: "post",
    path: "/v1/admin/signatures/{id}/invalidate",
    id: "invalidateSignature",
    summary: "Take one signature out",
    description:
      "For moderators. It counts no more; its person sees nothing unusual. The creator's own signature stays. Undo it by `invalidation_id`.",
    staff: "moderator",
    parameters: ofSignature,
    body: InvalidateOne,
    answer: {
      status: 200,
      description: "The signature, and the petition's count after the act.",
      schema: InvalidatedSignature,
      headers: ["Cache-Control"],
      example: { ...decided, state: "invalidated", hold: null, invalidation_id: EXAMPLE_INVALIDATION },
    },
    problems: [...BODY_PROBLEMS, ...PROBLEMS, "creator_signature", "signature_state"],
    examples: [
      {
        summary: "Take it out at its person's request",
        path: `/v1/admin/signatures/${EXAMPLE_SIGNATURE}/invalidate`,
        headers,
        body: { reason: "on_request" },
      },
    ],
  },
];

const invalidations = (): ApiPart["operations"] => [
  {
    method: "post",
    path: "/v1/admin/invalidations",
    id: "invalidate",
    summary: "Take out the signatures that meet all conditions",
    description:
      "For moderators. At least one condition beside the petition; all must be met. Addresses, networks, domains and e-mail addresses are hashed and not kept. With `dry_run` nothing changes, and the answer says how many would go, which, and a sample. Without it, `reason` is needed, and large acts go on after the answer. What was submitted after this request is not meant, and the creator's own signature stays.",
    staff: "moderator",
    body: NewInvalidation,
    answer: answer(202, "The act as it stands.", Invalidation, invalidation),
    otherAnswer: {
      status: 200,
      description: "For a dry run: what would be taken out.",
      schema: DryRun,
      headers: ["Cache-Control"],
      example: {
        petition_id: EXAMPLE_PETITION,
        as_of: at("14:05:09"),
        where: { network: digest },
        addresses_from: "2026-10-24T14:05:09.000Z",
        matches: 2,
        creator_kept: false,
        breakdown: {
          state: [bar("pending", 1), bar("verified", 1)],
          hold: [bar("", 1), bar("rate", 1)],
          area: [bar("", 1), bar("north", 1)],
          channel: [bar("poster", 2)],
          day: [bar("2026-11-23", 2)],
        },
        sample: [
          {
            ...{ signature_id: EXAMPLE_SIGNATURE, state: "verified", hold: null, area: "north", channel: "poster" },
            ...{ accepted_at: at("02:14:07"), verified_at: at("02:14:09"), network: digest, domain: digest },
          },
        ],
      },
    },
    problems: [...BODY_PROBLEMS, ...PROBLEMS],
    examples: [
      {
        summary: "Ask what came from one network in one night",
        path: "/v1/admin/invalidations",
        headers,
        body: {
          where: { petition: EXAMPLE_PETITION, network: "198.51.100.0/24", from: at("02:00:00"), to: at("04:00:00") },
          dry_run: true,
        },
      },
      {
        summary: "Take it out",
        path: "/v1/admin/invalidations",
        headers,
        body: {
          where: { petition: EXAMPLE_PETITION, network: "198.51.100.0/24", from: at("02:00:00"), to: at("04:00:00") },
          reason: "bots",
        },
      },
    ],
  },
  {
    method: "get",
    path: "/v1/admin/invalidations",
    id: "listInvalidations",
    summary: "List what was taken out",
    description: "For staff: acts that took signatures out, newest first, those on a single signature among them.",
    staff: "viewer",
    query: InvalidationQuery,
    answer: {
      status: 200,
      description: "A page of the list.",
      schema: InvalidationList,
      headers: ["Cache-Control", "Link"],
      example: { data: [invalidation], next_cursor: null },
    },
    problems: ["unauthorized", "not_found", "invalid_request", "invalid_cursor", "unavailable"],
    examples: [{ summary: "List a petition's", path: `/v1/admin/invalidations?petition=${EXAMPLE_PETITION}`, headers }],
  },
  {
    method: "get",
    path: "/v1/admin/invalidations/{id}",
    id: "readInvalidation",
    summary: "Read how far an invalidation has come",
    description: "For staff: its state, progress and numbers; once it is undone, what could not be given back.",
    staff: "viewer",
    parameters: ofInvalidation,
    answer: answer(200, "The act as it stands.", Invalidation, invalidation),
    problems: ["unauthorized", "not_found", "unavailable"],
    examples: [{ summary: "Read it", path: `/v1/admin/invalidations/${EXAMPLE_INVALIDATION}`, headers }],
  },
  {
    method: "post",
    path: "/v1/admin/invalidations/{id}/cancel",
    id: "cancelInvalidation",
    summary: "Cancel an invalidation that is under way",
    description: "For moderators. What it has taken out stays out, and can be given back by undoing it.",
    staff: "moderator",
    parameters: ofInvalidation,
    answer: answer(200, "The act as it ended.", Invalidation, { ...invalidation, state: "cancelled", progress: null }),
    problems: ["unauthorized", "not_found", "run_state", "unavailable"],
    examples: [{ summary: "Cancel it", path: `/v1/admin/invalidations/${EXAMPLE_INVALIDATION}/cancel`, headers }],
  },
  {
    method: "post",
    path: "/v1/admin/invalidations/{id}/undo",
    id: "undoInvalidation",
    summary: "Give back what was taken out",
    description:
      "For moderators. Every signature that this act took out is again what it was, pending or verified, held or not; also while the act is still running. Whoever has withdrawn meanwhile is withdrawn, and whose place at a mailbox somebody else has taken stays out: the answer counts both. Large acts go on after the answer.",
    staff: "moderator",
    parameters: ofInvalidation,
    answer: answer(202, "The act as it stands.", Invalidation, {
      ...invalidation,
      ...{ state: "undone", restored: 1201, withdrawn: 2, not_restored: 1 },
    }),
    problems: [...PROBLEMS, "run_state"],
    examples: [{ summary: "Undo it", path: `/v1/admin/invalidations/${EXAMPLE_INVALIDATION}/undo`, headers }],
  },
];
