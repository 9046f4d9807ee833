import * as v from "valibot";
import { timeAnswer } from "../../http/answer-fields.ts";
import { inJsonSchema } from "../../http/json-schema.ts";
import { because, noFormula, oneLine, textField } from "../../http/validation.ts";

/** A channel's code, as it stands in links. */
export const CHANNEL_CODE = /^[a-z0-9][a-z0-9_-]{0,31}$/;

/** Body of `PUT /v1/admin/petitions/{id}/channels/{code}`. */
export const ChannelBody = v.strictObject({
  label: v.pipe(textField(100), noFormula(), oneLine(), v.description("What staff call it.")),
  owner: v.pipe(textField(255), noFormula(), oneLine(), v.description("Who answers for it: an office, a team.")),
  retired: v.optional(
    v.pipe(v.boolean(), v.description("It takes no more signatures: new ones count as `other`.")),
    false,
  ),
});

/** Body of `PUT /v1/admin/channels/{code}`. */
export const SharedChannelBody = v.strictObject({
  ...ChannelBody.entries,
  partner: v.optional(
    v.pipe(
      v.string(),
      v.regex(CHANNEL_CODE, because("wrong_type")),
      v.description("The code of the partner organisation whose it is: only when the channel is new. It stays."),
    ),
  ),
});

/** Query of a channel's QR code. */
export const QrQuery = v.strictObject({
  format: v.optional(v.picklist(["svg", "png"], because("wrong_type")), "svg"),
  scale: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,2}$/, because("wrong_type")),
      inJsonSchema(v.transform(Number), { type: "integer", pattern: undefined }),
      v.minValue(1, because("out_of_range")),
      v.maxValue(40, because("out_of_range")),
      v.description("Pixels of one module's side, for PNG."),
    ),
    "10",
  ),
});

const channel = {
  code: v.string(),
  label: v.string(),
  owner: v.nullable(v.string()),
  retired_at: v.nullable(timeAnswer),
};

const ofPartner = v.pipe(v.nullable(v.string()), v.description("The code of the partner organisation whose it is."));

/** A channel of every petition. */
export const ChannelAnswer = v.strictObject({ ...channel, partner: ofPartner });

/** Answer of `GET /v1/admin/channels`. */
export const ChannelList = v.strictObject({ data: v.array(ChannelAnswer), next_cursor: v.null() });

const PetitionChannel = v.strictObject({
  ...channel,
  partner: ofPartner,
  scope: v.pipe(
    v.picklist(["petition", "all"]),
    v.description("Whether it is the petition's own, or every petition's."),
  ),
  link: v.pipe(v.string(), v.url(), v.description("The short link, for print and for the QR code.")),
});

/** Answer of `PUT /v1/admin/petitions/{id}/channels/{code}`. */
export const PetitionChannelAnswer = PetitionChannel;

/** Answer of `GET /v1/admin/petitions/{id}/channels`. */
export const PetitionChannelList = v.strictObject({ data: v.array(PetitionChannel), next_cursor: v.null() });
