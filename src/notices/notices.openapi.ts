import { type ApiPart, BODY_PROBLEMS, type Parameter, publicAnswer } from "../http/openapi.ts";
import { NoticeAnswer, NoticeBody, NoticeList } from "./notices.schema.ts";

const Authorization = "Bearer fm_staff_local";

const kindParameter: Parameter = {
  name: "kind",
  in: "path",
  description:
    "`privacy`: the privacy notice. `eligibility`: what a signer states. `partner_consent`: passing data on to a partner.",
  example: "eligibility",
};

const texts = {
  en: "I live in Brackwater and am at least 16 years old.",
  de: "Ich wohne in Brackwater und bin mindestens 16 Jahre alt.",
  fr: "J’habite à Brackwater et j’ai au moins 16 ans.",
};

const example = { kind: "eligibility", version: 2, texts, url: null, published_at: "2026-11-23T14:05:09.000Z" };
const first = {
  kind: "privacy",
  version: 1,
  texts: {},
  url: "https://www.brackwater.example/privacy",
  published_at: null,
};

/** Versioned notices, described. */
export const noticesApi = (): ApiPart => ({
  name: "Notices",
  description:
    "What people are told before they sign, in versions that are never changed. A signature records which ones its person saw.",
  schemas: { NoticeAnswer, NoticeList },
  operations: [
    {
      method: "get",
      path: "/v1/notices",
      id: "listNotices",
      summary: "Read the notices that hold now",
      description:
        "The newest version of each kind, in every language. Show them where people sign, and send their versions along as `notices`.",
      answer: publicAnswer({
        description: "One of each kind.",
        schema: NoticeList,
        example: { data: [first, example], next_cursor: null },
      }),
      problems: ["unavailable"],
      examples: [{ summary: "Read them", path: "/v1/notices" }],
    },
    {
      method: "get",
      path: "/v1/notices/{kind}/{version}",
      id: "readNotice",
      summary: "Read any version of a notice",
      description: "Old ones too: everybody may read what they agreed to.",
      parameters: [
        kindParameter,
        { name: "version", in: "path", description: "The version, from 1 on.", example: "1" },
      ],
      answer: publicAnswer({ description: "The version.", schema: NoticeAnswer, example }),
      problems: ["not_found", "unavailable"],
      examples: [{ summary: "Read the first one", path: "/v1/notices/eligibility/1" }],
    },
    {
      method: "get",
      path: "/v1/admin/notices/{kind}",
      id: "listNoticeVersions",
      summary: "Read every version of a notice",
      description: "For staff, the newest first. Its `ETag` is what publishing the next one needs as `If-Match`.",
      staff: "viewer",
      parameters: [kindParameter],
      answer: {
        status: 200,
        description: "The versions.",
        schema: NoticeList,
        headers: ["ETag", "Cache-Control"],
        example: { data: [example], next_cursor: null },
      },
      problems: ["unauthorized", "not_found", "unavailable"],
      examples: [{ summary: "Read them", path: "/v1/admin/notices/eligibility", headers: { Authorization } }],
    },
    {
      method: "put",
      path: "/v1/admin/notices/{kind}",
      id: "publishNotice",
      summary: "Publish the next version of a notice",
      description:
        "For admins of the whole municipality. It holds at once for whoever signs from then on, and can't be changed or taken back: publish another one. It needs a text in each language of the service.",
      staff: "admin",
      decides: true,
      parameters: [kindParameter],
      body: NoticeBody,
      answer: {
        status: 200,
        description: "The new version.",
        schema: NoticeAnswer,
        headers: ["ETag", "Cache-Control"],
        example,
      },
      problems: [...BODY_PROBLEMS, "unauthorized", "not_found", "unavailable"],
      examples: [
        {
          summary: "Say who may sign",
          path: "/v1/admin/notices/eligibility",
          headers: { Authorization, "If-Match": '"1"' },
          body: { texts },
        },
      ],
    },
  ],
});
