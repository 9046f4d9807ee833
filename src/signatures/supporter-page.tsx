import type { JSX } from "hono/jsx/jsx-runtime";
import { Field, Flaws, Tick, Words } from "../http/form.tsx";
import { Page, type PageFrame, renderPage, webHref } from "../http/page.tsx";
import { catalogueFor, textDirection } from "../i18n/catalogue.ts";

/** A petition's words, and the language that they are in. */
export interface PetitionText {
  readonly title: string;
  readonly background: string;
  readonly details: string;
  /** BCP 47. */
  readonly locale: string;
}

/** Fields that may be wrong; `unknown`: something else in the form. */
const SIGN_FLAWS = ["name", "email", "postcode", "eligible", "unknown"] as const;
export type SignFlaw = (typeof SIGN_FLAWS)[number];

/** Of the names of fields with something wrong, what the page can say, in the order of the form. */
export const signFlaws = (fields: readonly string[]): SignFlaw[] => {
  const known = SIGN_FLAWS.filter((name) => fields.includes(name));
  return known.length > 0 ? known : ["unknown"];
};

/**
 * The page behind a petition's supporter link: its text and a form to sign it.
 * @param args.stage `open`: everybody may sign already; before that only supporters may
 * @param args.eligible what the person states, in their language
 * @param args.shown the versions of the notices that the page shows; they go along in hidden fields
 * @param args.action the path the form posts to
 * @param args.typed the form's fields as they came, to fill in again when something of them was wrong
 * @param args.flaws what was
 * @returns a whole HTML document
 */
export function signPage({
  petition,
  stage,
  eligible,
  shown,
  action,
  typed = {},
  flaws = [],
  ...frame
}: PageFrame & {
  petition: PetitionText;
  stage: "gathering" | "waiting" | "open";
  eligible: string;
  shown: { readonly privacy: number; readonly eligibility: number };
  action: string;
  typed?: Readonly<Record<string, string>>;
  flaws?: readonly SignFlaw[];
}): string {
  const texts = catalogueFor(frame.locale).pages.supporter;
  const title = flaws.length === 0 ? petition.title : `${texts.problem} – ${petition.title}`;
  const flaw = (name: SignFlaw) => (flaws.includes(name) ? texts.problems[name] : undefined);
  return renderPage(
    <Page {...frame} title={title}>
      <Flaws
        title={texts.problem}
        flaws={flaws.map((name) => ({ name: name === "unknown" ? undefined : name, text: texts.problems[name] }))}
      />
      <PetitionWords locale={frame.locale} petition={petition} />
      <h2 class="part">{texts.sign}</h2>
      <p>{stage === "gathering" ? texts.invitation : texts[stage]}</p>
      <form method="post" action={action}>
        <input type="hidden" name="privacy" value={String(shown.privacy)} />
        <input type="hidden" name="eligibility" value={String(shown.eligibility)} />
        <p class="hint">{texts.required}</p>
        <Field
          {...{ name: "name", label: texts.name, hint: texts.nameHint, value: typed.name, flaw: flaw("name") }}
          {...{ autocomplete: "name", maxlength: 255, required: true }}
        />
        <Field
          {...{ name: "email", label: texts.email, hint: texts.emailHint, value: typed.email, flaw: flaw("email") }}
          {...{ type: "email", autocomplete: "email", maxlength: 320, required: true }}
        />
        <Field
          {...{ name: "postcode", label: texts.postcode, hint: texts.postcodeHint, flaw: flaw("postcode") }}
          {...{ value: typed.postcode, autocomplete: "postal-code", maxlength: 16 }}
        />
        <Tick
          {...{ name: "eligible", required: true, ticked: typed.eligible !== undefined, flaw: flaw("eligible") }}
          label={eligible}
        />
        <Tick {...{ name: "updates", label: texts.updates, ticked: typed.updates !== undefined }} />
        <PrivacyLink {...frame} />
        <button type="submit">{texts.button}</button>
      </form>
    </Page>,
  );
}

/**
 * What everybody reads after signing: new, repeated or held.
 * @param args.back the page that the form was on
 * @returns a whole HTML document
 */
export function sentPage({ back, ...frame }: PageFrame & { back: string }): string {
  const texts = catalogueFor(frame.locale).pages.supporter;
  return renderPage(
    <Page {...frame} title={texts.sentTitle}>
      <h1>{texts.sentTitle}</h1>
      <p>{texts.sent}</p>
      <p>{texts.sentHint}</p>
      <p>
        <a href={back}>{texts.back}</a>
      </p>
    </Page>,
  );
}

/**
 * The page of a petition whose supporters have taken every place: its text, and no form.
 * @returns a whole HTML document
 */
export function fullPage({ petition, ...frame }: PageFrame & { petition: PetitionText }): string {
  const texts = catalogueFor(frame.locale).pages.supporter;
  return renderPage(
    <Page {...frame} title={texts.fullTitle}>
      <PetitionWords locale={frame.locale} petition={petition} />
      <h2 class="part">{texts.fullTitle}</h2>
      <p>{texts.full}</p>
    </Page>,
  );
}

/**
 * The page of a petition while signing is paused: its text, and no form.
 * @returns a whole HTML document
 */
export function pausedPage({ petition, ...frame }: PageFrame & { petition: PetitionText }): string {
  const { signing_paused: texts } = catalogueFor(frame.locale).pages.problems;
  return renderPage(
    <Page {...frame} title={texts.title}>
      <PetitionWords locale={frame.locale} petition={petition} />
      <h2 class="part">{texts.title}</h2>
      <p>{texts.text}</p>
    </Page>,
  );
}

/**
 * The page of a petition that has ended.
 * @param args.petitionUrl where it can be read
 * @returns a whole HTML document
 */
export function endedPage({ petitionUrl, ...frame }: PageFrame & { petitionUrl: string }): string {
  const { supporter, common } = catalogueFor(frame.locale).pages;
  return renderPage(
    <Page {...frame} title={supporter.endedTitle}>
      <h1>{supporter.endedTitle}</h1>
      <p>{supporter.ended}</p>
      <p>
        <a class="button" href={webHref(petitionUrl)}>
          {common.toPetition}
        </a>
      </p>
    </Page>,
  );
}

function PrivacyLink({ locale, privacyNoticeUrl }: PageFrame): JSX.Element | null {
  const href = webHref(privacyNoticeUrl);
  if (href === undefined) return null;
  return (
    <p>
      <a href={href}>{catalogueFor(locale).mail.footer.privacy}</a>
    </p>
  );
}

function PetitionWords({ locale, petition }: { locale: string; petition: PetitionText }): JSX.Element {
  return (
    <>
      <h1 lang={petition.locale} dir={textDirection(petition.locale)}>
        {petition.title}
      </h1>
      <Words locale={petition.locale}>{petition.background}</Words>
      {petition.details === "" ? null : (
        <>
          <h2>{catalogueFor(locale).pages.supporter.details}</h2>
          <Words locale={petition.locale}>{petition.details}</Words>
        </>
      )}
    </>
  );
}
