import { expect } from "vitest";
import type { SwitchName } from "../../src/limits/switches.ts";
import { coldIsolate } from "./isolate.ts";
import { asStaff } from "./staff.ts";

type Isolate = ReturnType<typeof coldIsolate>;

const OFF = { signing_paused: false, creation_paused: false, mailings_paused: false };

/** Sets the switches, those that are not named off, on what they are now; `tag`: on what somebody has read. */
export async function setSwitches(
  on: Partial<Record<SwitchName, boolean>>,
  { tag, key, reason, at = coldIsolate() }: { tag?: string; key?: string; reason?: string; at?: Isolate } = {},
): Promise<Response> {
  const known = tag ?? (await asStaff(at, "GET", "/switches")).headers.get("ETag") ?? "";
  return asStaff(at, "PUT", "/switches", {
    ...(key !== undefined && { key }),
    body: { ...OFF, ...on, ...(reason !== undefined && { reason }) },
    headers: { "If-Match": known },
  });
}

/** Does something in a new isolate while a switch is on. */
export async function whilePaused<Result>(name: SwitchName, act: (at: Isolate) => Promise<Result>): Promise<Result> {
  expect((await setSwitches({ [name]: true })).status).toBe(200);
  try {
    return await act(coldIsolate());
  } finally {
    expect((await setSwitches({})).status).toBe(200);
  }
}
