import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { staffRoles } from "../../src/db/staff-schema.ts";
import { ANYWHERE, problemCodes } from "../../src/http/openapi.ts";
import { problemsOf } from "../../src/http/openapi-document.ts";
import type { ProblemCode } from "../../src/http/problems.ts";
import { expectDocumentedProblem, operation, operations } from "../support/documented.ts";
import { coldIsolate, faultyDatabase, refusingQueue } from "../support/isolate.ts";
import {
  partnerTriggers,
  problemTriggers,
  staffRequest,
  staffTriggers,
  stages,
  type Trigger,
} from "../support/operations.ts";
import { busyAddress, freshEmail, linkIn, nextMail, postJson, sign, tokenOf } from "../support/resident.ts";
import { staffKey } from "../support/staff.ts";
import { whilePaused } from "../support/switches.ts";
import { foundTown, openPetition } from "../support/town.ts";

const isolate = coldIsolate();
/** Nothing works: neither database nor queue. */
const broken = () => coldIsolate({ DB: faultyDatabase(() => true), INTAKE: refusingQueue });
const BEYOND_GRACE_MS = 2 * 86_400_000;

beforeAll(foundTown);

interface Signed {
  readonly petition: Awaited<ReturnType<typeof openPetition>>;
  readonly verify: string;
  readonly withdraw: string;
}

/** A signature that waits to be verified, with the tokens of its mail. */
async function signed(): Promise<Signed> {
  const petition = await openPetition();
  const email = freshEmail();
  await sign(isolate, petition.id, { email });
  const mail = await nextMail(email);
  return { petition, verify: tokenOf(linkIn(mail, "v")), withdraw: tokenOf(linkIn(mail, "w")) };
}

const end = ({ petition: { no } }: Signed) => {
  const at = Date.now() - BEYOND_GRACE_MS;
  return env.DB.prepare("UPDATE petitions SET state = 'closed', closes_at = ?1, ended_at = ?1 WHERE no = ?2")
    .bind(at, no)
    .run();
};
const forget = ({ petition: { no } }: Signed) =>
  env.DB.prepare("DELETE FROM signatures WHERE petition_no = ?").bind(no).run();

const verify = (token: string, at = isolate) => postJson(at, "/v1/verifications", { token });
const withdraw = (token: string, at = isolate) => postJson(at, "/v1/withdrawals", { token });
const absent = "pet_01936d9e-8c4b-7f00-9a51-0123deadbeef";
const petition = {
  title: "Benches",
  background: "To sit on.",
  creator: { name: "Ada Anchorby", email: "ada@example.org" },
};

/** What is wrong with a body is the same everywhere. */
const bodyTriggers = (path: () => Promise<string>): Partial<Record<ProblemCode, Trigger>> => ({
  invalid_json: async () => postJson(isolate, await path(), "{"),
  invalid_request: async () => postJson(isolate, await path(), { nothing: "known" }),
  payload_too_large: async () => postJson(isolate, await path(), `"${"x".repeat(33_000)}"`),
  unsupported_media_type: async () => isolate.fetch(await path(), { method: "POST", body: "{}" }),
});

const reading =
  (path: string): Trigger =>
  async () =>
    broken().fetch(path);

