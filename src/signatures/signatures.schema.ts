import * as v from "valibot";
import { countAnswer, idAnswer } from "../http/answer-fields.ts";
import { inJsonSchema } from "../http/json-schema.ts";
import { emailField, localeField, nameField, postcodeField } from "../http/person-fields.ts";
import { ProblemDocument } from "../http/problem.schema.ts";
import { because, oneLine, textField } from "../http/validation.ts";
import { isPublicAddress } from "../lib/network-address.ts";
import { noticesField, partnerNoticesField } from "../notices/notices-field.ts";

/** Body of `POST /v1/petitions/{id}/signatures`, sent by a resident. */
export const NewSubmission = v.strictObject({
  name: nameField,
  email: emailField,
  postcode: v.optional(postcodeField),
  country: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[A-Z]{2}$/, because("wrong_type")),
      v.description("The country of residence (ISO 3166-1 alpha-2)."),
    ),
  ),
  eligible: v.pipe(
    v.literal(true, because("not_accepted")),
    v.description("The person has stated that they may sign: your form must have asked."),
  ),
  updates: v.optional(
    v.pipe(v.boolean(), v.description("The person wants to be told by mail how the petition goes on.")),
    false,
  ),
  channel: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, because("wrong_type")),
      v.description("Where the person came from, such as a poster. One that is not registered counts as `other`."),
    ),
  ),
  locale: v.optional(localeField),
  notices: noticesField,
  supporter_token: v.optional(
    v.pipe(
      v.string(),
      v.maxLength(200, because("too_long")),
      v.description(
        "What follows `/s/` in the petition's supporter link, up to the `?`: with it one may sign before the petition opens.",
      ),
    ),
  ),
});

export type NewSubmission = v.InferOutput<typeof NewSubmission>;

const signerAddress = v.pipe(
  v.string(),
  v.maxLength(45, because("too_long")),
  inJsonSchema(v.check(isPublicAddress, because("public_address")), {
    says: "Not a private or reserved one.",
  }),
  v.description(
    "Only with a partner's key for servers, which needs it: the IP address from which the person signed on your site. Limits and lists go by it, so that your server is not one crowd.",
  ),
);

/** A partner's own id of a signature. */
export const Reference = v.pipe(
  textField(100),
  oneLine(),
  v.description("Only with a partner's key: your own id of the signature, by which you find it again."),
);

const throughPartner = {
  reference: v.optional(Reference),
  consent: v.optional(
    v.pipe(
      v.literal(true, because("not_accepted")),
      v.description(
        "Only with a partner's key: the person has agreed, separately, that you get name, e-mail address and postcode once the signature is verified. Your form must have shown the notice `partner_consent`.",
      ),
    ),
  ),
  notices: partnerNoticesField,
};

/** The same body, sent from a page with a partner's browser key. */
export const BrowserSubmission = v.strictObject({ ...NewSubmission.entries, ...throughPartner });

export type BrowserSubmission = v.InferOutput<typeof BrowserSubmission>;

/** The same body, sent by a partner's server. */
export const PartnerSubmission = v.strictObject({ ...BrowserSubmission.entries, signer_address: signerAddress });

/** Body of `POST /v1/petitions/{id}/signatures/batch`; each entry is checked by itself, as a `PartnerSubmission`. */
export const SubmissionBatch = v.strictObject({
  signatures: v.pipe(v.array(v.unknown()), v.minLength(1, because("empty")), v.maxLength(100, because("too_many"))),
});

/** The same as the description has it. */
export const DescribedBatch = v.strictObject({
  signatures: v.pipe(v.array(PartnerSubmission), v.minLength(1), v.maxLength(100)),
});

/** The body as the description has it: which fields it may have depends on who sends it. */
export const DescribedSubmission = v.strictObject({
  ...BrowserSubmission.entries,
  signer_address: v.optional(signerAddress),
});

const token = v.pipe(
  v.string(),
  v.maxLength(200, because("too_long")),
  v.description("What follows `/v/` or `/w/` in the link of the mail, up to the `?`."),
);
const petitionId = v.pipe(v.string(), v.regex(/^pet_[0-9a-f-]{36}$/, because("wrong_type")));
const code = v.pipe(
  textField(20),
  inJsonSchema(
    v.transform((text: string) => text.replace(/[\s-]/g, "")),
    { says: "Spaces and hyphens within it don't matter." },
  ),
  v.description("The six digits in the mail."),
);

/** Body of `POST /v1/verifications`. */
export const Verification = v.union(
  [v.strictObject({ token }), v.strictObject({ petition_id: petitionId, email: emailField, code })],
  because("wrong_type"),
);

/** The form on the page for typed codes. */
export const CodeForm = v.strictObject({ petition_id: petitionId, email: emailField, code });

const shownVersion = v.optional(
  v.pipe(v.string(), v.regex(/^[1-9]\d{0,5}$/, because("wrong_type")), v.transform(Number)),
);

/** The form behind a petition's supporter link; `privacy` and `eligibility`: the versions that it shows. */
export const SignForm = v.strictObject({
  name: nameField,
  email: emailField,
  postcode: v.optional(postcodeField),
  eligible: v.literal("yes", because("not_accepted")),
  updates: v.optional(v.literal("yes", because("wrong_type"))),
  privacy: shownVersion,
  eligibility: shownVersion,
});

/** Body of `POST /v1/withdrawals`. */
export const Withdrawal = v.strictObject({ token });

const ownReference = v.optional(
  v.pipe(v.string(), v.description("Your own id, if you sent one with a partner's key.")),
);

/** Answer of `POST /v1/petitions/{id}/signatures`. */
export const SubmissionAccepted = v.strictObject({
  submission_id: idAnswer("sub"),
  status: v.literal("pending"),
  reference: ownReference,
});

const { request_id: _, ...entryProblem } = ProblemDocument.entries;

/** Answer of `POST /v1/petitions/{id}/signatures/batch`. */
export const BatchAnswer = v.strictObject({
  results: v.pipe(
    v.array(
      v.strictObject({
        status: v.pipe(v.number(), v.integer(), v.description("202, or that of the problem.")),
        submission_id: v.optional(idAnswer("sub")),
        reference: ownReference,
        problem: v.optional(
          v.pipe(
            v.strictObject(entryProblem),
            v.description("As if the entry had come alone; pointers begin at the entry."),
          ),
        ),
      }),
    ),
    v.description("One for each entry, in their order."),
  ),
});

const ofTest = v.optional(
  v.pipe(v.literal(true), v.description("It was sent with a partner's test key: no count has moved.")),
);

const moved = {
  signature_id: idAnswer("sig"),
  petition_id: idAnswer("pet"),
  signature_count: v.pipe(countAnswer, v.description("The petition's verified signatures, this act included.")),
};

/** Answer of `POST /v1/verifications`. */
export const VerificationAnswer = v.strictObject({ status: v.literal("verified"), ...moved, test: ofTest });

/** Answer of `POST /v1/withdrawals`. */
export const WithdrawalAnswer = v.strictObject({ status: v.literal("withdrawn"), ...moved, test: ofTest });
