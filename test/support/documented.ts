import * as v from "valibot";
import { expect } from "vitest";
import { answerHeaders, PARTNER_HEADERS, problemHeaders } from "../../src/http/openapi.ts";
import { ProblemDocument } from "../../src/http/problem.schema.ts";
import type { ProblemCode } from "../../src/http/problems.ts";
import { apiParts } from "../../src/openapi.ts";

export const operations = apiParts().flatMap((part) => part.operations);

/** An operation of the API's description by its id. */
export function operation(id: string) {
  const found = operations.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`no operation ${id}`);
  return found;
}

/** What an answer has of the headers that the description knows. */
const knownHeaders = (answer: Response) => Object.keys(answerHeaders).filter((name) => answer.headers.has(name));

/** What an answer to a partner's key carries beside what is documented of every answer like it. */
const limitHeaders = (answer: Response) => PARTNER_HEADERS.filter((name) => answer.headers.has(name));

/** Expects an answer to be the documented one of an operation: status, headers, and a body that its schema takes strictly. */
export async function expectDocumentedAnswer(id: string, answer: Response): Promise<unknown> {
  const { answer: usual, otherAnswer, partner } = operation(id);
  const documented = answer.status === otherAnswer?.status ? otherAnswer : usual;
  expect(answer.status, id).toBe(documented.status);
  const { contentType = "application/json" } = documented;
  expect(answer.headers.get("Content-Type")?.split(";")[0], id).toBe(contentType);
  // `Link` is absent on a list's last page.
  const headers = documented.headers.filter((name) => name !== "Link" || answer.headers.has("Link"));
  const optional = partner?.may ? limitHeaders(answer) : [];
  expect(knownHeaders(answer).sort(), id).toEqual([...headers, ...optional].sort());
  const text = await answer.text();
  const body: unknown = contentType === "application/json" ? JSON.parse(text) : text;
  expect(v.safeParse(documented.schema, body).issues, id).toBeUndefined();
  return body;
}

/** Expects an answer to be a problem of this code, with the headers and the body that the description gives it. */
export async function expectDocumentedProblem(code: ProblemCode, answer: Response): Promise<void> {
  const body: unknown = await answer.json();
  expect(body).toMatchObject({ code, status: answer.status });
  expect(answer.headers.get("Content-Type"), code).toBe("application/problem+json");
  expect(knownHeaders(answer).sort(), code).toEqual(
    [...new Set([...problemHeaders(code), ...limitHeaders(answer)])].sort(),
  );
  expect(v.safeParse(ProblemDocument, body).issues, code).toBeUndefined();
}
