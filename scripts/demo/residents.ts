import type { SignerData } from "../../src/signatures/signature.ts";
import { areas } from "./brackwater.ts";
import type { Random } from "./random.ts";

/** Somebody who signs, and from where. */
export interface Resident extends SignerData {
  readonly locale: string;
  /** Area of the postcode, when it is one of the town's. */
  readonly area: string | undefined;
  /** Client address, of the ranges set aside for documentation (RFC 5737, RFC 3849). */
  readonly address: string;
  /** Autonomous system, of the range set aside for documentation (RFC 5398). */
  readonly asn: number;
}

const GIVEN = {
  en: "Ada Bran Celia Dorcas Edwin Fern Gwen Hal Iris Jonty Kit Lorna Merrin Ned Olwen Perran Rowan Sorrel Tobin Wilf",
  de: "Anke Berit Dörte Enno Frauke Heiko Imke Jannes Keike Lüder Meike Onno Silke Tjark Wiebke",
  fr: "Anaïs Bastien Coline Denis Élodie Fanny Gaëlle Hugo Inès Loïc Maëlle Noé Océane Rémi Solène",
} as const;

const FAMILY = {
  en: "Anchorby Brinewell Cobbleton Driftmoor Eelgrave Fenlight Gullane Hawserly Inchwater Jettyman Kelpwood Lockmere",
  de: "Ankermann Bootsfeld Deichhold Flutberg Hafenrath Kiesewind Moorkamp Reusenbach Sielmann Wattenhorst",
  fr: "Bellerive Chantemer Duquai Estrande Fontsalée Grandflot Labrume Marébois Portevent Sablonneau",
} as const;

type Language = keyof typeof GIVEN;

/** People with names, addresses and postcodes that nobody has; all different. Some give no postcode, or another town's. */
export function inventResidents(random: Random, count: number): Resident[] {
  const residents = new Map<string, Resident>();
  while (residents.size < count) {
    const resident = inventResident(random);
    if (!residents.has(resident.email)) residents.set(resident.email, resident);
  }
  return [...residents.values()];
}

function inventResident(random: Random): Resident {
  const language = random.pickWeighted<Language>([
    ["en", 84],
    ["de", 8],
    ["fr", 8],
  ]);
  const given = random.pick(GIVEN[language].split(" "));
  const family = random.pick(FAMILY[language].split(" "));
  const plain = `${given}.${family}`.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
  const address = random.chance(0.6)
    ? `${random.pick(["198.51.100", "203.0.113", "192.0.2"])}.${1 + random.below(250)}`
    : `2001:db8:${(1 + random.below(0xfffe)).toString(16)}::${(1 + random.below(0xfffe)).toString(16)}`;
  return {
    name: `${given} ${family}`,
    email: `${plain}${1 + random.below(99)}@example.org`,
    ...inventHome(random),
    locale: language,
    address,
    asn: 64_496 + random.below(8),
  };
}

function inventHome(random: Random): { postcode: string | undefined; area: string | undefined } {
  if (random.chance(0.07)) return { postcode: undefined, area: undefined };
  if (random.chance(0.03)) return { postcode: `BW9 ${1 + random.below(3)}ZZ`, area: undefined };
  const [area, { postcodes }] = random.pickWeighted(
    Object.entries(areas).map((entry) => [entry, entry[1].population] as const),
  );
  return { postcode: random.pick(postcodes), area };
}
