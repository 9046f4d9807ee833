import * as v from "valibot";
import { concat, fromHex, toHex } from "../lib/bytes.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { CODE_DIGITS } from "./signature.ts";

/** A submission that a test key sent. */
export interface TestRef {
  /** Its UUID as 32 hexadecimal digits. */
  readonly submission: string;
  readonly petitionNo: number;
}

/** What the partner sent, as a test keeps it sealed. */
export const TestData = v.object({
  name: v.string(),
  email: v.string(),
  postcode: v.optional(v.string()),
  reference: v.optional(v.string()),
  consent: v.boolean(),
});

const UUID_BYTES = 16;
const NUMBER_BYTES = 4;

/** The token of the links in a test's mail: no token of a signature, as a signature's is none of a test. */
export function testToken(keys: RootKeys, { submission, petitionNo }: TestRef): Promise<string> {
  const number = new DataView(new ArrayBuffer(NUMBER_BYTES));
  number.setUint32(0, petitionNo);
  return keys.issueToken("test", concat(fromHex(submission), new Uint8Array(number.buffer)));
}

/** The test that a link speaks of; null when it is none. No database is asked. */
export async function readTestToken(keys: RootKeys, token: string): Promise<TestRef | null> {
  const payload = await keys.readToken("test", token, UUID_BYTES + NUMBER_BYTES);
  if (!payload) return null;
  const petitionNo = new DataView(payload.buffer, payload.byteOffset + UUID_BYTES).getUint32(0);
  return { submission: toHex(payload.slice(0, UUID_BYTES)), petitionNo };
}

/**
 * The codes of a test: one, or two while ROOT_KEY is being rotated; the first stands in its mail. They are made from the
 * submission, so that nobody learns from a test the code of a person's signature.
 */
export const testCodes = (keys: RootKeys, submission: string): Promise<string[]> =>
  keys.codes("test_code", fromHex(submission), CODE_DIGITS);

/** What a test's seal is bound to. */
export const testContext = (submission: string): string => `test:${submission}`;
