import type { Problem } from "./described.ts";

/** Every code that a problem can have: the whole catalogue. */
export type ProblemCode = Problem["code"];

/** What the service says has gone wrong (RFC 9457); decide by `code`. */
export class FolkmootProblem extends Error {
  override readonly name = "FolkmootProblem";
  readonly code: ProblemCode;
  readonly status: number;
  /** Names the request to whoever runs the service. */
  readonly requestId: string;
  /** What is wrong, field by field. */
  readonly errors: NonNullable<Problem["errors"]>;
  /** Seconds to wait before the next try, where the service says so. */
  readonly retryAfter: number | undefined;

  constructor(problem: Problem, retryAfter: number | undefined) {
    super(`${problem.code}: ${problem.title}`);
    this.code = problem.code;
    this.status = problem.status;
    this.requestId = problem.request_id;
    this.errors = problem.errors ?? [];
    this.retryAfter = retryAfter;
  }
}

/** An answer that is not the service's: of a proxy in between, or of another program at this address. */
export class UnexpectedAnswer extends Error {
  override readonly name = "UnexpectedAnswer";
  readonly status: number;

  constructor(status: number) {
    super(`an answer with status ${status} that is not the service's`);
    this.status = status;
  }
}

/** An answer that asks to be asked again: some of a batch was refused for now, and the same request does the rest. */
export class PartlyDone {
  readonly retryAfter: number;

  constructor(retryAfter: number) {
    this.retryAfter = retryAfter;
  }
}

/** The seconds of `Retry-After`, if it names some. */
export function retryAfterOf(headers: Headers): number | undefined {
  const text = headers.get("Retry-After") ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** The error that an answer other than 2xx stands for. */
export async function errorOf(answer: Response): Promise<FolkmootProblem | UnexpectedAnswer> {
  const isProblem = answer.headers.get("Content-Type")?.startsWith("application/problem+json");
  if (!isProblem) {
    await answer.body?.cancel();
    return new UnexpectedAnswer(answer.status);
  }
  try {
    return new FolkmootProblem((await answer.json()) as Problem, retryAfterOf(answer.headers));
  } catch {
    return new UnexpectedAnswer(answer.status);
  }
}
