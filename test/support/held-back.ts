import type { IntakeMessage } from "../../src/signatures/submission.ts";
import { coldIsolate } from "./isolate.ts";

/**
 * An isolate whose queue keeps a submission waiting until `goOn`; `begun` is fulfilled when one waits, and `sent` are
 * those that it took.
 */
export function heldBack(overrides: Parameters<typeof coldIsolate>[0] = {}) {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: released, resolve: goOn } = Promise.withResolvers<void>();
  const sent: IntakeMessage[] = [];
  const take = async (messages: readonly IntakeMessage[]) => {
    begin();
    await released;
    sent.push(...messages);
  };
  const INTAKE = {
    send: (message: IntakeMessage) => take([message]),
    sendBatch: (messages: Iterable<{ body: IntakeMessage }>) => take([...messages].map(({ body }) => body)),
  };
  return { at: coldIsolate({ INTAKE, ...overrides }), begun, goOn, sent };
}
