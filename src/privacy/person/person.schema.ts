import * as v from "valibot";
import { assurances, mailTroubles } from "../../db/schema.ts";
import { countAnswer, idAnswer, timeAnswer } from "../../http/answer-fields.ts";
import { emailField, nameField } from "../../http/person-fields.ts";
import { because } from "../../http/validation.ts";
import { digestNames } from "./person.ts";

const petitionId = v.pipe(v.string(), v.regex(/^pet_[0-9a-f-]{36}$/, because("wrong_type")));
const token = v.pipe(
  v.string(),
  v.maxLength(200, because("too_long")),
  v.description("What follows `/d/` in the link of the mail, up to the `?`."),
);

/** Body of `POST /v1/data-requests`, and the form that asks for the same. */
export const DataRequest = v.strictObject({ petition_id: petitionId, email: emailField });

/** Body of `POST /v1/person-data` and of `POST /v1/erasures`. */
export const PersonToken = v.strictObject({ token });

/** Body of `POST /v1/corrections`. */
export const Correction = v.strictObject({ token, name: nameField });

/** What the buttons of the person's page send. */
export const PersonForm = v.variant("act", [
  v.strictObject({ act: v.literal("correct"), name: nameField }),
  v.strictObject({ act: v.literal("download") }),
  v.strictObject({ act: v.literal("erase") }),
]);

/** Answer of `POST /v1/data-requests`. */
export const DataRequestAccepted = v.strictObject({ status: v.literal("accepted") });

const nullable = v.nullable(v.string());
const time = v.nullable(timeAnswer);

/** Answer of `POST /v1/person-data`. */
export const PersonDataAnswer = v.strictObject({
  petition_id: idAnswer("pet"),
  petition_title: v.pipe(nullable, v.description("Null when the petition may not be shown.")),
  signature: v.pipe(
    v.nullable(
      v.strictObject({
        id: idAnswer("sig"),
        submission_id: idAnswer("sub"),
        name: v.string(),
        email: v.pipe(v.string(), v.description("As typed.")),
        postcode: nullable,
        state: v.picklist(["pending", "verified"]),
        role: v.picklist(["signer", "creator", "supporter"]),
        assurance: v.picklist(assurances),
        locale: v.string(),
        country: nullable,
        area: nullable,
        channel: nullable,
        partner: nullable,
        partner_reference: v.pipe(nullable, v.description("The partner's own id of the submission.")),
        partner_consent: v.pipe(
          v.nullable(countAnswer),
          v.description(
            "The version of the text by which the partner gets name and address; null: the person did not agree.",
          ),
        ),
        updates: v.boolean(),
        submitted_at: timeAnswer,
        repeated_at: v.pipe(time, v.description("When it was sent again for the first time.")),
        verified_at: time,
        verified_hour: v.pipe(nullable, v.description("The municipality's hour of that.")),
        privacy_version: v.pipe(
          v.nullable(countAnswer),
          v.description("The privacy notice that the person saw: `GET /v1/notices/privacy/{version}`."),
        ),
        eligibility_version: v.pipe(v.nullable(countAnswer), v.description("The version of what they stated.")),
        corrected_names: v.pipe(
          countAnswer,
          v.description("Names that theirs was corrected to; each is held as a keyed digest."),
        ),
        network_operator: v.pipe(
          v.nullable(countAnswer),
          v.description("The number (ASN) of the network operator over whom they signed."),
        ),
        mail_trouble: v.nullable(v.picklist(mailTroubles)),
        mail_trouble_at: time,
        digests: v.pipe(
          v.array(v.picklist(digestNames)),
          v.description(
            "What is held only as a keyed digest that nobody can read back; `address` and `network` are those of the computer.",
          ),
        ),
        kept_until: v.pipe(
          time,
          v.description(
            "When it is erased at the latest, unless the law asks to keep it longer; null while the petition has no end.",
          ),
        ),
      }),
    ),
    v.description("Null when nothing personal is held, or not any more."),
  ),
});

/** Answer of `POST /v1/corrections`. */
export const CorrectionAnswer = v.strictObject({ status: v.literal("corrected"), petition_id: idAnswer("pet") });

/** Answer of `POST /v1/erasures`. */
export const ErasureAnswer = v.strictObject({ status: v.literal("erased"), petition_id: idAnswer("pet") });
