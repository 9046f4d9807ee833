import { expect, test } from "vitest";
import { type PetitionRow, petitionDocument, petitionSummary } from "../../src/petitions/petition-view.ts";

const OPENS = Date.parse("2026-05-01T06:00:00Z");
const CLOSES = Date.parse("2026-10-31T23:00:00Z");
const row: PetitionRow = {
  id: "01936d9e-8c4b-7f00-9a51-0123deadbeef",
  state: "open",
  title: "Benches",
  background: "There is nowhere to sit.",
  details: "",
  locale: "en",
  areaCode: null,
  departmentCode: null,
  topics: '["parks","roads"]',
  createdAt: OPENS - 1,
  opensAt: OPENS,
  closesAt: CLOSES,
  endedAt: null,
  pausedSince: null,
  verified: 1234,
  rejectionCode: null,
  rejectionDetails: null,
  responseSummary: null,
  responseDetails: null,
  responsePublishedAt: null,
  responseAmendedAt: null,
  hearingDate: null,
  hearingOutcome: null,
};

test("a list shows ids, times in UTC, topics and the count", () => {
  expect(petitionSummary(row, OPENS)).toEqual({
    id: "pet_01936d9e-8c4b-7f00-9a51-0123deadbeef",
    state: "open",
    title: "Benches",
    background: "There is nowhere to sit.",
    locale: "en",
    area: null,
    topics: ["parks", "roads"],
    department: null,
    created_at: "2026-05-01T05:59:59.999Z",
    opens_at: "2026-05-01T06:00:00.000Z",
    closes_at: "2026-10-31T23:00:00.000Z",
    ended_at: null,
    signing_paused: false,
    signature_count: 1234,
  });
});

test("a petition whose time is over is shown as ended then, whether or not the job has run", () => {
  expect(petitionSummary(row, CLOSES - 1)).toMatchObject({ state: "open", ended_at: null });
  expect(petitionSummary(row, CLOSES)).toMatchObject({ state: "closed", ended_at: "2026-10-31T23:00:00.000Z" });
  const byJob = petitionSummary({ ...row, state: "closed", endedAt: CLOSES }, CLOSES + 1);
  expect(byJob).toEqual(petitionSummary(row, CLOSES + 1));
});

test("while signing is paused an open petition says so, and does not close; what has ended says nothing of it", () => {
  const paused = { ...row, pausedSince: CLOSES - 1 };
  const closes_at = "2026-10-31T23:00:00.000Z";
  expect(petitionSummary(paused, CLOSES + 1)).toMatchObject({
    ...{ state: "open", signing_paused: true, closes_at, ended_at: null },
  });
  const over = petitionSummary({ ...row, pausedSince: CLOSES }, CLOSES + 1);
  expect(over).toMatchObject({ state: "closed", signing_paused: false, ended_at: closes_at });
});

test("a petition that was stopped ended when it was stopped", () => {
  const stopped = petitionSummary({ ...row, state: "stopped", endedAt: OPENS + 1 }, CLOSES + 1);
  expect(stopped).toMatchObject({ state: "stopped", ended_at: "2026-05-01T06:00:00.001Z" });
});

test("a response is shown only once it is published", () => {
  const drafted = { ...row, responseSummary: "Yes.", responseDetails: "All of it." };
  expect(petitionDocument(drafted, [], OPENS).response).toBeNull();
  expect(petitionDocument({ ...drafted, responsePublishedAt: OPENS }, [], OPENS).response).toEqual({
    summary: "Yes.",
    details: "All of it.",
    published_at: "2026-05-01T06:00:00.000Z",
    amended_at: null,
  });
});

test("thresholds say when they were reached, or that they were not; a rejection says why", () => {
  const thresholds = [
    { name: "response", signatures: 500, reachedAt: OPENS },
    { name: "hearing", signatures: 5000, reachedAt: null },
  ];
  const shown = petitionDocument({ ...row, rejectionCode: "duplicate", rejectionDetails: "See …" }, thresholds, OPENS);
  expect(shown.thresholds).toEqual([
    { name: "response", signatures: 500, reached_at: "2026-05-01T06:00:00.000Z" },
    { name: "hearing", signatures: 5000, reached_at: null },
  ]);
  expect(shown.rejection).toEqual({ code: "duplicate", details: "See …" });
  expect(petitionDocument(row, [], OPENS).rejection).toBeNull();
});
