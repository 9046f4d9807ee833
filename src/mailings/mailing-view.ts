import { publicId } from "../lib/ids.ts";
import type { MailingOfPetition } from "./find-mailing.ts";
import { progressOf } from "./mailing.ts";

/** A mailing as staff read it: numbers only, nothing of who. */
export const mailingView = ({ mailing, petitionId }: MailingOfPetition) => ({
  id: publicId("mlg", mailing.id),
  petition_id: publicId("pet", petitionId),
  kind: mailing.kind,
  about: mailing.kind === "threshold" ? mailing.about : null,
  state: mailing.state,
  ended_because: mailing.endedBecause,
  error: mailing.error,
  version: mailing.version,
  texts: mailing.texts,
  expected_recipients: mailing.kind === "message" && mailing.countedTo === null ? mailing.expected : null,
  recipients: mailing.recipients,
  sent: mailing.sent,
  failed: mailing.failed,
  skipped: mailing.skipped,
  bounced: mailing.bounced,
  complained: mailing.complained,
  unsubscribed: mailing.unsubscribed,
  waiting: mailing.parts.reduce((sum, { items }) => sum + items.length, 0),
  progress: progressOf(mailing),
  by: mailing.actor,
  created_at: time(mailing.createdAt),
  begins_at: time(mailing.startedAt ?? Math.max(mailing.dueAt, mailing.createdAt)),
  started_at: mailing.startedAt === null ? null : time(mailing.startedAt),
  ended_at: mailing.endedAt === null ? null : time(mailing.endedAt),
});

const time = (at: number): string => new Date(at).toISOString();
