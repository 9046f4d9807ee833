import { env } from "cloudflare:workers";

/** The real database, with what its own `meta` says that the calls have cost. */
export function meteredDatabase() {
  const cost = { calls: 0, read: 0, written: 0 };
  const DB = new Proxy(env.DB, {
    get(db, name) {
      const value = Reflect.get(db, name);
      if (typeof value !== "function") return value;
      if (name !== "batch") return value.bind(db);
      return async (statements: D1PreparedStatement[]) => {
        cost.calls++;
        const results = await db.batch(statements);
        for (const { meta } of results) {
          cost.read += meta.rows_read;
          cost.written += meta.rows_written;
        }
        return results;
      };
    },
  });
  const measure = async (work: () => Promise<unknown>) => {
    Object.assign(cost, { calls: 0, read: 0, written: 0 });
    await work();
    return { ...cost };
  };
  return { DB, measure };
}
