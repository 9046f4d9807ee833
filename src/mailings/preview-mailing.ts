import type { Staff } from "../access/staff.ts";
import { type ComposeMailingDeps, composeMailing } from "./compose-mailing.ts";
import type { MailingOfPetition } from "./find-mailing.ts";

export interface PreviewDeps extends ComposeMailingDeps {
  readonly locales: readonly [string, ...string[]];
}

/** A mail as it will look in one language. */
export interface MailPreview {
  readonly locale: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What a mailing's mails look like in each of the municipality's languages, as if the staff member had signed. */
export const previewMailing = (
  deps: PreviewDeps,
  staff: Pick<Staff, "name">,
  found: MailingOfPetition,
): Promise<MailPreview[]> =>
  Promise.all(
    deps.locales.map(async (locale) => {
      const to = { name: staff.name, email: "", locale, signer: null };
      const { subject, text, html } = await composeMailing(deps, toCompose(deps, found), to);
      return { locale, subject, text, html };
    }),
  );

/** A mailing as `composeMailing` takes it. */
export const toCompose = (
  { locales }: Pick<PreviewDeps, "locales">,
  { mailing, answer, petitionId, petitionTitle }: MailingOfPetition,
) => ({ mailing, answer, fallback: locales[0], petition: { id: petitionId, title: petitionTitle } });
