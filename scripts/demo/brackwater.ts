// The Town of Brackwater does not exist. Neither do its streets, its postcodes and the people who sign there.

/** As in wrangler.toml: what the demo's days and hours are counted in. */
export const TIME_ZONE = "Europe/London";

type Names = Readonly<Record<"en" | "de" | "fr", string>>;

export const departments: Readonly<Record<string, Names>> = {
  coast: { en: "Parks and Coast", de: "Grünflächen und Küste", fr: "Espaces verts et littoral" },
  community: { en: "Schools and Community", de: "Schulen und Gemeinwesen", fr: "Écoles et vie locale" },
  planning: { en: "Planning and Transport", de: "Planung und Verkehr", fr: "Urbanisme et transports" },
  works: { en: "Public Works", de: "Tiefbau und Betriebe", fr: "Travaux publics" },
};

export const topics: Readonly<Record<string, Names>> = {
  culture: { en: "Culture and libraries", de: "Kultur und Bibliotheken", fr: "Culture et bibliothèques" },
  environment: { en: "Environment and noise", de: "Umwelt und Lärm", fr: "Environnement et bruit" },
  harbour: { en: "Harbour and water", de: "Hafen und Wasser", fr: "Port et eau" },
  parks: { en: "Parks and play", de: "Parks und Spielplätze", fr: "Parcs et jeux" },
  schools: { en: "Schools and youth", de: "Schule und Jugend", fr: "École et jeunesse" },
  traffic: { en: "Streets and buses", de: "Straßen und Busse", fr: "Rues et bus" },
};

export interface Area {
  readonly name: string;
  readonly population: number;
  /** As people write them. */
  readonly postcodes: readonly string[];
}

/** `BW3`, and what is to come after it. */
const district = (prefix: string, ends: string): string[] => ends.split(" ").map((end) => `${prefix} ${end}`);

export const areas: Readonly<Record<string, Area>> = {
  HAR: {
    name: "Harbour",
    population: 4_900,
    postcodes: district("BW1", "1AL 1CE 1GH 1KT 2BN 2DV 2JP 2RS 3FW 3MX"),
  },
  OLD: {
    name: "Old Town",
    population: 6_300,
    postcodes: district("BW2", "1BD 1FN 1HX 1LP 2AS 2CW 2KM 3DT 3GV 3RJ"),
  },
  SAL: {
    name: "Saltings",
    population: 5_700,
    postcodes: district("BW3", "1CK 1EP 1JN 1TW 2GL 2HB 2QT 3AV 3MD 3SX"),
  },
  KIL: {
    name: "Kilnfields",
    population: 8_400,
    postcodes: district("BW4", "1AR 1DW 1GP 1NS 2BJ 2FT 2LV 3CH 3EX 3KM"),
  },
  GUL: {
    name: "Gull Hill",
    population: 7_200,
    postcodes: district("BW5", "1BT 1EN 1HS 1MV 2CD 2GR 2JX 3AP 3FK 3LW"),
  },
  FER: {
    name: "Ferrymead",
    population: 5_500,
    postcodes: district("BW6", "1AX 1CJ 1FM 1KV 2DN 2EH 2PS 3BG 3LR 3TW"),
  },
};

/** Where signers come from. What is not registered counts as `other`, so that one must be there. */
export const channels: Readonly<Record<string, string>> = {
  poster: "Poster with a QR code",
  newsletter: "Town newsletter",
  library: "Library counter",
  school: "Letter to parents",
  other: "Anywhere else",
};
