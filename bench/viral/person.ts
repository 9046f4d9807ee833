import type { Random } from "../../scripts/demo/random.ts";
import { channelOf, postcodeOf } from "../seed.ts";

/** Somebody who signs, and what they do about it. */
export interface Person {
  readonly name: string;
  readonly email: string;
  readonly postcode: string;
  readonly channel: string;
  /** Client address. */
  readonly address: string;
  /** How often the form is sent: twice in a hurry, or again because no mail has come yet. */
  readonly submissions: number;
  /** How often their mail provider opens each link before they do. */
  readonly scans: number;
  /** By which way they verify; null: they never do. */
  readonly verifies: "page" | "api" | "code" | null;
  /** How often they press. */
  readonly presses: number;
  /** One of many from one address: what they send is held. */
  readonly bot: boolean;
}

/** Parts of all people. Bots come together: more than one address may send in a day, however few people there are. */
const BOTS = 0.04;
const LEAST_BOTS = 25;
const BOTS_AFTER = 0.6;
const REPEATING = 0.08;
const HURRIED = 0.03;
const SCANNED = 0.5;
const SILENT = 0.15;
const TWICE = 0.05;
const HOUSEHOLD = 0.02;

// Mail domains of big providers are exempt from the limit by domain, and others are many.
const DOMAINS = ["gmail.com", "outlook.com", "gmx.de", "orange.fr", "example.org", "example.net"];
const BOT_ADDRESS = "198.51.100.7";

/** Draws the people of a replay. */
export function drawPeople(count: number, random: Random): Person[] {
  const people: Person[] = [];
  const firstBot = Math.floor(count * BOTS_AFTER);
  const bots = Math.max(LEAST_BOTS, Math.floor(count * BOTS));
  for (let n = 0; n < count; n++) {
    const before = people.at(-1);
    const bot = n >= firstBot && n < firstBot + bots;
    // A second name in the same mailbox, with the same postcode: two of a household.
    const shares =
      before !== undefined && !bot && !before.bot && before.name.endsWith("Quill") && random.chance(HOUSEHOLD);
    people.push({
      name: shares ? "Ines Quill-Anchorby" : "Mara Quill",
      email: shares ? before.email : `person.${n}@${random.pick(DOMAINS)}`,
      postcode: shares ? before.postcode : postcodeOf(n),
      channel: channelOf(n),
      address: bot ? BOT_ADDRESS : `2001:db8:${(n & 0xffff).toString(16)}:${(n >>> 16).toString(16)}::1`,
      submissions: random.chance(REPEATING) ? 2 : random.chance(HURRIED) ? 3 : 1,
      scans: random.chance(SCANNED) ? 1 + random.below(3) : 0,
      verifies: random.chance(SILENT)
        ? null
        : random.pickWeighted([
            ["page", 7],
            ["api", 2],
            ["code", 1],
          ] as const),
      presses: random.chance(TWICE) ? 2 : 1,
      bot,
    });
  }
  return people;
}
