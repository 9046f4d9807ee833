import { v7 } from "uuid";
import { LOCAL_ROOT_KEY } from "../../src/config.ts";
import { takeBreakdowns } from "../../src/counts/take-breakdowns.ts";
import { takeSnapshots } from "../../src/counts/take-snapshots.ts";
import { openDatabase } from "../../src/db/database.ts";
import { takeIntegrityReports } from "../../src/integrity/take-integrity-reports.ts";
import { fromBase64 } from "../../src/lib/bytes.ts";
import { petitionNo } from "../../src/lib/ids.ts";
import { RootKeys } from "../../src/lib/root-keys.ts";
import { foldPostcode } from "../../src/lib/text.ts";
import { PetitionSecret } from "../../src/petitions/petition-secret.ts";
import { rankPetitions } from "../../src/petitions/rank-petitions.ts";
import { ANSWER_SUBMISSION, keyHex } from "../../src/signatures/signature.ts";
import { areas, channels, departments, TIME_ZONE, topics } from "./brackwater.ts";
import { type DemoPetition, petitions } from "./petitions.ts";
import { Random } from "./random.ts";
import { assertTalliesAgree } from "./recount.ts";
import { inventResidents, type Resident } from "./residents.ts";
import { type DemoSignature, INSERT_SIGNATURES, signatureParameter, signaturesOf } from "./sign.ts";
import { DAY, type Timeline, timelineOf } from "./timeline.ts";

const RESIDENTS = 300;
const THRESHOLDS = { response: 75, hearing: 250 } as const; // signatures: some of the demo's petitions get there
const ROWS_A_STATEMENT = 100; // some 50 KB of JSON each, far below D1's 2 MB a value

/**
 * Founds the demo municipality in a database that has no petitions, in one transaction: all of it is there, or nothing.
 * Answers with the number of petitions and signatures; null when there are petitions already.
 */
export async function seedDemo(d1: D1Database, now: number): Promise<{ petitions: number; signatures: number } | null> {
  if (await d1.prepare("SELECT 1 FROM petitions LIMIT 1").first()) return null;
  const random = new Random(38_000);
  const residents = inventResidents(random, RESIDENTS);
  const keys = new RootKeys(fromBase64(LOCAL_ROOT_KEY) as NonNullable<ReturnType<typeof fromBase64>>);
  const submitted: Submitted[] = [];
  for (const petition of petitions) submitted.push(await submit(petition, { keys, residents, random, now }));
  const signatures = submitted.flatMap((one) => one.signatures);
  await d1.batch([
    ...referenceStatements(d1),
    ...submitted.flatMap((one) => petitionStatements(d1, one, now)),
    ...chunksOf(signatures).map((rows) => d1.prepare(INSERT_SIGNATURES).bind(signatureParameter(rows))),
    ...submitted.flatMap((one) => answeredStatements(d1, one.signatures)),
    d1.prepare(STAMP_THRESHOLDS),
    d1.prepare("UPDATE petition_tallies SET funnel_mailed = funnel_submitted"), // as the jobs above say
    d1.prepare(THRESHOLD_MAILS_WENT_OUT),
    d1.prepare(MAILINGS_WENT_OUT),
  ]);
  await rankPetitions({ db: openDatabase(d1).db, clock: () => now, timeZone: TIME_ZONE });
  const deps = { db: openDatabase(d1).db, clock: () => now, timeZone: TIME_ZONE };
  for (const take of [takeBreakdowns, takeSnapshots, takeIntegrityReports]) await take(deps);
  await assertTalliesAgree(d1);
  return { petitions: submitted.length, signatures: signatures.length };
}

/** A demo petition with its number, its secret and everybody who signed it. */
interface Submitted {
  readonly petition: DemoPetition;
  readonly timeline: Timeline;
  readonly id: string;
  readonly no: number;
  readonly wrapped: Uint8Array;
  readonly signatures: readonly DemoSignature[];
}

async function submit(
  petition: DemoPetition,
  town: { keys: RootKeys; residents: readonly Resident[]; random: Random; now: number },
): Promise<Submitted> {
  const timeline = timelineOf(petition, town.now);
  const id = v7({ msecs: timeline.createdAt });
  const no = petitionNo(id);
  const { secret, wrapped } = await PetitionSecret.create(town.keys, id);
  const signatures = await signaturesOf({ ...town, petition, petitionNo: no, secret, timeline });
  return { petition, timeline, id, no, wrapped, signatures };
}

