import { type ApiPart, BODY_PROBLEMS, EXAMPLE_PETITION, type Parameter } from "../http/openapi.ts";
import { AcknowledgeAlarm, Alarm, AlarmList, AlarmQuery } from "./alarms.schema.ts";

const Authorization = "Bearer fm_staff_local";
/** Stands in examples for an alarm. */
export const EXAMPLE_ALARM = "alarm_01936d9e-8c4b-7f00-9a51-0123456789ab";

const alarmParameter: Parameter = {
  name: "id",
  in: "path",
  description: "The alarm's id.",
  example: EXAMPLE_ALARM,
};

const [from, to] = ["2026-11-23T02:00:00.000Z", "2026-11-23T05:00:00.000Z"];
const alarm = {
  id: EXAMPLE_ALARM,
  petition_id: EXAMPLE_PETITION,
  title: "Benches for the market square",
  kind: "network",
  key: "digest:0123456789abcdef",
  state: "open",
  raised_at: "2026-11-23T02:21:00.000Z",
  seen_at: "2026-11-23T04:51:00.000Z",
  ended_at: null,
  evidence: { count: 140, expected: 7.2, of: 152, from, to },
  where: { petition: EXAMPLE_PETITION, network: "digest:0123456789abcdef", from, to },
  acknowledged_at: null,
  acknowledged_by: null,
  note: null,
};

/** Alarms, described. */
export const alarmsApi = (): ApiPart => ({
  name: "Alarms",
  description:
    "What is unusual about a petition's signatures, found by looking every ten minutes: hours, nights, shares of one network, domain, area or channel, signatures that nobody verifies, withdrawals. An alarm changes nothing; it asks somebody to look.",
  schemas: { Alarm, AlarmList },
  operations: [
    {
      method: "get",
      path: "/v1/admin/alerts",
      id: "listAlarms",
      summary: "List alarms",
      description:
        "For staff: open ones and past ones, the newest first. One cause is one alarm as long as it lasts, and another only after two quiet days.",
      staff: "viewer",
      query: AlarmQuery,
      answer: {
        status: 200,
        description: "The alarms.",
        schema: AlarmList,
        headers: ["Cache-Control"],
        example: { data: [alarm], next_cursor: null },
      },
      problems: ["unauthorized", "not_found", "invalid_request", "invalid_cursor", "unavailable"],
      examples: [{ summary: "List open ones", path: "/v1/admin/alerts?state=open", headers: { Authorization } }],
    },
    {
      method: "post",
      path: "/v1/admin/alerts/{id}/acknowledge",
      id: "acknowledgeAlarm",
      summary: "Say that you have looked at an alarm",
      description:
        "For moderators: with a note of what was found, which goes into the audit log too. Nothing else changes. The first note stays: a repetition changes nothing.",
      staff: "moderator",
      parameters: [alarmParameter],
      body: AcknowledgeAlarm,
      answer: {
        status: 200,
        description: "The alarm.",
        schema: Alarm,
        headers: ["Cache-Control"],
        example: {
          ...alarm,
          acknowledged_at: "2026-11-23T08:10:00.000Z",
          acknowledged_by: "local",
          note: "The computer room of the school.",
        },
      },
      problems: [...BODY_PROBLEMS, "unauthorized", "not_found", "unavailable"],
      examples: [
        {
          summary: "Acknowledge one",
          path: `/v1/admin/alerts/${EXAMPLE_ALARM}/acknowledge`,
          headers: { Authorization },
          body: { note: "The computer room of the school." },
        },
      ],
    },
  ],
});
