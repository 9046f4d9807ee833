import { newUuid } from "../src/lib/ids.ts";
import { jsonHeaders, load, type Measured, type Shot } from "./load.ts";
import { openStage } from "./stage.ts";
import { pendingTokens, petitionWith, sealedSignatures } from "./town.ts";

// A mailing to 50,000 signers of a petition into local mode's mailbox, as fast as it goes, with a second worker that wants
// the turn every other second, while people go on verifying: no request may fail, and everybody is sent one mail.

const quick = process.argv.includes("--quick");
const ASKED = quick ? 2_000 : 50_000;
const SILENT = quick ? 5_000 : 50_000;
const TOKENS = quick ? 20_000 : 200_000;
// A machine that is busy with other things must come to an end too.
const MOST_SECONDS = 1_200;

const stage = await openStage();
try {
  const petition = await petitionWith(stage.db, SILENT);
  await sealedSignatures(stage.db, petition, ASKED);
  await stage.db
    .prepare("UPDATE signatures SET updates = 1 WHERE petition_no = ? AND channel = 'poster'")
    .bind(petition.no)
    .run();
  const tokens = await pendingTokens(stage.db, petition, TOKENS);
  const verify: Shot = () => ({
    method: "POST",
    path: "/v1/verifications",
    body: JSON.stringify({ token: tokens.pop() ?? tokens[0] }),
    headers: jsonHeaders(),
  });
  const alone = await load(stage.url, verify, quick ? 2 : 5);
  const id = newUuid();
  const texts = { en: { subject: "Come to the hearing", body: "The council meets at 19:00.\nEverybody is welcome." } };
  await stage.db
    .prepare(
      `INSERT INTO mailings (id, petition_no, kind, texts, state, actor, created_at, due_at)
       VALUES (?, ?, 'message', ?, 'waiting', 'local', 1, 1)`,
    )
    .bind(id, petition.no, JSON.stringify(texts))
    .run();
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  const running = { over: false };
  const workers = [0, 2_000].map(async (pause) => {
    while (!running.over && seconds() < MOST_SECONDS) {
      await fetch(`${stage.url}/bench/cron`, { method: "POST" });
      await new Promise((resolve) => setTimeout(resolve, pause));
      running.over ||= (await rowOf(id))?.state === "done";
    }
  });
  const loads: Measured[] = [];
  while (!running.over && seconds() < MOST_SECONDS) loads.push(await load(stage.url, verify, 1));
  await Promise.all(workers);
  report({ alone, loads, seconds: seconds(), row: await rowOf(id) });
} finally {
  await stage.close();
}

interface Row {
  readonly state: string;
  readonly recipients: number;
  readonly sent: number;
}

function rowOf(id: string): Promise<Row | null> {
  return stage.db.prepare("SELECT state, recipients, sent FROM mailings WHERE id = ?").bind(id).first<Row>();
}

function report(found: { alone: Measured; loads: readonly Measured[]; seconds: number; row: Row | null }): void {
  const { alone, loads, seconds, row } = found;
  const mean = (of: (one: Measured) => number) =>
    Math.round(loads.reduce((sum, one) => sum + of(one), 0) / Math.max(loads.length, 1));
  console.log(`A mailing to ${ASKED} of ${ASKED + SILENT} signers, two workers at once.`);
  console.table({
    mailing: {
      mails: row?.sent,
      seconds: Math.round(seconds),
      "mails a second": Math.round((row?.sent ?? 0) / seconds),
    },
  });
  console.table({
    "verifying alone": {
      "a second": Math.round(alone.perSecond),
      "worst median ms": alone.median,
      "worst p99 ms": alone.p99,
    },
    "verifying meanwhile": {
      "a second": mean(({ perSecond }) => perSecond),
      "worst median ms": Math.max(...loads.map(({ median }) => median)),
      "worst p99 ms": Math.max(...loads.map(({ p99 }) => p99)),
    },
  });
  const right = row?.state === "done" && row.recipients === ASKED && row.sent === ASKED;
  console.log(right ? "Everybody was sent one mail; no request failed." : `WRONG: ${JSON.stringify(row)}`);
  if (!right) process.exitCode = 1;
}
