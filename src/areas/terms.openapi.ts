import { type ApiPart, BODY_PROBLEMS, type Operation, type Parameter } from "../http/openapi.ts";
import { TERM_LISTS, type TermList } from "./term.ts";
import { Reason, ReasonList, reasonBody, StaffTerm, StaffTermList, termBody } from "./terms.schema.ts";

const Authorization = "Bearer fm_staff_local";
const LANGUAGES = ["en", "de", "fr"] as const;

interface Said {
  /** In operation ids, singular and plural. */
  readonly id: readonly [string, string];
  readonly noun: readonly [string, string];
  readonly example: { readonly code: string; readonly names: object; readonly hidden?: boolean };
  /** What deleting is refused for. */
  readonly uses: string;
  readonly more?: string;
}

const SAID: Readonly<Record<TermList, Said>> = {
  departments: {
    id: ["Department", "Departments"],
    noun: ["department", "departments"],
    example: { code: "libraries", names: { en: "Libraries", de: "Bibliotheken", fr: "Bibliothèques" } },
    uses: "a petition or a member of staff",
    more: " A retired one is assigned to nobody any more; who belongs to it already stays.",
  },
  topics: {
    id: ["Topic", "Topics"],
    noun: ["topic", "topics"],
    example: { code: "cycling", names: { en: "Cycling", de: "Radverkehr", fr: "Vélo" } },
    uses: "a petition",
    more: " New petitions can't have a retired one.",
  },
  rejection_reasons: {
    id: ["RejectionReason", "AllRejectionReasons"],
    noun: ["reason for not accepting a petition", "reasons for not accepting a petition"],
    example: {
      code: "outside_deadline",
      names: { en: "It comes after the deadline.", de: "Die Frist ist abgelaufen.", fr: "Le délai est dépassé." },
      hidden: false,
    },
    uses: "a petition or a decision in the audit log",
    more: " Petitions can be rejected for a new one at once. `hidden` is fixed while a petition has the reason (`reference_in_use`): changing it would show what is hidden, or hide what is public.",
  },
};

const codeParameter = (example: string): Parameter => ({
  name: "code",
  in: "path",
  description: "The entry's code: letters, digits, `-` and `_`, to 64.",
  example,
});

function operationsOf(list: TermList): Operation[] {
  const { id, noun, example, uses, more = "" } = SAID[list];
  const isReason = list === "rejection_reasons";
  const path = `/v1/admin/${TERM_LISTS[list].path}`;
  const { code, ...said } = example;
  const entry = { ...example, retired: false };
  const entryAnswer = {
    status: 200,
    schema: isReason ? Reason : StaffTerm,
    headers: ["ETag", "Cache-Control"],
  } as const;
  const headers = { Authorization, "If-Match": '"list"' };
  return [
    {
      ...{ method: "get", path, id: `list${id[1]}${isReason ? "" : "ForStaff"}`, staff: "viewer" },
      summary: `List the ${noun[1]} as staff keep them`,
      description: `Retired ones too${isReason ? ", and those that may not be shown: a petition rejected for one of them is hidden" : ""}. The list's \`ETag\` is what changes need as \`If-Match\`.`,
      answer: {
        ...entryAnswer,
        description: "The list, by code.",
        schema: isReason ? ReasonList : StaffTermList,
        example: { data: [entry], next_cursor: null },
      },
      problems: ["unauthorized", "unavailable"],
      examples: [{ summary: "List them", path, headers: { Authorization } }],
    },
    {
      ...{ method: "put", path: `${path}/{code}`, id: `put${id[0]}`, staff: "admin", decides: true },
      summary: `Add or change a ${noun[0]}`,
      description: `For admins of the whole municipality; at most 200 in the list. \`If-Match\` is the \`ETag\` of the list, and the answer has the new one. Repeating it changes nothing more. It holds everywhere within 15 seconds.${more}`,
      parameters: [codeParameter(code)],
      body: isReason ? reasonBody(LANGUAGES) : termBody(list, LANGUAGES),
      answer: { ...entryAnswer, description: "The entry; `ETag` is the list's.", example: entry },
      problems: [
        ...BODY_PROBLEMS,
        "unauthorized",
        "not_found",
        ...(isReason ? (["reference_in_use"] as const) : []),
        "unavailable",
      ],
      examples: [{ summary: `Add a ${noun[0]}`, path: `${path}/${code}`, headers, body: said }],
    },
    {
      ...{ method: "delete", path: `${path}/{code}`, id: `delete${id[0]}`, staff: "admin", decides: true },
      summary: `Delete a ${noun[0]} that was never used`,
      description: `For admins of the whole municipality. What ${uses} has is \`reference_in_use\`: retire it instead.`,
      parameters: [codeParameter(code)],
      answer: { ...entryAnswer, description: "What it was; `ETag` is the list's.", example: entry },
      problems: ["unauthorized", "not_found", "reference_in_use", "unavailable"],
      examples: [{ summary: "Delete one", path: `${path}/${code}`, headers }],
    },
  ];
}

/** Departments, topics and reasons as staff keep them, described. */
export const termsApi = (): ApiPart => ({
  name: "Departments, topics, reasons",
  description:
    "The lists of codes that petitions are sorted and decided by, with names in each of the municipality's languages. A language that is missing falls back to another. Codes never change; what is in use is retired, not deleted, so that what was decided stays readable.",
  schemas: { StaffTerm, StaffTermList, RejectionReason: Reason, AllRejectionReasons: ReasonList },
  operations: (Object.keys(SAID) as TermList[]).flatMap(operationsOf),
});
