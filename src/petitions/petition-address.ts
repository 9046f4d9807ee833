import { catalogueFor } from "../i18n/catalogue.ts";
import { publicId } from "../lib/ids.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { isBeforeOpening, type PetitionState } from "./petition.ts";
import { petitionToken } from "./petition-token.ts";

export interface PetitionAddressDeps {
  readonly keys: RootKeys;
  readonly publicUrl: string;
  /** The page on which residents read a petition with this public id. */
  readonly petitionUrl: (id: string) => string;
}

/** A petition by its UUID. */
interface Addressed {
  readonly id: string;
  readonly state: PetitionState;
}

/** Where somebody who signed a petition reads it: its public page, and before it opens the supporters' page. */
export const addressOf = async (deps: PetitionAddressDeps, petition: Addressed, locale: string): Promise<string> =>
  isBeforeOpening(petition.state)
    ? `${deps.publicUrl}/s/${await petitionToken(deps.keys, "supporter", petition.id)}${lang(locale)}`
    : deps.petitionUrl(publicId("pet", petition.id));

/** The creator's own page of a petition: whoever has this address may change it. */
export const ownPage = async (
  { keys, publicUrl }: PetitionAddressDeps,
  { id }: { readonly id: string },
  locale: string,
): Promise<string> => `${publicUrl}/e/${await petitionToken(keys, "edit", id)}${lang(locale)}`;

/** A petition's title in a mail or on a page about somebody's signature: one that is hidden is not told. */
export const titleToTell = ({ state, title }: { state: PetitionState; title: string }, locale: string): string =>
  state === "hidden" ? catalogueFor(locale).pages.hiddenTitle : title;

const lang = (locale: string): string => `?lang=${encodeURIComponent(locale)}`;
