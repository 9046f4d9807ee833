/** A call took longer than somebody can wait. Whether it has had an effect is not known. */
export class TooSlow extends Error {
  constructor() {
    super("too slow");
    this.name = "TooSlow";
  }
}

/** The result of a call if it comes within `ms` milliseconds; else throws a `TooSlow` and leaves the call to itself. */
export async function inTime<Result>(call: Promise<Result>, ms: number): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TooSlow()), ms);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}