/** A way to get each problem that the description gives to an operation. */
const TRIGGERS: Record<string, Partial<Record<ProblemCode, Trigger>>> = {
  listPetitions: {
    invalid_request: () => isolate.fetch("/v1/petitions?limit=51"),
    invalid_cursor: () => isolate.fetch("/v1/petitions?cursor=made-up"),
    unavailable: reading("/v1/petitions"),
  },
  submitPetition: {
    ...bodyTriggers(async () => "/v1/petitions"),
    rate_limited: async () => postJson(isolate, "/v1/petitions", petition, await busyAddress(isolate)),
    creation_paused: () => whilePaused("creation_paused", (at) => postJson(at, "/v1/petitions", petition)),
    unavailable: () => postJson(broken(), "/v1/petitions", petition),
  },
  readPetition: {
    not_found: () => isolate.fetch(`/v1/petitions/${absent}`),
    unavailable: reading(`/v1/petitions/${absent}`),
  },
  submitSignature: {
    ...bodyTriggers(async () => `/v1/petitions/${(await openPetition()).id}/signatures`),
    not_found: () => sign(isolate, absent),
    petition_not_open: async () => sign(isolate, (await openPetition({ opens_at: Date.now() + 60_000 })).id),
    rate_limited: async () => sign(isolate, (await openPetition()).id, {}, await busyAddress(isolate)),
    signing_paused: async () => {
      const { id } = await openPetition();
      return whilePaused("signing_paused", (at) => sign(at, id));
    },
    unavailable: async () => sign(broken(), (await openPetition()).id),
  },
  verifySignature: {
    ...bodyTriggers(async () => "/v1/verifications"),
    token_invalid: () => verify("made-up"),
    code_invalid: () =>
      postJson(isolate, "/v1/verifications", { petition_id: absent, email: "ada@example.org", code: "000000" }),
    signature_withdrawn: async () => {
      const signature = await signed();
      await withdraw(signature.withdraw);
      return verify(signature.verify);
    },
    verification_closed: async () => {
      const signature = await signed();
      await end(signature);
      return verify(signature.verify);
    },
    signature_gone: async () => {
      const signature = await signed();
      await forget(signature);
      return verify(signature.verify);
    },
    rate_limited: async () => {
      const address = await busyAddress(isolate);
      // The first tries with a link are not asked about.
      for (let n = 0; n < 2; n++) await postJson(isolate, "/v1/verifications", { token: "made-up" }, address);
      return postJson(isolate, "/v1/verifications", { token: "made-up" }, address);
    },
    unavailable: async () => verify((await signed()).verify, broken()),
  },
  withdrawSignature: {
    ...bodyTriggers(async () => "/v1/withdrawals"),
    token_invalid: () => withdraw("made-up"),
    petition_closed: async () => {
      const signature = await signed();
      await end(signature);
      return withdraw(signature.withdraw);
    },
    signature_gone: async () => {
      const signature = await signed();
      await forget(signature);
      return withdraw(signature.withdraw);
    },
    rate_limited: async () => postJson(isolate, "/v1/withdrawals", { token: "made-up" }, await busyAddress(isolate)),
    unavailable: async () => withdraw((await signed()).withdraw, broken()),
  },
  countPetition: {
    not_found: () => isolate.fetch(`/v1/petitions/${absent}/count`),
    unavailable: reading(`/v1/petitions/${absent}/count`),
  },
  listAreas: { unavailable: reading("/v1/areas") },
  listTopics: { unavailable: reading("/v1/topics") },
  listDepartments: { unavailable: reading("/v1/departments") },
  readHealth: {},
  readProblem: { not_found: () => isolate.fetch("/problems/nothing") },
  readDescription: {},
};

const cases = operations.flatMap((operation) => {
  const own = { ...TRIGGERS[operation.id], ...problemTriggers[operation.id] };
  const common = operation.staff ? staffTriggers(operation) : operation.partner ? partnerTriggers(operation) : {};
  const triggers = { ...common, ...own };
  return Object.entries(triggers).map(
    ([code, trigger]): [string, ProblemCode, Trigger] =>
      [...[operation.id, code as ProblemCode, trigger]] as [string, ProblemCode, Trigger],
  );
});

test("every documented problem is brought about here, and no other", () => {
  const brought = cases.map(([id, code]) => `${id} ${code}`);
  const documented = operations.flatMap((operation) => problemsOf(operation).map((code) => `${operation.id} ${code}`));
  const anywhere = (line: string) => ANYWHERE.some((code) => line.endsWith(` ${code}`));
  expect(brought.sort()).toEqual(documented.filter((line) => !anywhere(line)).sort());
  const ids = operations.map(({ id }) => id);
  expect(Object.keys({ ...TRIGGERS, ...problemTriggers, ...stages }).filter((id) => !ids.includes(id))).toEqual([]);
});

test("staff's operations say that they need a key, and what happens to whoever's role is too small", () => {
  for (const { id, staff, problems } of operations.filter((operation) => operation.staff)) {
    expect(problems, id).toContain("unauthorized");
    expect(problems, id).toContain("unavailable");
    if (staff !== "viewer") expect(problems, id).toContain("not_found");
  }
});

test.each(
  operations.flatMap((operation) =>
    (["viewer", "moderator"] as const).flatMap((role) =>
      operation.staff && staffRoles.indexOf(role) < staffRoles.indexOf(operation.staff) ? [{ operation, role }] : [],
    ),
  ),
)("$operation.id is not there for a $role", async ({ operation, role }) => {
  const { path, init } = await staffRequest(operation, { key: await staffKey(role) });
  await expectDocumentedProblem("not_found", await isolate.fetch(path, init));
});

test.each(cases)("%s answers %s as documented", async (_, code, trigger) => {
  await expectDocumentedProblem(code, await trigger());
});

test("every operation answers misconfigured when settings are missing, and internal_error for what nobody foresaw", async () => {
  const unset = coldIsolate({ ROOT_KEY: "short" });
  for (const { path, method } of operations) {
    const init = { method: method.toUpperCase() };
    await expectDocumentedProblem("misconfigured", await unset.fetch(path.replace("{id}", absent), init));
  }
  await expectDocumentedProblem("internal_error", await coldIsolate({ DB: {} }).fetch("/v1/areas"));
});

test("a wrong method is method_not_allowed, and the catalogue has no code that is not brought about", async () => {
  await expectDocumentedProblem("method_not_allowed", await isolate.fetch("/v1/areas", { method: "PUT" }));
  const reached = new Set<string>([...cases.map(([, code]) => code), ...ANYWHERE, "method_not_allowed"]);
  expect([...reached].sort()).toEqual([...problemCodes].sort());
  expect(operation("verifySignature").problems).toContain("token_invalid");
});
