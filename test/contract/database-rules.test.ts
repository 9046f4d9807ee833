import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { petitionStates, signatureStates } from "../../src/db/schema.ts";
import { openPetition } from "../support/town.ts";

// What the database itself must never allow, whatever the code does.

const LEGAL_PETITION: Record<string, string[]> = {
  draft: ["gathering", "moderation"],
  gathering: ["moderation", "hidden"],
  moderation: ["open", "changes_requested", "rejected", "hidden"],
  changes_requested: ["moderation", "gathering", "rejected", "hidden"],
  open: ["closed", "stopped", "hidden"],
  closed: ["open", "hidden"],
  stopped: ["open", "hidden"],
  rejected: ["moderation", "hidden"],
  hidden: ["moderation", "rejected"],
};

const LEGAL_SIGNATURE: Record<string, string[]> = {
  pending: ["verified", "withdrawn", "invalidated"],
  verified: ["withdrawn", "invalidated"],
  withdrawn: ["pending"],
  invalidated: ["pending", "verified", "withdrawn"],
};

const run = (sql: string, ...values: unknown[]) =>
  env.DB.prepare(sql)
    .bind(...values)
    .run()
    .then(
      () => "done",
      (error: Error) => error.message,
    );

test("petitions move between states as the design says, and no other way", async () => {
  for (const from of petitionStates) {
    for (const to of petitionStates) {
      if (from === to) continue;
      const { no } = await openPetition({ state: from, rejection_code: "x", ended_at: 1 });
      const outcome = await run("UPDATE petitions SET state = ? WHERE no = ?", to, no);
      expect(outcome, `${from} → ${to}`).toEqual(
        LEGAL_PETITION[from]?.includes(to) ? "done" : expect.stringContaining("petition_transition"),
      );
    }
  }
});

test("signatures move between states as the design says, and no other way", async () => {
  const { no } = await openPetition();
  const times = {
    pending: [null, null, null],
    verified: [1, "2026-11-23T15", null],
    withdrawn: [null, null, 1],
    invalidated: [1, "2026-11-23T15", 1],
  };
  let person = 0;
  for (const from of signatureStates) {
    for (const to of signatureStates) {
      if (from === to) continue;
      const email = crypto.getRandomValues(new Uint8Array(8));
      await env.DB.prepare(
        "INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, locale, accepted_at, verified_at, verified_hour, ended_at) VALUES (?, ?, ?, randomblob(16), ?, 'en', 1, ?, ?, ?)",
      )
        .bind(no, email, ++person, from, ...times[from])
        .run();
      const outcome = await run(
        "UPDATE signatures SET state = ?, verified_at = ?, verified_hour = ?, ended_at = ? WHERE petition_no = ? AND person_hash = ?",
        to,
        ...times[to],
        no,
        person,
      );
      expect(outcome, `${from} → ${to}`).toEqual(
        LEGAL_SIGNATURE[from]?.includes(to) ? "done" : expect.stringContaining("signature_transition"),
      );
    }
  }
});

test("a signature needs a petition, keeps its key, and counts under the same area, channel, hour and language", async () => {
  const { no } = await openPetition();
  const insert = (petition: number, person: number) =>
    run(
      `INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, locale, area_code, accepted_at, verified_at, verified_hour)
      VALUES (?, randomblob(8), ?, randomblob(16), 'verified', 'en', 'north', 1, 1, '2026-11-23T15')`,
      petition,
      person,
    );
  expect(await insert(12345, 1)).toContain("signature_without_petition");
  expect(await insert(no, 1)).toBe("done");
  expect(await run("UPDATE signatures SET person_hash = 2 WHERE petition_no = ?", no)).toContain(
    "signature_key_is_fixed",
  );
  expect(await run("UPDATE signatures SET area_code = 'south' WHERE petition_no = ?", no)).toContain(
    "signature_dimensions_fixed",
  );
  expect(await run("UPDATE signatures SET hold = 'rate' WHERE petition_no = ?", no)).toBe("done");
  expect(await run("UPDATE signatures SET area_code = 'south' WHERE petition_no = ?", no)).toBe("done");
});

test("reviving an invalidated signature never brings a third name or a second household into a mailbox", async () => {
  const { no } = await openPetition();
  const email = crypto.getRandomValues(new Uint8Array(8));
  const [here, there] = [new Uint8Array(8).fill(1), new Uint8Array(8).fill(2)];
  const insert = (person: number, postcode: Uint8Array, state: string) =>
    run(
      `INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, locale, postcode_hash, accepted_at, verified_at, verified_hour, ended_at)
      VALUES (?, ?, ?, randomblob(16), ?5, 'en', ?4, ?3, iif(?5 = 'pending', NULL, 1), iif(?5 = 'pending', NULL, '2026-11-23T15'), iif(?5 = 'invalidated', 1, NULL))`,
      no,
      email,
      person,
      postcode,
      state,
    );
  expect(await insert(1, here, "invalidated")).toBe("done");
  expect(await insert(2, there, "invalidated")).toBe("done");
  expect(await insert(3, here, "verified")).toBe("done");
  const revive = (person: number) =>
    run(
      "UPDATE signatures SET state = 'verified', ended_at = NULL WHERE petition_no = ? AND person_hash = ?",
      no,
      person,
    );
  const live = async () =>
    (
      await env.DB.prepare(
        "SELECT person_hash FROM signatures WHERE petition_no = ? AND state = 'verified' ORDER BY person_hash",
      )
        .bind(no)
        .all()
    ).results.map(({ person_hash }) => person_hash);
  expect(await revive(2)).toBe("done");
  expect(await live()).toEqual([3]);
  expect(await revive(1)).toBe("done");
  expect(await live()).toEqual([1, 3]);
});
