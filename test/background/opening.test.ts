import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { coldIsolate } from "../support/isolate.ts";
import { decided, decideOn, readAsStaff } from "../support/moderation.ts";
import { actsOn } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

beforeAll(foundTown);
afterEach(() => void vi.useRealTimers());

const MINUTE = "* * * * *";

/** From now on it is this moment, for the Worker and the test. */
const at = (moment: string) => vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(moment) });

const waiting = () => openPetition({ state: "moderation", opens_at: null, closes_at: null });

/** The state that the public reads, by an isolate that has just started. */
const shown = async (id: string): Promise<string> => {
  const answer = await coldIsolate().fetch(`/v1/petitions/${id}`);
  return answer.status === 404 ? "absent" : ((await answer.json()) as { state: string }).state;
};

describe("a petition that is approved for later", () => {
  test("is absent until then, opens by the minute's job with its thresholds, and is opened once", async () => {
    at("2027-03-01T10:00:00Z");
    const isolate = coldIsolate();
    const { id, no } = await waiting();
    const thresholds = [{ name: "response", signatures: 40 }];
    const approved = await decided(isolate, id, "approve", { opens_at: "2027-03-05", thresholds });
    expect(approved).toMatchObject({
      ...{ state: "moderation", opens_at: "2027-03-05T00:00:00.000Z", closes_at: "2027-09-05T23:00:00.000Z" },
      ...{ approved_thresholds: thresholds, thresholds: [] },
    });
    at("2027-03-04T23:59:59.999Z");
    await coldIsolate().cron(MINUTE);
    expect(await shown(id)).toBe("absent");
    at("2027-03-05T00:00:00Z");
    expect(await shown(id)).toBe("absent");
    for (let run = 0; run < 2; run++) await coldIsolate().cron(MINUTE);
    expect(await shown(id)).toBe("open");
    const opened = await readAsStaff(coldIsolate(), id);
    expect(opened).toMatchObject({ ...{ state: "open", version: approved.version }, thresholds });
    expect(await actsOn(id)).toHaveLength(1);
    const { results } = await env.DB.prepare("SELECT items FROM outbox WHERE items LIKE ?")
      .bind(`%${no.toString(16).padStart(8, "0")}:opened%`)
      .all();
    expect(results).toEqual([]); // nobody created it, so there is nobody to tell
  });

  test("opens late, as of its moment, when runs were missed; and closes at once when its whole time was", async () => {
    at("2027-03-01T10:00:00Z");
    const [late, over] = [await waiting(), await waiting()];
    await decided(coldIsolate(), late.id, "approve", { opens_at: "2027-03-02T08:00:00+01:00" });
    await decided(coldIsolate(), over.id, "approve", { opens_at: "2027-03-02", closes_at: "2027-03-03" });
    at("2027-03-08T12:00:00Z");
    await coldIsolate().cron(MINUTE);
    expect(await readAsStaff(coldIsolate(), late.id)).toMatchObject({
      ...{ state: "open", opens_at: "2027-03-02T07:00:00.000Z" },
    });
    expect(await readAsStaff(coldIsolate(), over.id)).toMatchObject({
      ...{ state: "closed", ended_at: "2027-03-04T00:00:00.000Z" },
    });
  });

  test("opens when the newest approval says, and not at all when it was taken back", async () => {
    at("2027-03-01T10:00:00Z");
    const isolate = coldIsolate();
    const [moved, rejected] = [await waiting(), await waiting()];
    await decided(isolate, moved.id, "approve", { opens_at: "2027-03-02" });
    await decided(isolate, moved.id, "approve", { opens_at: "2027-03-04" });
    await decided(isolate, rejected.id, "approve", { opens_at: "2027-03-02" });
    await decided(isolate, rejected.id, "reject", { code: "unclear" });
    await decided(isolate, rejected.id, "reopen");
    at("2027-03-03T10:00:00Z");
    await coldIsolate().cron(MINUTE);
    expect([await shown(moved.id), await shown(rejected.id)]).toEqual(["absent", "absent"]);
    at("2027-03-04T00:00:00Z");
    await coldIsolate().cron(MINUTE);
    expect([await shown(moved.id), await shown(rejected.id)]).toEqual(["open", "absent"]);
  });

  test("and only that: what comes back from being hidden while it was open waits for staff", async () => {
    at("2027-03-01T10:00:00Z");
    const { id } = await waiting();
    await decided(coldIsolate(), id, "approve");
    await decided(coldIsolate(), id, "reject", { code: "offensive" });
    await decided(coldIsolate(), id, "reopen");
    at("2027-03-03T10:00:00Z");
    await coldIsolate().cron(MINUTE);
    expect(await shown(id)).toBe("absent");
  });

  test("opens today when today's day is named, and yesterday is refused, by the municipality's clock", async () => {
    at("2027-03-01T03:00:00Z"); // 28 February, 19:00 in Los Angeles
    const west = coldIsolate({ TIME_ZONE: "America/Los_Angeles" });
    const { id } = await waiting();
    expect(await decided(west, id, "approve", { opens_at: "2027-02-28" })).toMatchObject({
      ...{ state: "open", opens_at: "2027-03-01T03:00:00.000Z", closes_at: "2027-08-29T07:00:00.000Z" },
    });
  });
});

