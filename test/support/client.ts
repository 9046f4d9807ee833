import { createClient } from "../../src/client/client.ts";
import type { coldIsolate } from "./isolate.ts";
import { freshAddress, freshEmail } from "./resident.ts";

/** The client as a resident's page or, with a key, a partner's server uses it; each call from an address of its own. */
export const clientOf = (isolate: Pick<ReturnType<typeof coldIsolate>, "fetch">, key?: string) =>
  createClient({
    url: "http://localhost:8787",
    ...(key !== undefined && { key }),
    fetch: (url, init) => {
      const headers = { ...(init.headers as Record<string, string>), "CF-Connecting-IP": freshAddress() };
      return isolate.fetch(url.replace("http://localhost:8787", ""), { ...init, headers });
    },
  });

/** A person who signs; `fields` override. */
export const person = <Fields extends object>(fields?: Fields) => ({
  name: "Mara Quill",
  email: freshEmail(),
  postcode: "BW1 1AA",
  eligible: true as const,
  ...fields,
});
