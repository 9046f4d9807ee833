import * as v from "valibot";
import { timeOrNull } from "../http/answer-fields.ts";
import { fromHex } from "../lib/bytes.ts";
import { hexUuid, publicId, uuidAt, uuidHex } from "../lib/ids.ts";
import type { KeyHolder } from "../partners/key-book.ts";
import type { PetitionFacts } from "../petitions/petition-directory.ts";
import { type ComposeDeps, commonArgs, languageQuery } from "./compose-signature-mail.ts";
import { TEST_KEPT_MS } from "./forget-tests.ts";
import { openerOf } from "./petition-opener.ts";
import { numbersOf } from "./read-sent.ts";
import { supporterVerificationMail, verificationMail } from "./signature-mails.ts";
import { TestData, testCodes, testContext, testToken } from "./test-submission.ts";
import { type TestRow, testPage } from "./test-submissions.store.ts";

export interface ReadTestsDeps extends ComposeDeps {}

/** What is asked of a partner's tests. */
export interface AskedTests {
  readonly petitionId?: string | undefined;
  readonly status?: "pending" | "verified" | "expired" | undefined;
  /** 32 hexadecimal digits. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** A test that has been opened. */
interface Test extends TestRow {
  readonly petition: PetitionFacts;
  readonly data: v.InferOutput<typeof TestData>;
}

/** A page of a partner's tests that can be opened, the newest first, and the one before which the next page begins. */
async function openTests(
  deps: ReadTestsDeps,
  holder: KeyHolder,
  { petitionId, status, before, limit }: AskedTests,
): Promise<{ tests: Test[]; next: string | null }> {
  // A test does not wait long enough to expire: it is forgotten.
  if (status === "expired") return { tests: [], next: null };
  const [rows] = await deps.db.batch([
    testPage(deps.db, {
      partner: holder.partner.code,
      petitions: numbersOf(holder, petitionId),
      verified: status && status === "verified",
      from: uuidHex(uuidAt(deps.clock() - TEST_KEPT_MS)),
      before,
      limit: limit + 1,
    }),
  ]);
  const page = rows.slice(0, limit);
  const tests = await Promise.all(page.map((row) => openTest(deps, row)));
  const next = rows.length > limit ? (page.at(-1)?.submission ?? null) : null;
  return { tests: tests.filter((test) => test !== null), next };
}

async function openTest(deps: ReadTestsDeps, row: TestRow): Promise<Test | null> {
  const petition = await deps.petitions.facts(deps.db, row.petition_no);
  const opener = await openerOf(deps.petitions, deps.db, row.petition_no);
  if (!petition || typeof opener === "string") return null;
  const data = v.safeParse(TestData, await opener.open(fromHex(row.sealed), testContext(row.submission)));
  return data.success ? { ...row, petition, data: data.output } : null;
}

/** A page of a partner's tests as `readSent` gives submissions, each marked as a test. */
export async function readTests(deps: ReadTestsDeps, holder: KeyHolder, asked: AskedTests) {
  const { tests, next } = await openTests(deps, holder, asked);
  const data = tests.map(({ submission, petition, data: { name, email, postcode, reference, consent }, ...row }) => ({
    submission_id: publicId("sub", hexUuid(submission)),
    petition_id: publicId("pet", petition.id),
    reference: reference ?? null,
    status: row.verified_at === null ? ("pending" as const) : ("verified" as const),
    submitted_at: new Date(row.accepted_at).toISOString(),
    verified_at: timeOrNull(row.verified_at),
    signer: consent && row.verified_at !== null ? { name, email, postcode: postcode ?? null } : null,
    test: true as const,
  }));
  return { data, next };
}

/** A page of the mails that a partner's tests would have sent, the newest first, as they would have been. */
export async function readTestMails(deps: ReadTestsDeps, holder: KeyHolder, asked: AskedTests) {
  const { tests, next } = await openTests(deps, holder, asked);
  return { data: await Promise.all(tests.map((test) => mailOf(deps, holder, test))), next };
}

async function mailOf(deps: ReadTestsDeps, { partner }: KeyHolder, test: Test) {
  const { submission, petition, locale, data } = test;
  const token = await testToken(deps.keys, { submission, petitionNo: petition.no });
  const [code = ""] = await testCodes(deps.keys, submission);
  const lang = languageQuery({ locale });
  const links = {
    verify: `${deps.publicUrl}/v/${token}${lang}`,
    withdraw: `${deps.publicUrl}/w/${token}${lang}`,
    code: `${deps.publicUrl}/v${lang}&petition=${publicId("pet", petition.id)}`,
  };
  const args = {
    ...(await commonArgs(deps, { locale, name: data.name, petition })),
    ...{ verifyUrl: links.verify, withdrawUrl: links.withdraw, codeUrl: links.code, code },
    partner: partner.name,
    test: true,
  };
  const { subject, text, html } = test.supporter === 1 ? supporterVerificationMail(args) : verificationMail(args);
  return {
    submission_id: publicId("sub", hexUuid(submission)),
    petition_id: publicId("pet", petition.id),
    to: data.email,
    sent_at: new Date(test.accepted_at).toISOString(),
    ...{ subject, text, html, links, code },
  };
}
