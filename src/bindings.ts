import type { LimiterShard } from "./limits/durable-limiter.ts";
import type { MailCapture } from "./mail/capture-sender.ts";
import type { DeliveryMessage } from "./mail/record-delivery-events.ts";
import type { IdempotencyShard } from "./partners/idempotency/durable-claims.ts";
import type { IntakeMessage } from "./signatures/submission.ts";

/** A message of the MAIL queue: a doorbell. What to send is in the outbox. */
export interface MailMessage {
  readonly v: 1;
  readonly job_id: string;
}

/** A message of the REVIEW queue: a doorbell. What to do, and how far it has come, is in the run. */
export interface ReviewMessage {
  readonly v: 1;
  readonly run_id: string;
}

/** A message of the WEBHOOKS queue: a doorbell. What is to be delivered is with the endpoint. */
export interface WebhookMessage {
  readonly v: 1;
  readonly endpoint_id: string;
}

/** The Worker's bindings beside its settings. */
export interface Bindings {
  readonly DB: D1Database;
  readonly INTAKE: Queue<IntakeMessage>;
  readonly MAIL: Queue<MailMessage>;
  readonly MAIL_EVENTS: Queue<DeliveryMessage>;
  readonly REVIEW: Queue<ReviewMessage>;
  readonly WEBHOOKS: Queue<WebhookMessage>;
  readonly LIMITER: DurableObjectNamespace<LimiterShard>;
  readonly IDEMPOTENCY: DurableObjectNamespace<IdempotencyShard>;
  readonly MAIL_CAPTURE?: DurableObjectNamespace<MailCapture>;
  readonly MAILER?: SendEmail;
  /** Files that are deployed beside the Worker. */
  readonly STATIC: Fetcher;
}
