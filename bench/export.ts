// What `npm run bench:export` runs: streams a petition of a million signatures, part by part, and says what that takes.
import { readFileSync, writeFileSync } from "node:fs";
import { openStage } from "./stage.ts";
import { petitionWith, sealedSignatures } from "./town.ts";
import { cpuSeconds, workerdPid } from "./workerd.ts";

const SIGNATURES = process.argv.includes("--quick") ? 50_000 : 1_000_000;

/** What the kernel says of the workerd that this process has started (Linux only). D1 is in it, as it is not at Cloudflare. */
function workerd() {
  const pid = workerdPid();
  return {
    /** Seconds of CPU so far. */
    cpu: () => cpuSeconds(pid),
    /** Resident memory in MiB, now and at its highest since `forgetPeak`. */
    memory: () => ({ now: kilobytes(pid, "VmRSS") / 1024, peak: kilobytes(pid, "VmHWM") / 1024 }),
    forgetPeak: () => writeFileSync(`/proc/${pid}/clear_refs`, "5"),
  };
}

const kilobytes = (pid: number, field: string): number =>
  Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);

const stage = await openStage();
try {
  const petition = await petitionWith(stage.db, 0);
  console.log(`sealing ${SIGNATURES} signatures`);
  await sealedSignatures(stage.db, petition, SIGNATURES);
  const machine = workerd();
  const headers = { Authorization: "Bearer fm_staff_local" };
  for (const format of ["csv", "ndjson"]) {
    const rows = [];
    let path = `/v1/admin/petitions/${petition.id}/signatures/export?reason=bench&format=${format}`;
    let total = 0;
    while (path !== "") {
      machine.forgetPeak();
      const [cpu, begun] = [machine.cpu(), performance.now()];
      const answer = await fetch(stage.url + path, { headers });
      let [bytes, lines] = [0, 0];
      for await (const chunk of answer.body ?? []) {
        bytes += chunk.length;
        for (const byte of chunk) if (byte === 10) lines++;
      }
      const signatures = lines - 1; // the names of the columns, or the end
      const seconds = (performance.now() - begun) / 1000;
      const { now, peak } = machine.memory();
      total += signatures;
      rows.push({
        signatures,
        MB: Math.round(bytes / 1e5) / 10,
        "a second": Math.round(signatures / seconds),
        "CPU seconds": Math.round((machine.cpu() - cpu) * 100) / 100,
        "µs of CPU each": Math.round(((machine.cpu() - cpu) / signatures) * 1e7) / 10,
        "peak MiB": Math.round(peak),
        "MiB after": Math.round(now),
      });
      path = /^<http:\/\/localhost(\/[^>]*)>/.exec(answer.headers.get("Link") ?? "")?.[1] ?? "";
    }
    console.log(format);
    console.table(rows);
    if (total !== SIGNATURES) throw new Error(`${total} of ${SIGNATURES} signatures came`);
  }
} finally {
  await stage.close();
}
