/**
 * A body that is made while it is read: the next chunk when the reader asks for it, so that a slow reader costs no memory.
 * A failure breaks the transfer off, and a reader who leaves ends the chunks (their `finally` runs).
 */
export function pulledStream(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
