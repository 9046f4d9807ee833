/** What `@upstash/ratelimit` imports for its statistics, which are off: wrangler.toml puts this into the bundle instead. */
export class Analytics {}
