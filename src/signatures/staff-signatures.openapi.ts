import * as v from "valibot";
import { type ApiPart, EXAMPLE_PETITION, type Operation, petitionParameter } from "../http/openapi.ts";
import { MAX_EXPORTED } from "./export-signatures.ts";
import {
  ExportLine,
  ExportQuery,
  ListedSignatureAnswer,
  SignatureList,
  SignatureListQuery,
} from "./staff-signatures.schema.ts";

const Authorization = "Bearer fm_staff_local";

const example = {
  id: "sig_0abc3f10-64a4-8f69-b35e-4e32bd3d26d5",
  state: "quarantined",
  hold: "rate",
  role: "signer",
  assurance: "email",
  personal_data: "present",
  name: "Ada Anchorby",
  email: "a…@example.org",
  area: "HAR",
  channel: "poster",
  partner: null,
  locale: "en",
  country: null,
  updates: false,
  accepted_at: "2026-11-23T09:12:44.120Z",
  verified_at: "2026-11-23T09:14:02.310Z",
  ended_at: null,
  invalidated_reason: null,
  mail_trouble: null,
  privacy_version: 1,
  eligibility_version: 2,
};

/** Staff's list of a petition's signatures and its export, described. */
export const staffSignaturesApi = (): ApiPart => ({
  name: "Signatures, for staff",
  description:
    "Who signed a petition. Viewers see counts only; moderators see names and masked addresses; whole addresses leave the service only in an export by an admin. Every reading is in the audit log.",
  schemas: { ListedSignatureAnswer, SignatureList, ExportLine },
  operations: [list, exported],
});

const list: Operation = {
  method: "get",
  path: "/v1/admin/petitions/{id}/signatures",
  id: "listSignatures",
  summary: "List a petition's signatures",
  description:
    "For moderators. What is held comes by reason and time, oldest first; everything else in an order that means nothing, because signatures are stored by keyed hashes.\n\nA page looks at no more than 1,000 signatures: one whose filter matches few may be short, or empty, and not the last. Go on until `next_cursor` is null. Each page is an entry in the audit log.",
  staff: "moderator",
  parameters: [petitionParameter],
  query: SignatureListQuery,
  answer: {
    status: 200,
    description: "A page of signatures.",
    schema: SignatureList,
    headers: ["Cache-Control", "Link"],
    example: { data: [example], next_cursor: null },
  },
  problems: ["invalid_request", "invalid_cursor", "unauthorized", "not_found", "unavailable"],
  examples: [
    {
      summary: "What is held because too many came from one address",
      path: `/v1/admin/petitions/${EXAMPLE_PETITION}/signatures?hold=rate&state=quarantined`,
      headers: { Authorization },
    },
  ],
};

const exported: Operation = {
  method: "get",
  path: "/v1/admin/petitions/{id}/signatures/export",
  id: "exportSignatures",
  summary: "Export a petition's signatures",
  description: `For admins. \`format=csv\` (RFC 4180, UTF-8; a cell that a spreadsheet would run gets an apostrophe before it) or \`format=ndjson\` (a line an object, see \`ExportLine\`; exact). The records come in the order of their ids, as they are when they are read.

**In parts.** One answer looks at up to ${MAX_EXPORTED.toLocaleString("en")} signatures. If there are more, its \`Link\` header leads to the next part, and an NDJSON's last line has the cursor.

**Whole or not.** If something fails on the way, the transfer breaks off: \`curl\` says so (exit code 18 or 92), and so does every browser. NDJSON is whole if its last line is of \`type\` \`end\`.

**Going on.** Drop what comes after your last whole record, and ask again with its \`id\` as \`cursor\`: no record is missing or doubled. Whoever signs meanwhile is in it if their place comes later; whoever withdraws before their record is read is in it without data.

The audit log has who, why and what at the beginning, and how many at the end; an export that broke off has no complete end there.`,
  staff: "admin",
  parameters: [petitionParameter],
  query: ExportQuery,
  answer: {
    status: 200,
    contentType: "text/csv",
    otherType: "application/x-ndjson",
    description:
      "The records, one a line after the names of the columns; as `application/x-ndjson` for `format=ndjson`.",
    schema: v.string(),
    headers: ["Cache-Control", "Link"],
    example:
      "id,state,hold,role,assurance,personal_data,name,email,postcode,area,channel,partner,locale,country,updates,accepted_at,verified_at,ended_at,invalidated_reason,mail_trouble,privacy_version,eligibility_version\r\nsig_0abc3f10-64a4-8f69-b35e-4e32bd3d26d5,verified,,signer,email,present,Ada Anchorby,ada@example.org,BW3 2QT,HAR,poster,,en,,false,2026-11-23T09:12:44.120Z,2026-11-23T09:14:02.310Z,,,,1,2\r\n",
  },
  problems: ["invalid_request", "invalid_cursor", "unauthorized", "not_found", "unavailable"],
  examples: [
    {
      summary: "Those that count, for a spreadsheet",
      path: `/v1/admin/petitions/${EXAMPLE_PETITION}/signatures/export?format=csv&bom=true&state=verified&reason=Handover%20to%20the%20council,%20file%202026-114`,
      headers: { Authorization },
    },
  ],
};
