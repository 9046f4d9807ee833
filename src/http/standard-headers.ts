// What a program reads has what OWASP's REST security cheat sheet asks for: each further header is copied and sent with
// every answer, and set one by one they cost more than all the rest of a warm read.
const DATA: Readonly<Record<string, string>> = {
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Strict-Transport-Security": "max-age=15552000; includeSubDomains",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};

// What a browser may show has what hono/secure-headers sends; test/unit/standard-headers.test.ts holds it against that.
const SHOWN: Readonly<Record<string, string>> = {
  ...DATA,
  "Content-Security-Policy":
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "cross-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Origin-Agent-Cluster": "?1",
  "Referrer-Policy": "no-referrer",
  "X-DNS-Prefetch-Control": "off",
  "X-Download-Options": "noopen",
  "X-Permitted-Cross-Domain-Policies": "none",
  "X-XSS-Protection": "0",
};

const securityOf = (type: string | null | undefined): Readonly<Record<string, string>> =>
  type && /^application\/(problem\+)?json\b/.test(type) ? DATA : SHOWN;

// Any frontend may read what is public and send what residents write; nothing rests on cookies.
const OPEN: Readonly<Record<string, string>> = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "ETag,Link,RateLimit,RateLimit-Policy,Retry-After",
};

const PREFLIGHT: Readonly<Record<string, string>> = {
  "Access-Control-Allow-Methods": "GET,HEAD,POST,PUT,DELETE",
  "Access-Control-Allow-Headers": "Authorization,Content-Type,Idempotency-Key,If-Match,If-None-Match",
  "Access-Control-Max-Age": "86400",
  Vary: "Access-Control-Request-Headers",
};

/** Whether pages of any origin may use what is under a path: all of the API but staff's. */
export const isOpenToFrontends = (path: string): boolean => path.startsWith("/v1/") && !path.startsWith("/v1/admin/");

/** The headers of an answer under a path: its own, and those of every answer where it has none of its own. */
export const standardHeaders = (path: string, own: Readonly<Record<string, string>>): Headers =>
  new Headers({
    "Cache-Control": "no-store",
    ...securityOf(own["Content-Type"]),
    ...(isOpenToFrontends(path) ? OPEN : {}),
    ...own,
  });

const ready = new Map<boolean, Headers>();

/** A JSON answer under a path with all that every answer has: its headers are made once and copied, not set one by one. */
export function sendData(path: string, value: unknown, status = 200): Response {
  const open = isOpenToFrontends(path);
  const headers = ready.get(open) ?? standardHeaders(path, { "Content-Type": "application/json" });
  ready.set(open, headers);
  return new Response(JSON.stringify(value), { status, headers });
}

/** Adds to an answer's headers what every answer has; those that `standardHeaders` made have it. */
export function completeHeaders(headers: Headers, path: string): void {
  if (headers.has("X-Content-Type-Options")) return;
  const security = securityOf(headers.get("Content-Type"));
  for (const name in security) headers.set(name, security[name] as string);
  if (isOpenToFrontends(path)) for (const name in OPEN) headers.set(name, OPEN[name] as string);
  // What says nothing of caching must not be cached: it may be about one person.
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
}

/** What a browser is told that asks whether a page of another origin may send a request. */
export const answerPreflight = (path: string): Response =>
  new Response(null, { status: 204, headers: standardHeaders(path, PREFLIGHT) });
