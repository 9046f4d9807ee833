import { EXAMPLE_PARTNER_KEY, EXAMPLE_PARTNER_TEST_KEY } from "../../../src/http/openapi.ts";
import { coldIsolate } from "../../support/isolate.ts";
import { newKey, newPartner, signVia } from "../../support/partners.ts";
import { openPetition } from "../../support/town.ts";

/** A test key in the place of the example's, with which something was sent. */
async function tested(): Promise<Record<string, string>> {
  const { key } = await newKey(await newPartner(), { test: true });
  await signVia(coldIsolate(), key, (await openPetition()).id);
  return { [EXAMPLE_PARTNER_KEY]: key, [EXAMPLE_PARTNER_TEST_KEY]: key };
}

export const stages = { listTestMails: tested };
