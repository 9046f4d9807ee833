import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import guide from "../../docs/operators.md?raw";
import { coldIsolate, refusingQueue } from "../support/isolate.ts";
import { freshEmail, mailsTo, nextMail, sign } from "../support/resident.ts";
import { foundTown, openPetition } from "../support/town.ts";

beforeAll(foundTown);

test("the guide's statement for parked mail sends what a provider's failure parked, and nothing else", async () => {
  const isolate = coldIsolate({ INTAKE: refusingQueue, MAIL: refusingQueue });
  const { id } = await openPetition();
  const [failed, refused] = [freshEmail(), freshEmail()];
  const park = (error: string) =>
    env.DB.prepare("UPDATE outbox SET state = 'parked', attempts = 10, error = ? WHERE state = 'waiting'")
      .bind(error)
      .run();
  await sign(isolate, id, { email: failed });
  await park("E_INTERNAL_SERVER_ERROR");
  await sign(isolate, id, { email: refused });
  await park("E_RECIPIENT_NOT_ALLOWED");

  const statement = /^```sql\n(UPDATE outbox [^`]+)```$/m.exec(guide)?.[1] as string;
  await env.DB.prepare(statement).run();
  await coldIsolate().cron("* * * * *");
  await nextMail(failed);
  expect(await mailsTo(refused)).toEqual([]);
  const jobs = async () => (await env.DB.prepare("SELECT state, error FROM outbox ORDER BY id").all()).results;
  await expect.poll(jobs).toEqual([
    { state: "sent", error: null },
    { state: "parked", error: "E_RECIPIENT_NOT_ALLOWED" },
  ]);
});
