import { type Database, readTogether } from "../db/database.ts";
import { FreshCache } from "../lib/fresh-cache.ts";
import { allAreas, allChannels, allDepartments, allTopics } from "./reference.store.ts";

interface Lists {
  readonly areas: Awaited<ReturnType<typeof allAreas>>;
  readonly topics: Awaited<ReturnType<typeof allTopics>>;
  readonly departments: Awaited<ReturnType<typeof allDepartments>>;
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
      const [areas, topics, departments, channels] = await Promise.all([
        readTogether(db, allAreas(db)),
        readTogether(db, allTopics(db)),
        readTogether(db, allDepartments(db)),
        readTogether(db, allChannels(db)),
      ]);
      return { areas, topics, departments, channels };
    });
  }
}
