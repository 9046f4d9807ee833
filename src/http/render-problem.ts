import { type Problem, type ProblemCode, type ProblemError, problemCatalogue } from "./problems.ts";

/** A problem as a client reads it (RFC 9457). `typeBase`: where the problems are described. */
export const problemBody = (
  code: ProblemCode,
  { errors, requestId, typeBase }: { errors: readonly ProblemError[]; requestId: string; typeBase: string },
) => {
  const { status, title, detail } = problemCatalogue[code];
  return {
    type: `${typeBase}/problems/${code}`,
    title,
    status,
    code,
    detail,
    request_id: requestId,
    ...(errors.length > 0 ? { errors } : {}),
  };
};

/** The `application/problem+json` answer for a problem. */
export function renderProblem(problem: Problem, from: { requestId: string; typeBase: string }): Response {
  return new Response(JSON.stringify(problemBody(problem.code, { errors: problem.errors, ...from })), {
    status: problem.status,
    headers: { "Content-Type": "application/problem+json", "Cache-Control": "no-store", ...problem.headers },
  });
}
