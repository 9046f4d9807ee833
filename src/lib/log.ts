/** What a log line may hold: names and numbers, never personal data, tokens, input or messages of foreign errors. */
export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** Writes one structured line. */
export function log(event: string, fields: LogFields): void {
  console.log(JSON.stringify({ event, ...fields }));
}

/** What may be said of an error: its class, a code, and where it happened. Messages carry SQL, parameters and input. */
export function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const code: unknown = Reflect.get(error, "code");
  // The stack begins with the message, and a line of a message can look like a frame.
  const frames = (error.stack ?? "")
    .replace(error.message, "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line));
  return {
    error: error.name,
    code: typeof code === "string" && /^\w{1,40}$/.test(code) ? code : undefined,
    at: frames
      .slice(0, 4)
      .map((line) => line.trim())
      .join(" < "),
  };
}
