import * as v from "valibot";
import { type ApiPart, EXAMPLE_PETITION } from "../http/openapi.ts";
import { AuditExportQuery, AuditList, AuditQuery } from "./audit.schema.ts";

const headers = { Authorization: "Bearer fm_staff_local" };

/** The log of what was done, described. */
export const auditApi = (): ApiPart => ({
  name: "Audit",
  description:
    "What was done, by whom, on what, and why. Nothing in it is ever changed or deleted. Admins of the whole municipality read all of it; everybody else the history of a petition that they see, with `subject`; an admin of a department also that of its staff.",
  schemas: { AuditList },
  operations: [
    {
      method: "get",
      path: "/v1/admin/audit",
      id: "listAudit",
      summary: "Read what was done",
      description: "For staff: the newest first.",
      staff: "viewer",
      query: AuditQuery,
      answer: {
        status: 200,
        description: "Entries.",
        schema: AuditList,
        headers: ["Cache-Control", "Link"],
        example: {
          data: [
            {
              id: "aud_01936d9e-8c4b-7f00-9a51-00005afe0003",
              at: "2026-11-23T14:05:09.000Z",
              actor: "stf_01936d9e-8c4b-7f00-9a51-00005afe0001",
              actor_name: "Sam Steward",
              role: "moderator",
              act: "channel.put",
              subject: EXAMPLE_PETITION,
              before: null,
              after: { code: "market-stall", label: "Stall", owner: "Community office", retired: false },
              reason: null,
            },
          ],
          next_cursor: null,
        },
      },
      problems: ["unauthorized", "not_found", "invalid_request", "invalid_cursor", "unavailable"],
      examples: [
        { summary: "Read a petition's history", path: `/v1/admin/audit?subject=${EXAMPLE_PETITION}`, headers },
        {
          summary: "Read November",
          path: "/v1/admin/audit?from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z",
          headers,
        },
      ],
    },
    {
      method: "get",
      path: "/v1/admin/audit/export",
      id: "exportAudit",
      summary: "Take what was done away as a file",
      description:
        "For staff: the same entries, all of them, as CSV (RFC 4180) or with `format=ndjson` as one JSON object a line. It is sent as it is read; one that fails midway breaks the transfer off, so that nobody takes it for whole. That there was an export is recorded too, before the first entry leaves.",
      staff: "viewer",
      query: AuditExportQuery,
      answer: {
        status: 200,
        contentType: "text/csv",
        otherType: "application/x-ndjson",
        description: "The entries, the newest first; `before` and `after` are JSON.",
        schema: v.string(),
        headers: ["Cache-Control"],
        example:
          'id,at,actor,actor_name,role,act,subject,before,after,reason\r\naud_01936d9e-8c4b-7f00-9a51-00005afe0003,2026-11-23T14:05:09.000Z,local,,admin,audit.export,audit,,"{""format"":""csv""}",\r\n',
      },
      problems: ["unauthorized", "not_found", "invalid_request", "unavailable"],
      examples: [
        { summary: "Take a petition's history", path: `/v1/admin/audit/export?subject=${EXAMPLE_PETITION}`, headers },
      ],
    },
  ],
});
