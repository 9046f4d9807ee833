/** A call took longer than somebody can wait. Whether it has had an effect is not known. */
export class TooSlow extends Error {
  constructor() {
    super("too slow");
    this.name = "TooSlow";
  }
}

/** The result of a call if it comes within `ms` milliseconds; else throws a `TooSlow` and leaves the call to itself. */
export function inTime<Result>(call: Promise<Result>, ms: number): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new TooSlow()), ms);
    const end =
      <Value>(settle: (value: Value) => void) =>
      (value: Value) => {
        clearTimeout(timer);
        settle(value);
      };
    call.then(end(resolve), end(reject));
  });
}
