import type { Database } from "../db/database.ts";
import { areas, channels, departments, topics } from "../db/schema.ts";

/** Every area with its population, by code. */
export const allAreas = (db: Database) => db.select().from(areas).orderBy(areas.code);

/** Every topic with its names, by code. */
export const allTopics = (db: Database) => db.select().from(topics).orderBy(topics.code);

/** Every department with its names, by code. */
export const allDepartments = (db: Database) => db.select().from(departments).orderBy(departments.code);

/** Every registered channel, by code. */
export const allChannels = (db: Database) => db.select().from(channels).orderBy(channels.code);
