import type { Staff } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import type { Catalogue } from "../i18n/catalogue.ts";
import {
  comingErasures,
  deadLetters,
  disabledWebhooks,
  endingPartnerKeys,
  failingErasures,
  heldData,
  heldSignatures,
  mailingsInTrouble,
  overdueThresholds,
  parkedMails,
  recentErasures,
  type SectionQuery,
  switchesOn,
  unacknowledgedAlarms,
  unansweredThresholds,
  waitingPetitions,
  wrongCounts,
} from "./overview.store.ts";

type Told = keyof Catalogue["mail"]["reminder"]["sections"];

/** A kind of thing that needs attention: a section of the overview, and a line of the daily mail unless it only informs. */
export type Section = SectionBase &
  (
    | {
        /** Its name in the API, and of its text in the daily mail. */
        readonly name: Told;
        /** Whether the daily mail goes out for it: as long as something waits, or only when something is new since yesterday. */
        readonly reminds: "daily" | "when_new";
      }
    | { readonly name: "data_held" | "erasures_coming" | "erasures_done"; readonly reminds: "never" }
  );

interface SectionBase {
  /** Who sees it. */
  readonly seenBy: (staff: Pick<Staff, "role" | "department">) => boolean;
  /** The statement that reads it, the longest waiting first; it reads a few rows for each that it gives. */
  readonly read: (db: Database, query: SectionQuery) => ReturnType<typeof waitingPetitions>;
  /** Whether the municipality has to do something about it by a day. */
  readonly owed?: true;
}

const everybody = () => true;
// A partner's petitions may be any department's.
const managesPartners = ({ role, department }: Pick<Staff, "role" | "department">) =>
  role === "admin" && department === null;
const moderators = ({ role }: Pick<Staff, "role">) => role !== "viewer";

/** What needs attention, in the order in which it is shown. A feature adds its section as one line. */
export const sections: readonly Section[] = [
  { name: "switches_on", seenBy: everybody, read: switchesOn, reminds: "daily" },
  { name: "petitions_waiting", seenBy: everybody, read: waitingPetitions, reminds: "daily" },
  { name: "answers_overdue", seenBy: everybody, read: overdueThresholds, reminds: "daily", owed: true },
  { name: "thresholds_unanswered", seenBy: everybody, read: unansweredThresholds, reminds: "daily", owed: true },
  { name: "alarms", seenBy: everybody, read: unacknowledgedAlarms, reminds: "daily" },
  { name: "counts_wrong", seenBy: everybody, read: wrongCounts, reminds: "when_new" },
  { name: "holds_to_review", seenBy: moderators, read: heldSignatures, reminds: "daily" },
  { name: "mailings_in_trouble", seenBy: moderators, read: mailingsInTrouble, reminds: "when_new" },
  { name: "mail_parked", seenBy: moderators, read: parkedMails, reminds: "when_new" },
  { name: "partner_keys_ending", seenBy: managesPartners, read: endingPartnerKeys, reminds: "when_new" },
  { name: "webhooks_disabled", seenBy: managesPartners, read: disabledWebhooks, reminds: "when_new" },
  {
    name: "dead_letters",
    // A message that nobody could read is no single department's.
    seenBy: (staff) => moderators(staff) && staff.department === null,
    read: deadLetters,
    reminds: "when_new",
  },
  { name: "erasures_failing", seenBy: moderators, read: failingErasures, reminds: "daily" },
  { name: "data_held", seenBy: moderators, read: heldData, reminds: "never" },
  { name: "erasures_coming", seenBy: moderators, read: comingErasures, reminds: "never" },
  { name: "erasures_done", seenBy: moderators, read: recentErasures, reminds: "never" },
];
