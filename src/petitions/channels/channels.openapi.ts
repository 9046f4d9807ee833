import {
  type ApiPart,
  BODY_PROBLEMS,
  EXAMPLE_PETITION,
  type Parameter,
  petitionParameter,
} from "../../http/openapi.ts";
import {
  ChannelAnswer,
  ChannelBody,
  ChannelList,
  PetitionChannelAnswer,
  PetitionChannelList,
  SharedChannelBody,
} from "./channels.schema.ts";

const codeParameter: Parameter = {
  name: "code",
  in: "path",
  description: "The channel's code: small letters, digits, `-` and `_`, to 32.",
  example: "market-stall",
};

const Authorization = "Bearer fm_staff_local";
const said = { label: "Stall at the Saturday market", owner: "Community office" };
const channel = { code: "market-stall", ...said, retired_at: null, partner: null };
const link = "https://petitions.example/p/1o45n7h/market-stall";

/** Channels, described. */
export const channelsApi = (): ApiPart => ({
  name: "Channels",
  description:
    "Where signers come from: a poster, a newsletter, a stall. Each is registered with somebody who answers for it; what is not registered counts as `other`. A petition has at most 100, so that codes are too few to mark people.",
  schemas: { ChannelAnswer, ChannelList, PetitionChannelAnswer, PetitionChannelList },
  operations: [
    {
      method: "get",
      path: "/v1/admin/channels",
      id: "listChannels",
      summary: "List the channels of every petition",
      description: "For staff: the channels that may be used with any petition, retired ones too.",
      staff: "viewer",
      answer: {
        status: 200,
        description: "The channels, by code.",
        schema: ChannelList,
        headers: ["Cache-Control"],
        example: { data: [channel], next_cursor: null },
      },
      problems: ["unauthorized", "unavailable"],
      examples: [{ summary: "List them", path: "/v1/admin/channels", headers: { Authorization } }],
    },
    {
      method: "put",
      path: "/v1/admin/channels/{code}",
      id: "putChannel",
      summary: "Register or change a channel of every petition",
      description:
        "For moderators of the whole municipality. Repeating it changes nothing more. A channel is never deleted, because counts name it: `retired` ends it, and may be taken back. With `partner` it is that partner's, ten at most each: what a partner sends is counted under its own channels only.",
      staff: "moderator",
      parameters: [codeParameter],
      body: SharedChannelBody,
      answer: {
        status: 200,
        description: "The channel.",
        schema: ChannelAnswer,
        headers: ["Cache-Control"],
        example: channel,
      },
      problems: [...BODY_PROBLEMS, "unauthorized", "not_found", "channels_full", "unavailable"],
      examples: [
        { summary: "Register one", path: "/v1/admin/channels/town-fair", headers: { Authorization }, body: said },
      ],
    },
    {
      method: "get",
      path: "/v1/admin/petitions/{id}/channels",
      id: "listPetitionChannels",
      summary: "List a petition's channels",
      description:
        "For staff: its own and those of every petition, each with the short link for print. `GET …/channels/{code}/qr?format=svg` or `format=png` gives the link as a QR code.",
      staff: "viewer",
      parameters: [petitionParameter],
      answer: {
        status: 200,
        description: "The channels, the petition's own first.",
        schema: PetitionChannelList,
        headers: ["Cache-Control"],
        example: { data: [{ ...channel, scope: "petition", link }], next_cursor: null },
      },
      problems: ["unauthorized", "not_found", "unavailable"],
      examples: [
        { summary: "List them", path: `/v1/admin/petitions/${EXAMPLE_PETITION}/channels`, headers: { Authorization } },
      ],
    },
    {
      method: "put",
      path: "/v1/admin/petitions/{id}/channels/{code}",
      id: "putPetitionChannel",
      summary: "Register or change one of a petition's own channels",
      description: "For moderators. As for every petition's, but only this petition has it.",
      staff: "moderator",
      parameters: [petitionParameter, codeParameter],
      body: ChannelBody,
      answer: {
        status: 200,
        description: "The channel, with its short link.",
        schema: PetitionChannelAnswer,
        headers: ["Cache-Control"],
        example: { ...channel, scope: "petition", link },
      },
      problems: [...BODY_PROBLEMS, "unauthorized", "not_found", "channel_taken", "channels_full", "unavailable"],
      examples: [
        {
          summary: "Register one",
          path: `/v1/admin/petitions/${EXAMPLE_PETITION}/channels/market-stall`,
          headers: { Authorization },
          body: said,
        },
      ],
    },
  ],
  pages: [
    {
      method: "get",
      path: "/v1/admin/petitions/{id}/channels/{code}/qr",
      description: "For staff: the channel's short link as a QR code, `format=svg` or `format=png` with `scale`.",
    },
    {
      method: "get",
      path: "/p/{no}/{code}",
      description: "A channel's short link: leads to the petition's page, with the channel in its address.",
    },
  ],
});
