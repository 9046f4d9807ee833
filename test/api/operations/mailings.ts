import { EXAMPLE_PETITION } from "../../../src/http/openapi.ts";
import { newUuid } from "../../../src/lib/ids.ts";
import { EXAMPLE_MAILING } from "../../../src/mailings/mailings.openapi.ts";
import { unsubscribeToken } from "../../../src/mailings/unsubscribe-token.ts";
import { UNSUBSCRIBE_TOKEN } from "../../../src/mailings/unsubscriptions.openapi.ts";
import { coldIsolate, faultyDatabase } from "../../support/isolate.ts";
import { busyAddress, postJson } from "../../support/resident.ts";
import { asStaff, newStaff } from "../../support/staff.ts";
import { confirmedMailing } from "../../support/subscribers.ts";
import { openPetition, rootKeys } from "../../support/town.ts";

const isolate = coldIsolate();

async function mailing(state: string, columns: Record<string, string | number> = {}): Promise<string> {
  const { no } = await openPetition();
  return `mlg_${await confirmedMailing(no, { state, version: 2, ...columns })}`;
}

const inState = (state: string) => async (): Promise<Record<string, string>> => ({
  [EXAMPLE_MAILING]: await mailing(state),
});

const unsubscriber = async (): Promise<Record<string, string>> => {
  const mailingOf = { id: newUuid(), petitionNo: (await openPetition()).no };
  const to = { mailbox: "0123456789abcdef", canonical: "ada@example.org" };
  return { [UNSUBSCRIBE_TOKEN]: await unsubscribeToken(rootKeys, mailingOf, to) };
};

/** A test of one's own needs a key with an entry. */
const asMember = async (): Promise<Record<string, string>> => ({
  ...(await inState("draft")()),
  fm_staff_local: (await newStaff("moderator")).key,
});

export const stages = {
  editMailing: inState("draft"),
  readMailing: inState("running"),
  previewMailing: inState("draft"),
  testMailing: asMember,
  confirmMailing: inState("draft"),
  cancelMailing: inState("running"),
  resumeMailing: inState("parked"),
  unsubscribe: unsubscriber,
};

const texts = { en: { subject: "Come", body: "To the town hall." } };
const deciding = { "If-Match": '"2"' };
const confirm = (id: string) => asStaff(isolate, "POST", `/mailings/${id}/confirm`, { body: {}, headers: deciding });
const unsubscribe = (body: unknown, at = isolate) => postJson(at, "/v1/unsubscriptions", body);

export const problems = {
  draftMailing: {
    illegal_state: async () => {
      const { id } = await openPetition({ state: "moderation" });
      return asStaff(isolate, "POST", `/petitions/${id}/mailings`, { body: { texts } });
    },
  },
  listMailings: { not_found: () => asStaff(isolate, "GET", `/mailings?petition=${EXAMPLE_PETITION}`) },
  readMailing: { not_found: () => asStaff(isolate, "GET", `/mailings/${EXAMPLE_MAILING}`) },
  previewMailing: { not_found: () => asStaff(isolate, "GET", `/mailings/${EXAMPLE_MAILING}/preview`) },
  editMailing: {
    run_state: async () =>
      asStaff(isolate, "PUT", `/mailings/${await mailing("running")}`, { body: { texts }, headers: deciding }),
  },
  testMailing: {
    no_own_address: async () => asStaff(isolate, "POST", `/mailings/${await mailing("draft")}/test`, { body: {} }),
  },
  confirmMailing: {
    run_state: async () => confirm(await mailing("draft", { counted_to: "" })),
    illegal_state: async () => {
      const { no } = await openPetition({ state: "moderation" });
      return confirm(`mlg_${await confirmedMailing(no, { state: "draft", version: 2 })}`);
    },
    mailing_under_way: async () => {
      const { no } = await openPetition();
      await confirmedMailing(no, { state: "running" });
      return confirm(`mlg_${await confirmedMailing(no, { state: "draft", version: 2 })}`);
    },
  },
  cancelMailing: {
    run_state: async () => asStaff(isolate, "POST", `/mailings/${await mailing("done")}/cancel`),
  },
  resumeMailing: {
    run_state: async () => asStaff(isolate, "POST", `/mailings/${await mailing("running")}/resume`),
  },
  unsubscribe: {
    invalid_json: () => unsubscribe("{"),
    invalid_request: () => unsubscribe({ nothing: "known" }),
    payload_too_large: () => unsubscribe(`"${"x".repeat(33_000)}"`),
    unsupported_media_type: () => isolate.fetch("/v1/unsubscriptions", { method: "POST", body: "{}" }),
    token_invalid: () => unsubscribe({ token: "made-up" }),
    rate_limited: async () =>
      postJson(isolate, "/v1/unsubscriptions", { token: "made-up" }, await busyAddress(isolate)),
    unavailable: async () => {
      const { [UNSUBSCRIBE_TOKEN]: token } = await unsubscriber();
      return unsubscribe({ token }, coldIsolate({ DB: faultyDatabase(() => true) }));
    },
  },
};
