import { type Database, readTogether } from "../db/database.ts";
import { FreshCache } from "../lib/fresh-cache.ts";
import { listStates } from "./list-versions.store.ts";
import { allAreas, allChannels, allDepartments, allTopics } from "./reference.store.ts";

interface ListedTerm {
  readonly code: string;
  readonly names: Readonly<Record<string, string>>;
  /** No longer offered: nothing new may have it. */
  readonly retired: boolean;
}

interface Lists {
  /** Those that are not retired. */
  readonly areas: Awaited<ReturnType<typeof allAreas>>;
  /** Retired ones too: petitions that have them are still shown. */
  readonly topics: readonly ListedTerm[];
  readonly departments: readonly ListedTerm[];
  readonly channels: Awaited<ReturnType<typeof allChannels>>;
}

/** The municipality's own lists, as an isolate knows them: at most 5 s old unless the database fails. */
export class ReferenceLists {
  readonly #lists: FreshCache<Lists>;

  constructor(clock: () => number) {
    this.#lists = new FreshCache(1, clock);
  }

  /** All four lists; throws when the database fails and nothing is remembered. */
  get(db: Database): Promise<Lists> {
    return this.#lists.get("all", async () => {
      const [areas, topics, departments, channels, states] = await Promise.all([
        readTogether(db, allAreas(db)),
        readTogether(db, allTopics(db)),
        readTogether(db, allDepartments(db)),
        readTogether(db, allChannels(db)),
        readTogether(db, listStates(db)),
      ]);
      const isRetired = (list: (typeof states)[number]["name"], code: string) =>
        Object.hasOwn(states.find(({ name }) => name === list)?.retired ?? {}, code);
      return {
        areas: areas.filter(({ code }) => !isRetired("areas", code)),
        topics: topics.map((topic) => ({ ...topic, retired: isRetired("topics", topic.code) })),
        departments: departments.map((one) => ({ ...one, retired: isRetired("departments", one.code) })),
        channels,
      };
    });
  }
}
