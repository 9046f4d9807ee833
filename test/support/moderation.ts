import { expect } from "vitest";
import type { coldIsolate } from "./isolate.ts";
import { asStaff } from "./staff.ts";

type Isolate = Pick<ReturnType<typeof coldIsolate>, "fetch">;

/** A petition as staff read it, as far as tests look at it. */
export interface StaffView {
  readonly state: string;
  readonly version: number;
  readonly [field: string]: unknown;
}

/** What staff read of a petition. */
export async function readAsStaff(isolate: Isolate, id: string, key?: string): Promise<StaffView> {
  const answer = await asStaff(isolate, "GET", `/petitions/${id}`, key === undefined ? {} : { key });
  expect(answer.status).toBe(200);
  return (await answer.json()) as StaffView;
}

/** Decides on the version that is there (local mode's key without another); gives the answer. */
export async function decideOn(
  isolate: Isolate,
  id: string,
  act: string,
  body: unknown = {},
  key?: string,
): Promise<Response> {
  const { version } = await readAsStaff(isolate, id);
  const headers = { "If-Match": `"${version}"` };
  return asStaff(isolate, "POST", `/petitions/${id}/${act}`, { body, headers, ...(key === undefined ? {} : { key }) });
}

/** Decides, and gives the petition as it then is; fails unless the decision was taken. */
export async function decided(isolate: Isolate, id: string, act: string, body: unknown = {}): Promise<StaffView> {
  const answer = await decideOn(isolate, id, act, body);
  const petition = (await answer.json()) as StaffView;
  expect([answer.status, petition], act).toEqual([200, expect.anything()]);
  expect(answer.headers.get("ETag")).toBe(`"${petition.version}"`);
  return petition;
}
