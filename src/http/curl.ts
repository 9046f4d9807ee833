import type { Method, RequestExample } from "./openapi.ts";

/** A request as a command for a POSIX shell. `base`: where the API is served. */
export function curlOf(base: string, method: Method, { path, headers = {}, body }: RequestExample): string {
  // `--data-binary` keeps the lines of a text.
  const [type, option, data] =
    typeof body === "string"
      ? ["text/plain", "--data-binary", body]
      : ["application/json", "-d", JSON.stringify(body, null, 2)];
  const sent = body === undefined ? headers : { "Content-Type": type, ...headers };
  const parts = [
    `curl ${method === "get" || (method === "post" && body !== undefined) ? "" : `-X ${method.toUpperCase()} `}${quote(base + path)}`,
    ...Object.entries(sent).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`${option} ${quote(data)}`]),
  ];
  return parts.join(" \\\n  ");
}

/** Nothing within single quotes means anything to a shell but the quote itself. */
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
