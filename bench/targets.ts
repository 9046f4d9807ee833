import type { Drained } from "./drain.ts";
import { judged, type Target } from "./report.ts";
import type { Beside, Layout } from "./side-by-side.ts";

/** A ratio that has a target, and where it is found. */
interface Ratio {
  readonly name: string;
  readonly limit: number;
  readonly of: (size: number, layout: Layout) => number | undefined;
}

const LAYOUTS: readonly Layout[] = ["one petition", "spread"];
const KEPT = 0.9;

/** Targets about ratios: at the largest size, and what is left of each at the largest size of that at the smallest. */
export function besideTargets(besides: readonly Beside[], drains: readonly Drained[]): Target[] {
  const ratios = ratiosOf(besides, drains);
  const sizes = [...new Set([...besides, ...drains].map(({ signatures }) => signatures))].sort((a, b) => a - b);
  const [smallest = 0, largest = 0] = [sizes[0], sizes.at(-1)];
  const targets: Target[] = [];
  for (const { name, limit, of } of ratios) {
    for (const layout of LAYOUTS) {
      const [few, many] = [of(smallest, layout), of(largest, layout)];
      if (few === undefined || many === undefined) continue;
      targets.push(judged(`${name}, ${largest} ${layout}`, "at least", limit, many));
      if (largest > smallest) {
        targets.push(judged(`${name}, ${layout}: at ${largest} ÷ at ${smallest}`, "at least", KEPT, many / few));
      }
    }
  }
  return targets;
}

function ratiosOf(besides: readonly Beside[], drains: readonly Drained[]): Ratio[] {
  const beside = (operation: string, to: "toRoute" | "toStatement") => (size: number, layout: Layout) =>
    besides.find((one) => one.operation === operation && one.signatures === size && one.layout === layout)?.[to];
  return [
    { name: "sign ÷ bare route with the same two calls", limit: 0.8, of: beside("sign", "toRoute") },
    { name: "sign ÷ bare route that inserts into D1", limit: 1.2, of: beside("sign", "toStatement") },
    { name: "count ÷ bare GET", limit: 0.9, of: beside("count", "toRoute") },
    { name: "read one ÷ bare GET", limit: 0.9, of: beside("read one", "toRoute") },
    {
      name: "intake drain ÷ bare multi-row insert",
      limit: 0.6,
      of: (size, layout) => drains.find((one) => one.signatures === size && one.layout === layout)?.ratio,
    },
    { name: "verify ÷ bare two-statement batch", limit: 0.7, of: beside("verify", "toStatement") },
  ];
}