function referenceStatements(d1: D1Database): D1PreparedStatement[] {
  const insert = (sql: string, rows: unknown[]) => d1.prepare(`${sql} FROM json_each(?)`).bind(JSON.stringify(rows));
  const postcodes = Object.entries(areas).flatMap(([area, { postcodes }]) =>
    postcodes.map((postcode) => [foldPostcode(postcode), area]),
  );
  return [
    insert("INSERT INTO departments SELECT value ->> 0, value -> 1", Object.entries(departments)),
    insert("INSERT INTO topics SELECT value ->> 0, value -> 1", Object.entries(topics)),
    insert(
      "INSERT INTO areas SELECT value ->> 0, value ->> 1, value ->> 2",
      Object.entries(areas).map(([code, { name, population }]) => [code, name, population]),
    ),
    insert("INSERT INTO postcodes SELECT value ->> 0, value ->> 1", postcodes),
    insert("INSERT INTO channels (code, label) SELECT value ->> 0, value ->> 1", Object.entries(channels)),
  ];
}

function petitionStatements(d1: D1Database, submitted: Submitted, now: number): D1PreparedStatement[] {
  const { petition, timeline, id, no, wrapped, signatures } = submitted;
  const { response, rejection } = petition;
  const creator = signatures.find(({ role }) => role === "creator");
  const columns = {
    no,
    id,
    state: petition.state,
    title: petition.title,
    background: petition.background,
    details: petition.details ?? "",
    locale: petition.locale,
    area_code: petition.area ?? null,
    department_code: petition.department ?? null,
    created_at: timeline.createdAt,
    opens_at: timeline.opensAt,
    closes_at: timeline.closesAt,
    ended_at: timeline.endedAt,
    secret: wrapped,
    rejection_code: rejection?.code ?? null,
    rejection_details: rejection?.details ?? null,
    creator_email_hash: creator?.emailHash ?? null,
    creator_person_hash: creator?.personHash ?? null,
  };
  const names = Object.keys(columns);
  const answeredAt = response && now - response.publishedAgo * DAY;
  const thresholds = timeline.opensAt === null ? [] : Object.entries(THRESHOLDS);
  return [
    d1.prepare(`INSERT INTO petitions (${names}) VALUES (${names.map(() => "?")})`).bind(...Object.values(columns)),
    d1
      .prepare("INSERT INTO petition_topics SELECT value, ? FROM json_each(?)")
      .bind(no, JSON.stringify(petition.topics)),
    ...thresholds.map(([name, count]) =>
      d1
        .prepare("INSERT INTO thresholds (petition_no, name, signatures, acted_at) VALUES (?, ?, ?, ?)")
        .bind(no, name, count, name === "response" ? (answeredAt ?? null) : null),
    ),
    ...(response
      ? [
          d1
            .prepare("INSERT INTO responses (petition_no, summary, details, published_at) VALUES (?, ?, ?, ?)")
            .bind(no, response.summary, response.details, answeredAt),
        ]
      : []),
  ];
}

/** The trigger stamps the moment of the seed: the moment of the signature that got there is the plausible one. */
const STAMP_THRESHOLDS = `
  UPDATE thresholds SET reached_at = counted.verified_at, mailed_at = counted.verified_at
  FROM (SELECT petition_no, verified_at, row_number() OVER (PARTITION BY petition_no ORDER BY verified_at) AS nth
    FROM signatures WHERE state = 'verified' AND hold IS NULL) AS counted
  WHERE counted.petition_no = thresholds.petition_no AND counted.nth = thresholds.signatures`;

/** Its mail went out then; nobody in the town is told of it today. */
const THRESHOLD_MAILS_WENT_OUT = `
  UPDATE outbox SET state = 'sent', remaining = '[]' WHERE kind = 'threshold_reached' AND state = 'waiting'`;

/** So did the news to those who asked for them. */
const MAILINGS_WENT_OUT = "DELETE FROM mailings";

/** The mails that pending signatures wait for have gone out; by these jobs unverified signatures are found and deleted. */
function answeredStatements(d1: D1Database, signatures: readonly DemoSignature[]): D1PreparedStatement[] {
  return signatures
    .filter(({ state }) => state === "pending")
    .map((row) =>
      d1
        .prepare(
          `INSERT INTO outbox (id, kind, state, items, remaining, due_at, created_at)
          VALUES (?, ?, 'sent', json_array(?), '[]', ?, ?)`,
        )
        .bind(v7({ msecs: row.acceptedAt }), ANSWER_SUBMISSION, keyHex(row), row.acceptedAt, row.acceptedAt),
    );
}

const chunksOf = <Row>(rows: readonly Row[]): Row[][] =>
  Array.from({ length: Math.ceil(rows.length / ROWS_A_STATEMENT) }, (_, index) =>
    rows.slice(index * ROWS_A_STATEMENT, (index + 1) * ROWS_A_STATEMENT),
  );
