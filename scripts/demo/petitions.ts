import type { PetitionState } from "../../src/petitions/petition.ts";

/** A petition of the demo. Ages are days before the seed, so that the town is as young on every first start. */
export interface DemoPetition {
  readonly title: string;
  readonly background: string;
  readonly details?: string;
  readonly locale: "en" | "de" | "fr";
  readonly state: PetitionState;
  readonly area?: string;
  readonly department?: string;
  readonly topics: readonly string[];
  /** When it opened or, if it never did, was submitted: days ago. Or its last day: days ahead, half a year after opening. */
  readonly runs: { readonly openedAgo: number } | { readonly lastDayIn: number } | { readonly submittedAgo: number };
  readonly stoppedAgo?: number;
  /** Counted signatures, the creator's and the supporters' among them. */
  readonly verified: number;
  /** How many of these came within the last day. */
  readonly lately?: number;
  readonly pending?: number;
  readonly held?: number;
  readonly withdrawn?: number;
  readonly rejection?: { readonly code: string; readonly details: string };
  readonly response?: { readonly summary: string; readonly details: string; readonly publishedAgo: number };
}

export const petitions: readonly DemoPetition[] = [
  {
    title: "A bench every two hundred paces along the harbour wall",
    background:
      "The walk along the harbour wall is level, sheltered and loved. Between the ferry steps and the light there is " +
      "not one place to sit, so whoever tires easily turns back half-way.",
    details:
      "We ask for nine benches with backs and arms, set into the landward side so that prams and wheelchairs pass. " +
      "The boatyard has offered oak from its store at cost.",
    locale: "en",
    state: "open",
    area: "HAR",
    department: "coast",
    topics: ["harbour", "parks"],
    runs: { openedAgo: 3 },
    verified: 21,
    lately: 6,
    pending: 4,
  },
  {
    title: "Keep the Tide Street library open on Saturday afternoons",
    background:
      "Since spring the library in Tide Street closes at noon on Saturdays. That is the one afternoon when people who " +
      "work and children who learn can come together.",
    details: "Four hours from noon to four, with one librarian and the readers' circle helping at the counter.",
    locale: "en",
    state: "open",
    area: "OLD",
    department: "community",
    topics: ["culture", "schools"],
    runs: { openedAgo: 40 },
    verified: 73,
    lately: 4,
    pending: 6,
    held: 3,
    withdrawn: 1,
  },
  {
    title: "A safe crossing outside Kilnfields School",
    background:
      "Three hundred children cross Kiln Road every morning between parked vans. The nearest crossing is a quarter of " +
      "an hour away, there and back.",
    details: "A raised crossing with lights, and a clear stretch of ten metres on either side, before the winter term.",
    locale: "en",
    state: "open",
    area: "KIL",
    department: "planning",
    topics: ["schools", "traffic"],
    runs: { lastDayIn: 1 },
    verified: 78,
    lately: 9,
    pending: 5,
    held: 2,
  },
  {
    title: "Ein Abendbus von der Fähre nach Gull Hill",
    background:
      "Der letzte Bus den Hügel hinauf fährt um 19:10 Uhr, die letzte Fähre legt um 20:25 Uhr an. Wer spät von der " +
      "Arbeit kommt, geht eine Dreiviertelstunde an einer Straße ohne Gehweg.",
    details: "Zwei weitere Fahrten an Werktagen, abgestimmt auf die Ankunft der Fähre, zunächst für ein Jahr.",
    locale: "de",
    state: "open",
    area: "GUL",
    department: "planning",
    topics: ["traffic"],
    runs: { openedAgo: 20 },
    verified: 18,
    lately: 1,
    pending: 2,
  },
  {
    title: "Des jeux d'eau pour les enfants au parc des Salines",
    background:
      "En été, le parc des Salines n'offre ni ombre ni eau, et la plage est à deux bus. Quelques jets au ras du sol " +
      "suffiraient à rafraîchir tout un quartier.",
    details: "Nous proposons l'ancien bassin à sel, déjà raccordé, avec de l'eau recyclée et des bancs autour.",
    locale: "fr",
    state: "open",
    area: "SAL",
    department: "coast",
    topics: ["parks"],
    runs: { openedAgo: 55 },
    verified: 24,
    pending: 2,
  },
  {
    title: "Rain gardens instead of asphalt in Ropewalk Lane",
    background:
      "Ropewalk Lane floods whenever heavy rain meets high water, because there is nowhere for the rain to go. Planted " +
      "strips would hold it back and cool the lane in summer.",
    locale: "en",
    state: "open",
    area: "FER",
    department: "works",
    topics: ["environment", "traffic"],
    runs: { openedAgo: 100 },
    verified: 29,
    lately: 2,
    pending: 1,
  },
  {
    title: "Open the old lifeboat shed one evening a week",
    background:
      "The shed, its boat and its log books have been looked after by volunteers for years, and are open on weekday " +
      "mornings only. One evening a week would let the rest of us see them.",
    locale: "en",
    state: "open",
    department: "community",
    topics: ["culture", "harbour"],
    runs: { openedAgo: 12 },
    verified: 15,
    lately: 3,
    pending: 2,
  },
  {
    title: "Quiet hours for quarry lorries on Kiln Road",
    background:
      "From half past four in the morning lorries for the quarry rattle past bedrooms on Kiln Road. We don't ask them " +
      "to stay away, only to let the street sleep until six.",
    details: "No lorries over seven tonnes between ten at night and six in the morning, with a sign that says so.",
    locale: "en",
    state: "closed",
    area: "KIL",
    department: "planning",
    topics: ["environment", "traffic"],
    runs: { lastDayIn: -31 },
    verified: 81,
    held: 1,
    response: {
      summary: "Lorries over seven tonnes will keep off Kiln Road from ten at night to six in the morning.",
      details:
        "The quarry has agreed to start an hour and a half later. Signs go up next month, and for the first half " +
        "year we shall measure the noise at two houses and publish what we find.",
      publishedAgo: 9,
    },
  },
  {
    title: "A public slipway for small boats at Saltings Creek",
    background:
      "Whoever owns a dinghy or a kayak but no mooring has nowhere in town to launch it. The old ferry ramp at the " +
      "creek lies unused and needs little more than cleaning and a handrail.",
    locale: "en",
    state: "closed",
    area: "SAL",
    department: "coast",
    topics: ["harbour"],
    runs: { lastDayIn: -12 },
    verified: 37,
  },
  {
    title: "Lower the toll on the county bridge",
    background:
      "People from Ferrymead pay the bridge toll twice a day on the way to work. We ask the town to halve it for " +
      "everyone who lives here.",
    locale: "en",
    state: "rejected",
    area: "FER",
    topics: ["traffic"],
    runs: { submittedAgo: 24 },
    verified: 6,
    rejection: {
      code: "not_responsible",
      details: "The bridge and its toll belong to the county. The county's own petition office takes this request.",
    },
  },
  {
    title: "Repaint the footbridge over the sluice",
    background:
      "The railings of the sluice footbridge have rusted through their paint. A coat before winter is cheaper than new " +
      "railings after it.",
    locale: "en",
    state: "stopped",
    area: "OLD",
    department: "works",
    topics: ["harbour"],
    runs: { openedAgo: 72 },
    stoppedAgo: 18,
    verified: 12,
  },
  {
    title: "Covered cycle stands at the ferry landing",
    background:
      "Bicycles left at the landing stand in salt spray all day and are chained to the lifebelt posts for want of " +
      "anything better. Forty covered stands would serve both.",
    locale: "en",
    state: "moderation",
    area: "HAR",
    topics: ["harbour", "traffic"],
    runs: { submittedAgo: 4 },
    verified: 6,
    pending: 1,
  },
];
