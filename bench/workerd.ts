import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** A process's name, its parent, and what follows in `/proc/<pid>/stat` (proc(5), where utime is the 14th field). */
function statOf(pid: string): string[] {
  try {
    const [, name = "", rest = ""] = /\((.*)\) \S+ (.*)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    return [name, ...rest.split(" ")];
  } catch {
    return []; // It has ended meanwhile.
  }
}

/** The ids of the workerd processes that this process has started; elsewhere than on Linux `ps` is asked. */
function workerdPids(): number[] {
  if (process.platform === "linux") {
    const mine = (pid: string) => {
      const [name, parent] = statOf(pid);
      return name === "workerd" && parent === String(process.pid);
    };
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && mine(name))
      .map(Number);
  }
  const table = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" });
  return table.split("\n").flatMap((line) => {
    const [pid, parent, ...command] = line.trim().split(/\s+/);
    return parent === String(process.pid) && command.join(" ").endsWith("workerd") ? [Number(pid)] : [];
  });
}

/** The one workerd of the open stage. */
export function workerdPid(): number {
  const [pid, ...others] = workerdPids();
  if (pid === undefined || others.length > 0) throw new Error("there is not one workerd");
  return pid;
}

/** Seconds of CPU that a process has used so far (Linux only; the kernel counts in hundredths). */
export const cpuSeconds = (pid: number): number =>
  statOf(String(pid))
    .slice(11, 13)
    .reduce((sum, ticks) => sum + Number(ticks), 0) / 100;

/** Resident memory of a process in MiB. */
export const residentMiB = (pid: number): number =>
  Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1024;
