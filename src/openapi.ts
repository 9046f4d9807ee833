import { auditApi } from "./access/audit.openapi.ts";
import { staffApi } from "./access/staff.openapi.ts";
import { areaTablesApi } from "./areas/area-tables.openapi.ts";
import { areasApi } from "./areas/areas.openapi.ts";
import { termsApi } from "./areas/terms.openapi.ts";
import { countsApi } from "./counts/counts.openapi.ts";
import type { ApiPart } from "./http/openapi.ts";
import { type OpenApiDocument, openApiDocument } from "./http/openapi-document.ts";
import { serviceApi } from "./http/service.openapi.ts";
import { RESIDENT_BODY_BYTES } from "./http/validation.ts";
import { alarmsApi } from "./integrity/alarms.openapi.ts";
import { integrityReportApi } from "./integrity/integrity-report.openapi.ts";
import { invalidationApi } from "./integrity/invalidation.openapi.ts";
import { limitsApi } from "./integrity/limits.openapi.ts";
import { reconciliationApi } from "./integrity/reconciliation.openapi.ts";
import { mailApi } from "./mail/mail.openapi.ts";
import { mailingsApi } from "./mailings/mailings.openapi.ts";
import { unsubscriptionsApi } from "./mailings/unsubscriptions.openapi.ts";
import { noticesApi } from "./notices/notices.openapi.ts";
import { overviewApi } from "./overview/overview.openapi.ts";
import { partnersApi } from "./partners/partners.openapi.ts";
import { usageApi } from "./partners/usage.openapi.ts";
import { webhooksApi } from "./partners/webhooks/webhooks.openapi.ts";
import { channelsApi } from "./petitions/channels/channels.openapi.ts";
import { creatorApi } from "./petitions/creator/creator.openapi.ts";
import { moderationApi } from "./petitions/moderation/moderation.openapi.ts";
import { petitionsApi } from "./petitions/petitions.openapi.ts";
import { responsesApi } from "./petitions/responses/responses.openapi.ts";
import { switchesApi } from "./petitions/switches/switches.openapi.ts";
import { personApi } from "./privacy/person/person.openapi.ts";
import { retentionApi } from "./privacy/retention/retention.openapi.ts";
import { partnerSubmissionsApi } from "./signatures/partner-submissions.openapi.ts";
import { signaturesApi } from "./signatures/signatures.openapi.ts";
import { staffSignaturesApi } from "./signatures/staff-signatures.openapi.ts";
import { testMailsApi } from "./signatures/test-mails.openapi.ts";

/** The parts of the API's description, in the order in which they are read. */
export const apiParts = (): readonly ApiPart[] => [
  petitionsApi(),
  creatorApi(),
  signaturesApi(),
  unsubscriptionsApi(),
  noticesApi(),
  personApi(),
  moderationApi(),
  responsesApi(),
  staffSignaturesApi(),
  mailingsApi(),
  countsApi(),
  channelsApi(),
  integrityReportApi(),
  reconciliationApi(),
  alarmsApi(),
  invalidationApi(),
  retentionApi(),
  areasApi(),
  areaTablesApi(),
  termsApi(),
  limitsApi(),
  switchesApi(),
  overviewApi(),
  staffApi(),
  auditApi(),
  partnersApi(),
  usageApi(),
  partnerSubmissionsApi(),
  testMailsApi(),
  mailApi(),
  webhooksApi(),
  serviceApi(),
];

const ABOUT = `Reading petitions, signing them, and the counts. Any website or app may use it: everything under \`/v1/\` but staff's \`/v1/admin/\` allows every origin, nothing rests on cookies, and residents need no key.

Bodies are JSON in UTF-8 with names in \`snake_case\`; a field that is not known is refused. A body is at most ${RESIDENT_BODY_BYTES / 1024} KB. Times are ISO 8601 in UTC, ids are \`pet_…\`, \`sig_…\` and \`sub_…\`, lists are \`{data, next_cursor}\`. \`HEAD\` works wherever \`GET\` does.

Public reads carry an \`ETag\` and may be kept for as long as \`Cache-Control\` says; everything else is \`no-store\`. A decision of the municipality holds everywhere within 15 seconds.

Whatever goes wrong is \`application/problem+json\` (RFC 9457) with a \`code\` of one closed list. A known address with a wrong method is \`method_not_allowed\`.

Staff send \`Authorization: Bearer <key>\`, or sign on through Cloudflare Access where that is set up. Partner organisations send a key of theirs the same way. What a key may not see reads like what does not exist.`;

/** The whole API as an OpenAPI 3.1 document. Throws when a schema can't be told as JSON Schema. */
export const describeApi = (at: { readonly municipality: string; readonly publicUrl: string }): OpenApiDocument =>
  openApiDocument(apiParts(), {
    title: `Petitions: ${at.municipality}`,
    description: ABOUT,
    publicUrl: at.publicUrl,
  });
