import type { Method, RequestExample } from "./openapi.ts";

/** A request as a command for a POSIX shell. `base`: where the API is served. */
export function curlOf(base: string, method: Method, { path, headers = {}, body }: RequestExample): string {
  const sent = body === undefined ? headers : { ...headers, "Content-Type": "application/json" };
  const parts = [
    `curl ${method === "get" || (method === "post" && body !== undefined) ? "" : `-X ${method.toUpperCase()} `}${quote(base + path)}`,
    ...Object.entries(sent).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`-d ${quote(JSON.stringify(body, null, 2))}`]),
  ];
  return parts.join(" \\\n  ");
}

/** Nothing within single quotes means anything to a shell but the quote itself. */
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
