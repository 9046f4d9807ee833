import { env } from "cloudflare:workers";

/**
 * A worker's life that ends after so many things done to the outside: calls of the database from the first that is about
 * mailings on, and mails handed over. After that nothing reaches the outside any more.
 */
export function mortal(effects: number) {
  const life = { begun: false, done: 0 };
  const isDead = () => life.done >= effects;
  /** To be called by whatever stands for the outside; throws once the worker is dead. */
  const act = (): void => {
    if (isDead()) throw new Error("the worker is dead");
    life.done++;
  };
  const DB = new Proxy(env.DB, {
    get(target, name) {
      if (name === "prepare") {
        return (query: string) => {
          life.begun ||= query.includes("mailing_turn");
          return target.prepare(query);
        };
      }
      if (name === "batch") {
        return async (statements: D1PreparedStatement[]) => {
          if (!life.begun) return target.batch(statements);
          if (isDead()) throw new Error("D1_ERROR: Network connection lost.");
          life.done++;
          return target.batch(statements);
        };
      }
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { DB, act, isDead };
}
