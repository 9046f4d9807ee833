// Workers Paid, in US dollars, beyond what is included each month; as on Cloudflare's pages on 2026-11-23. The fixed 5
// dollars a month and storage (0.75 a gigabyte and month beyond 5) are not here.
export const PRICES_OF = "2026-11-23";

/** Dollars for a million of each. */
export const PER_MILLION = {
  requests: 0.3,
  d1_rows_read: 0.001,
  d1_rows_written: 1,
  queue_operations: 0.4,
  durable_object_requests: 0.15,
  /** Of 128 MB for each object, while it works or waits for something. */
  durable_object_gb_seconds: 12.5,
  durable_object_rows_written: 1,
  cpu_ms: 0.02,
  mails: 350,
} as const;

/** What a day of the free plan may have. It sends no mail through Cloudflare: a provider over HTTP would have to. */
export const FREE_A_DAY = {
  requests: 100_000,
  d1_rows_read: 5_000_000,
  d1_rows_written: 100_000,
  queue_operations: 10_000,
  durable_object_requests: 100_000,
  durable_object_gb_seconds: 13_000,
  durable_object_rows_written: 100_000,
} as const;