describe("closing", () => {
  test.each([
    ["31 August and six months", "Europe/London", "2026-08-31T09:00:00Z", "2027-03-01T00:00:00.000Z"],
    ["31 August and six months to a leap day", "Europe/London", "2027-08-31T09:00:00Z", "2028-03-01T00:00:00.000Z"],
    ["the night on which the clock goes forward", "Europe/Berlin", "2026-09-28T09:00:00Z", "2027-03-28T22:00:00.000Z"],
    ["the night on which the clock goes back", "Europe/Berlin", "2027-04-30T09:00:00Z", "2027-10-30T22:00:00.000Z"],
    ["the day after it", "Europe/Berlin", "2027-04-30T22:00:00Z", "2027-11-01T23:00:00.000Z"],
    ["west of UTC, in the evening", "America/Los_Angeles", "2027-01-16T05:00:00Z", "2027-07-16T07:00:00.000Z"],
    ["a moment before midnight", "Europe/London", "2027-01-15T23:59:59.999Z", "2027-07-15T23:00:00.000Z"],
    ["midnight itself", "Europe/London", "2027-01-16T00:00:00.000Z", "2027-07-16T23:00:00.000Z"],
  ])("%s: at the end of the last day, by the minute's job, once", async (_, zone, opens, closes) => {
    at(opens);
    const { id, no } = await waiting();
    const settings = { TIME_ZONE: zone };
    const petition = await decided(coldIsolate(settings), id, "approve");
    expect(petition.closes_at).toBe(closes);
    vi.setSystemTime(Date.parse(closes) - 1);
    await coldIsolate(settings).cron(MINUTE);
    expect(await shown(id)).toBe("open");
    vi.setSystemTime(Date.parse(closes));
    // The job has not run yet: everybody reads already that it is over.
    expect([await shown(id), (await readAsStaff(coldIsolate(settings), id)).state]).toEqual(["closed", "closed"]);
    for (let run = 0; run < 2; run++) await coldIsolate(settings).cron(MINUTE);
    expect(await env.DB.prepare("SELECT state, ended_at FROM petitions WHERE no = ?").bind(no).first()).toEqual({
      ...{ state: "closed", ended_at: Date.parse(closes) },
    });
  });

  test("of an extended petition is later, of a reopened one anew, and what is over can't be extended", async () => {
    at("2027-01-15T12:00:00Z");
    const { id } = await waiting();
    const isolate = coldIsolate();
    await decided(isolate, id, "approve", { closes_at: "2027-02-10" });
    for (const closes_at of [
      "2027-02-10",
      "2027-02-10T23:59:59Z",
      "2027-02-11T00:00:00Z",
      "2027-02-09",
      "2032-02-09",
    ]) {
      const answer = await decideOn(isolate, id, "extend", { closes_at });
      expect([closes_at, answer.status]).toEqual([closes_at, 400]);
    }
    expect(await decided(isolate, id, "extend", { closes_at: "2027-02-12T15:00:00Z" })).toMatchObject({
      closes_at: "2027-02-13T00:00:00.000Z",
    });
    at("2027-02-11T12:00:00Z");
    await coldIsolate().cron(MINUTE);
    expect(await shown(id)).toBe("open");
    at("2027-02-13T00:00:00Z");
    // The job has not run, and yet nobody can extend what is over.
    const refused = await decideOn(coldIsolate(), id, "extend", { closes_at: "2027-03-01" });
    expect([refused.status, await refused.json()]).toMatchObject([409, { errors: [{ code: "closed" }] }]);
    expect(await decided(coldIsolate(), id, "reopen")).toMatchObject({
      ...{ state: "open", closes_at: "2027-08-13T23:00:00.000Z", ended_at: null },
    });
    await coldIsolate().cron(MINUTE);
    expect(await shown(id)).toBe("open");
    at("2027-08-13T23:00:00Z");
    await coldIsolate().cron(MINUTE);
    expect(await readAsStaff(coldIsolate(), id)).toMatchObject({
      ...{ state: "closed", ended_at: "2027-08-13T23:00:00.000Z" },
    });
  });
});
