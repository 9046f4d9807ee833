import { type Context, Hono } from "hono";
import type { Database } from "../db/database.ts";
import { publicBody, sendPublic } from "../http/caching.ts";
import type { ReferenceLists } from "./reference-lists.ts";

export interface AreaRouteDeps {
  readonly db: Database;
  readonly lists: ReferenceLists;
}

/** The municipality's own lists: `{data: […], next_cursor: null}`, each whole. */
export const areaRoutes = (depsOf: (c: Context) => AreaRouteDeps) => {
  const list = (name: "areas" | "topics" | "departments") => async (c: Context) => {
    const { db, lists } = depsOf(c);
    return sendPublic(c, await publicBody({ data: (await lists.get(db))[name], next_cursor: null }));
  };
  return new Hono()
    .get("/v1/areas", list("areas"))
    .get("/v1/topics", list("topics"))
    .get("/v1/departments", list("departments"));
};
