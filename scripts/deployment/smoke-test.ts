interface Check {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly status: number;
  /** Whether the answer's body is what it should be. */
  readonly holds: (body: unknown) => boolean;
  /** What an answer that differs means. */
  readonly means: string;
}

const field = (body: unknown, name: string): unknown =>
  typeof body === "object" && body !== null ? Reflect.get(body, name) : undefined;

const CHECKS: readonly Check[] = [
  {
    method: "GET",
    path: "/health",
    status: 200,
    holds: (body) => field(body, "status") === "ok",
    means: "the Worker does not run, or its settings are not fit",
  },
  {
    method: "GET",
    path: "/v1/petitions",
    status: 200,
    holds: (body) => Array.isArray(field(body, "data")),
    means: "the database can't be read, or lacks its migrations",
  },
  {
    method: "POST",
    path: "/v1/petitions",
    status: 400,
    holds: (body) => field(body, "code") === "invalid_request",
    means: "input is not checked as it should be",
  },
  {
    method: "GET",
    path: "/dev/mail.json",
    status: 404,
    holds: (body) => field(body, "code") === "not_found",
    means: "LOCAL MODE IS ON: everybody can read every mail. Take the Worker off the net at once",
  },
];

/** Asks a deployed service four things, none of which changes anything. Gives what is wrong, one line each. */
export async function smokeTest(base: string, fetcher: typeof fetch = fetch): Promise<string[]> {
  const results = await Promise.all(CHECKS.map((check) => run(base, check, fetcher)));
  return results.filter((line) => line !== undefined);
}

async function run(base: string, check: Check, fetcher: typeof fetch): Promise<string | undefined> {
  const { method, path, status, holds, means } = check;
  const post = { body: "{}", headers: { "Content-Type": "application/json" } };
  try {
    const response = await fetcher(base + path, {
      method,
      redirect: "manual",
      signal: AbortSignal.timeout(10_000),
      ...(method === "POST" ? post : {}),
    });
    const body: unknown = await response.json().catch(() => undefined);
    if (response.status === status && holds(body)) return undefined;
    return [`${method} ${path}: ${response.status} instead of ${status}: ${means}`, ...settingsNamed(body)].join("; ");
  } catch {
    return `${method} ${path}: no answer. A new address takes some minutes to work`;
  }
}

/** A Worker that refuses to serve names the settings at fault; never their values. */
function settingsNamed(body: unknown): string[] {
  const errors = field(body, "code") === "misconfigured" ? field(body, "errors") : undefined;
  return Array.isArray(errors) ? errors.map((error) => String(field(error, "detail"))) : [];
}
