import type { Bindings } from "../../src/bindings.ts";
import type { Faults } from "./faults.ts";

/** What a bill would count, and what the ledger of a replay has to know. */
export const counted = {
  /** Requests from outside, and batches that a queue's consumer was called with. */
  requests: 0,
  batches: 0,
  d1_calls: 0,
  d1_rows_read: 0,
  d1_rows_written: 0,
  /** Operations of queues: a message is written, read at each delivery, and deleted. */
  queue_writes: 0,
  queue_reads: 0,
  queue_deletes: 0,
  durable_object_requests: 0,
  /** Milliseconds that objects were at work, or waited to store what they had counted. */
  durable_object_ms: 0,
  durable_object_rows_written: 0,
  mails: 0,
  /** What has been broken on purpose. */
  d1_failures: 0,
  /** Those within a queue's consumer: it may not know any more what it has done. */
  turns_lost: 0,
  deaths: 0,
};

/** Which part of the Worker calls: each has bindings of its own, as the isolates of a deployment have. */
export type Caller = "fetch" | "intake" | "mail" | "other";

/** Folkmoot's bindings, counted, and broken as `faults` says. Mail is handed to a stand-in of the provider over HTTP. */
export function stagedBindings(env: Bindings & { readonly MAILBOX: string }, caller: Caller, faults: Faults): Bindings {
  return {
    ...env,
    DB: stagedDatabase(env.DB, caller, faults),
    INTAKE: gatheringQueue(env.INTAKE),
    MAIL: countedQueue(env.MAIL),
    REVIEW: countedQueue(env.REVIEW),
    WEBHOOKS: countedQueue(env.WEBHOOKS),
    LIMITER: countedObjects(env.LIMITER),
    MAIL_CAPTURE: providerAt(env.MAILBOX) as unknown as NonNullable<Bindings["MAIL_CAPTURE"]>,
  };
}

function stagedDatabase(db: D1Database, caller: Caller, faults: Faults): D1Database {
  const batch = async (statements: D1PreparedStatement[]) => {
    counted.d1_calls++;
    const fault = faults.database();
    if (fault === "before") throw lost(caller);
    const results = await db.batch(statements);
    for (const { meta } of results) {
      counted.d1_rows_read += meta.rows_read;
      counted.d1_rows_written += meta.rows_written;
    }
    // What is committed is committed; only nobody hears of it.
    if (fault === "after") throw lost(caller);
    return results;
  };
  return new Proxy(db, {
    get(target, name) {
      if (name === "batch") return batch;
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function lost(caller: Caller): Error {
  counted.d1_failures++;
  if (caller === "mail" || caller === "intake") counted.turns_lost++;
  return new Error("D1_ERROR: Network connection lost.");
}

/** How many submissions are sent on together: one, or as many as fill a batch, however fast the machine takes them. */
export const gathering = { size: 1 };

function gatheringQueue<Body>(queue: Queue<Body>): Queue<Body> {
  const counting = countedQueue(queue);
  let held: MessageSendRequest<Body>[] = [];
  const send = async (body: Body) => {
    held.push({ body } as MessageSendRequest<Body>);
    if (held.length < gathering.size) return;
    const together = held;
    held = [];
    await counting.sendBatch(together);
  };
  return { ...counting, send } as unknown as Queue<Body>;
}

const countedQueue = <Body>(queue: Queue<Body>): Queue<Body> =>
  ({
    send: (body: Body, options?: QueueSendOptions) => {
      counted.queue_writes++;
      return queue.send(body, options);
    },
    sendBatch: (messages: Iterable<MessageSendRequest<Body>>, options?: QueueSendBatchOptions) => {
      const all = [...messages];
      counted.queue_writes += all.length;
      return queue.sendBatch(all, options);
    },
  }) as Queue<Body>;

/** Each call of an object's method is one request on the bill. */
const countedObjects = (objects: Bindings["LIMITER"]): Bindings["LIMITER"] =>
  ({
    idFromName: (name: string) => objects.idFromName(name),
    get: (id: DurableObjectId) => {
      const stub = objects.get(id) as unknown as Record<string, (...args: unknown[]) => unknown>;
      // A stub has any method that is asked for, `apply` too: it can only be called by its name.
      const call =
        (name: string) =>
        async (...args: unknown[]) => {
          counted.durable_object_requests++;
          const begun = Date.now();
          const answer = await stub[name]?.(...args);
          counted.durable_object_ms += Date.now() - begun;
          return answer;
        };
      return { count: call("count"), look: call("look"), giveBack: call("giveBack"), forget: call("forget") };
    },
  }) as unknown as Bindings["LIMITER"];

/** Takes the place of local mode's mailbox: outside the Worker, where it outlives it, and may refuse. */
const providerAt = (address: string) => ({
  idFromName: (name: string) => name,
  get: () => ({
    async keep(mail: unknown): Promise<void> {
      const answer = await fetch(address, { method: "POST", body: JSON.stringify(mail) });
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error("the provider refused");
      counted.mails++;
    },
  }),
});
