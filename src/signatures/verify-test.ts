import type { Database } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { type Bytes, sameBytes, utf8 } from "../lib/bytes.ts";
import { hexUuid, publicId } from "../lib/ids.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { countOf } from "./signatures.store.ts";
import { type TestRef, testCodes } from "./test-submission.ts";
import { deleteTest, testsInMailbox, verifyTestRow } from "./test-submissions.store.ts";

interface VerifyTestDeps {
  readonly db: Database;
  readonly keys: RootKeys;
  readonly clock: () => number;
  /** Rings for a partner's endpoints that have something to be told; not waited for. */
  readonly tellPartner: (partner: string) => void;
}

/** Verifies a test: what is read is the usual success, and no count moves. Raises `signature_gone` once it is forgotten. */
export async function verifyTest({ db, clock, tellPartner }: VerifyTestDeps, test: TestRef) {
  const [[found], [count]] = await db.batch([verifyTestRow(db, test, clock()), countOf(db, test.petitionNo)]);
  if (!found || !count) throw new Problem("signature_gone");
  tellPartner(found.partner);
  return {
    answer: {
      status: "verified" as const,
      signature_id: publicId("sig", hexUuid(test.submission)),
      petition_id: publicId("pet", count.petitionId),
      signature_count: count.verified,
      test: true as const,
    },
    role: found.supporter === 1 ? ("supporter" as const) : ("signer" as const),
  };
}

/** The test of a mailbox whose code was typed; null when it is none of the newest. */
export async function testWithCode(
  { db, keys }: Pick<VerifyTestDeps, "db" | "keys">,
  { code, ...mailbox }: { petitionNo: number; emailHash: Bytes; code: string },
): Promise<TestRef | null> {
  const [tests] = await db.batch([testsInMailbox(db, mailbox)]);
  for (const { submission } of tests) {
    const codes = await testCodes(keys, submission);
    if (codes.some((one) => sameBytes(utf8(one), utf8(code)))) return { submission, petitionNo: mailbox.petitionNo };
  }
  return null;
}

/** Withdraws a test, which is then forgotten. What is read is the usual success. Raises `signature_gone`. */
export async function withdrawTest({ db }: Pick<VerifyTestDeps, "db">, test: TestRef) {
  const [, [count]] = await db.batch([deleteTest(db, test.submission), countOf(db, test.petitionNo)]);
  if (!count) throw new Problem("signature_gone");
  return {
    status: "withdrawn" as const,
    signature_id: publicId("sig", hexUuid(test.submission)),
    petition_id: publicId("pet", count.petitionId),
    signature_count: count.verified,
    test: true as const,
  };
}
