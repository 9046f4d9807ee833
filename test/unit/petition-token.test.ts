import { expect, test } from "vitest";
import { LOCAL_ROOT_KEY } from "../../src/config.ts";
import { type Bytes, fromBase64 } from "../../src/lib/bytes.ts";
import { newUuid } from "../../src/lib/ids.ts";
import { RootKeys } from "../../src/lib/root-keys.ts";
import { petitionToken, readPetitionToken } from "../../src/petitions/petition-token.ts";

const keys = new RootKeys(fromBase64(LOCAL_ROOT_KEY) as Bytes);

test("a petition's token names its petition, for its own purpose only", async () => {
  const id = newUuid();
  const token = await petitionToken(keys, "supporter", id);
  expect(await readPetitionToken(keys, "supporter", token)).toBe(id);
  expect(await readPetitionToken(keys, "edit", token)).toBeNull();
  for (const wrong of [
    "",
    "x",
    token.slice(1),
    `${token}A`,
    token.replace(/^./, (first) => (first === "A" ? "B" : "A")),
  ]) {
    expect(await readPetitionToken(keys, "supporter", wrong)).toBeNull();
  }
});
