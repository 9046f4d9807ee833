import { middle, rounded, table } from "../report.ts";
import type { Replayed } from "./replay.ts";

/** Prints what a replay has shown, and whether the ledger balances. */
export function reportReplay(found: Replayed): void {
  const { accepted, verified, pending, held, repeated, lost, met, counted } = found;
  table("Viral day: where every accepted submission went", [
    { accepted, verified, pending, held, repeated, lost, sum: verified + pending + held + repeated + lost },
  ]);
  table("Viral day: what it met with", {
    "seconds that it took": { figure: Math.round(found.seconds) },
    "arrivals late at most, seconds": { figure: rounded(found.lateSeconds, 1) },
    "accepted in, median milliseconds": { figure: Math.round(middle(met.acceptedIn)) },
    "accepted in, 99th percentile": { figure: Math.round(percentile99(met.acceptedIn)) },
    "submissions refused": { figure: met.refused },
    "submissions of bots that a limit stopped": { figure: met.limited },
    "counts that readers got": { figure: met.counts },
    "verifications put off and tried again": { figure: met.postponed },
    "calls of the database that failed": { figure: counted.d1_failures },
    "mails that the provider refused": { figure: found.senderRefused },
    "consumers that died unacknowledged": { figure: counted.deaths },
    "consumers that lost the database": { figure: counted.turns_lost },
    "times that the Worker was killed": { figure: found.kills },
    mails: { figure: found.mails },
    "mails too many": { figure: found.mailsTooMany },
  });
  const wrong = [...new Set(found.wrong)];
  if (wrong.length === 0) console.log("The ledger balances, and every tally equals a recount.");
  else console.log(`THE LEDGER DOES NOT BALANCE:\n${wrong.map((line) => `  ${line}`).join("\n")}`);
}

const percentile99 = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length * 0.99)] ?? Number.NaN;
