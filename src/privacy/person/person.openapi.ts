import { type ApiPart, BODY_PROBLEMS, EXAMPLE_PETITION, type Operation } from "../../http/openapi.ts";
import { DEFAULT_POLICIES } from "../../limits/policies.ts";
import {
  Correction,
  CorrectionAnswer,
  DataRequest,
  DataRequestAccepted,
  ErasureAnswer,
  PersonDataAnswer,
  PersonToken,
} from "./person.schema.ts";

// A value of the right form, for examples; nothing was issued under it.
const TOKEN = "q83vEmSkD2lzXk4yvT0m1Zp7nWb2Lh4kQm9xTr";

const problems: Operation["problems"] = [
  ...BODY_PROBLEMS,
  "token_invalid",
  "signature_gone",
  "rate_limited",
  "unavailable",
];

/** The rights of a person about their data in a petition, described. */
export const personApi = (): ApiPart => ({
  name: "Personal data",
  description:
    "What is held about a person in one petition: to see, correct and erase by the token of a link that stands in every mail about their signature, without an account. The token works for as long as anything is held.",
  schemas: { PersonDataAnswer },
  operations: [request, read, correct, erase],
  pages: [
    { method: "get", path: "/d/{token}", description: "The page of a person's data; changes nothing." },
    { method: "post", path: "/d/{token}", description: "Its buttons: correct the name, download, erase." },
    {
      method: "get",
      path: "/d",
      description: "The page on which the link is asked for; `?petition=` names the petition.",
    },
    { method: "post", path: "/d", description: "Its button: asks for the mail." },
  ],
});

const request: Operation = {
  method: "post",
  path: "/v1/data-requests",
  id: "requestPersonLink",
  summary: "Ask for the link to one's data",
  description: `A mail with the link goes to the address as it is stored, once an hour at most, if anything is held. The answer is the same whether or not there is, and for every petition: it tells nobody who has signed. One network address may ask ${DEFAULT_POLICIES.data_request.limit} times in ${DEFAULT_POLICIES.data_request.window / 60} minutes, unless the municipality has set other figures.`,
  body: DataRequest,
  answer: {
    status: 202,
    description: "Accepted.",
    schema: DataRequestAccepted,
    headers: ["Cache-Control"],
    example: { status: "accepted" },
  },
  problems: [...BODY_PROBLEMS, "rate_limited", "unavailable"],
  examples: [
    {
      summary: "Ask for it",
      path: "/v1/data-requests",
      body: { petition_id: EXAMPLE_PETITION, email: "ada@example.org" },
    },
  ],
};

const read: Operation = {
  method: "post",
  path: "/v1/person-data",
  id: "readPersonData",
  summary: "Read what is held about a person",
  description:
    "All of it. What staff have noted against abuse is not part of it: it would tell whoever abuses. Ask the municipality for it.",
  body: PersonToken,
  answer: {
    status: 200,
    description: "What is held.",
    schema: PersonDataAnswer,
    headers: ["Cache-Control"],
    example: {
      petition_id: EXAMPLE_PETITION,
      petition_title: "Benches for the market square",
      signature: {
        id: "sig_0abc3f10-64a4-8f69-b35e-4e32bd3d26d5",
        submission_id: "sub_01936d9e-9f02-7c31-8a44-2b6f0d9c7e15",
        name: "Ada Anchorby",
        email: "ada@example.org",
        postcode: "BW1 1AA",
        state: "verified",
        role: "signer",
        assurance: "email",
        locale: "en",
        country: null,
        area: "HAR",
        channel: "poster",
        partner: null,
        partner_reference: null,
        partner_consent: null,
        updates: false,
        submitted_at: "2026-11-23T14:05:09.000Z",
        repeated_at: null,
        verified_at: "2026-11-23T14:09:41.000Z",
        verified_hour: "2026-11-23T14",
        privacy_version: 1,
        eligibility_version: 2,
        corrected_names: 0,
        network_operator: 64496,
        mail_trouble: null,
        mail_trouble_at: null,
        digests: ["email", "person", "postcode", "address", "network", "domain"],
        kept_until: null,
      },
    },
  },
  problems,
  examples: [{ summary: "Read it", path: "/v1/person-data", body: { token: TOKEN } }],
};

const correct: Operation = {
  method: "post",
  path: "/v1/corrections",
  id: "correctName",
  summary: "Correct a person's name",
  description:
    "The signature stays what it is, and counts as before. Whoever signs again under the new name, or under the old one, counts once. A name may be corrected five times.",
  body: Correction,
  answer: {
    status: 200,
    description: "Corrected.",
    schema: CorrectionAnswer,
    headers: ["Cache-Control"],
    example: { status: "corrected", petition_id: EXAMPLE_PETITION },
  },
  problems: [...problems, "name_taken", "name_fixed"],
  examples: [{ summary: "Correct it", path: "/v1/corrections", body: { token: TOKEN, name: "Ada Anchorsby" } }],
};

const erase: Operation = {
  method: "post",
  path: "/v1/erasures",
  id: "erasePersonData",
  summary: "Erase what is held about a person",
  description:
    "Until the count is final (24 hours after the petition's end) the signature goes too, the count goes back by one, and the person may sign again. After that the signature still counts, without any data; should the petition open again, the person has signed. What nobody has verified is deleted. Repeating it is a success and changes nothing.",
  body: PersonToken,
  answer: {
    status: 200,
    description: "Erased, now or before.",
    schema: ErasureAnswer,
    headers: ["Cache-Control"],
    example: { status: "erased", petition_id: EXAMPLE_PETITION },
  },
  problems,
  examples: [{ summary: "Erase it", path: "/v1/erasures", body: { token: TOKEN } }],
};
