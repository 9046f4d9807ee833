import type { JSX } from "hono/jsx/jsx-runtime";
import { Field } from "../../http/form.tsx";
import { Page, type PageFrame, renderPage } from "../../http/page.tsx";
import { catalogueFor, formatMoment } from "../../i18n/catalogue.ts";
import type { PersonData, PersonSignature } from "./person.ts";

/**
 * What is held about a person in a petition, with a button for each thing that they may do about it.
 * @param args.action the path the forms post to
 * @param args.timeZone in which times are written
 * @param args.addressDays after how many days addresses' digests are erased
 * @param args.said what became of the last act, if there was one; `alert` if it did not work
 * @returns a whole HTML document
 */
export function personPage({
  data,
  action,
  timeZone,
  addressDays,
  said,
  ...frame
}: PageFrame & {
  data: PersonData & { readonly signature: PersonSignature };
  action: string;
  timeZone: string;
  addressDays: number;
  said?: { readonly text: string; readonly alert: boolean } | undefined;
}): string {
  const texts = catalogueFor(frame.locale).pages.person;
  const { signature } = data;
  return renderPage(
    <Page {...frame} title={texts.title}>
      <h1>{texts.title}</h1>
      <Said said={said} />
      <p>{data.petition_title === null ? texts.hidden : <bdi>{data.petition_title}</bdi>}</p>
      <dl>
        {factsOf(signature, frame.locale, timeZone).map(([label, value]) => (
          <>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </>
        ))}
      </dl>
      <p>{texts.digests({ count: addressDays })}</p>
      <p>{signature.kept_until === null ? texts.keptOpen : null}</p>
      <form method="post" action={action}>
        <button type="submit" class="second" name="act" value="download">
          {texts.download}
        </button>
      </form>
      <h2 class="part">{texts.correctTitle}</h2>
      <form method="post" action={action}>
        <Field
          {...{ name: "name", label: texts.name, hint: texts.nameHint, value: signature.name }}
          {...{ autocomplete: "name", maxlength: 255, required: true }}
        />
        <button type="submit" name="act" value="correct">
          {texts.correct}
        </button>
      </form>
      <h2 class="part">{texts.eraseTitle}</h2>
      <p>{texts.eraseText}</p>
      {signature.role === "creator" ? <p>{texts.eraseCreator}</p> : null}
      <form method="post" action={action}>
        <button type="submit" class="grave" name="act" value="erase">
          {texts.erase}
        </button>
      </form>
    </Page>,
  );
}

/**
 * The page of somebody about whom nothing is held, or not any more.
 * @returns a whole HTML document
 */
export function nothingHeldPage({ said, ...frame }: PageFrame & { said?: string | undefined }): string {
  const texts = catalogueFor(frame.locale).pages.person;
  return renderPage(
    <Page {...frame} title={texts.nothingTitle}>
      <h1>{texts.nothingTitle}</h1>
      <Said said={said === undefined ? undefined : { text: said, alert: false }} />
      <p>{texts.nothing}</p>
    </Page>,
  );
}

/**
 * The form by which somebody asks for the link to their data.
 * @param args.petitionId goes along in the hidden field `petition_id`, beside `email`
 * @param args.action the path the form posts to
 * @param args.problem whether the last try was no address
 * @returns a whole HTML document
 */
export function requestPage({
  petitionId,
  action,
  problem,
  ...frame
}: PageFrame & { petitionId: string; action: string; problem: boolean }): string {
  const { person, supporter } = catalogueFor(frame.locale).pages;
  const flaw = problem ? supporter.problems.email : undefined;
  return renderPage(
    <Page {...frame} title={problem ? `${supporter.problem} – ${person.requestTitle}` : person.requestTitle}>
      <h1>{person.requestTitle}</h1>
      <p>{person.request}</p>
      <form method="post" action={action}>
        <input type="hidden" name="petition_id" value={petitionId} />
        <Field
          {...{ name: "email", label: supporter.email, hint: person.requestHint, flaw, type: "email" }}
          {...{ autocomplete: "email", maxlength: 320, required: true }}
        />
        <button type="submit">{person.requestButton}</button>
      </form>
    </Page>,
  );
}

function Said({ said }: { said: { readonly text: string; readonly alert: boolean } | undefined }): JSX.Element | null {
  if (said === undefined) return null;
  return said.alert ? (
    <div class="problem" role="alert">
      <p>{said.text}</p>
    </div>
  ) : (
    <p class="done" role="status">
      {said.text}
    </p>
  );
}

/** What is held, as label and value; what is empty is left out. */
function factsOf(signature: PersonSignature, locale: string, timeZone: string): [string, JSX.Element | string][] {
  const { labels, states, yes, no } = catalogueFor(locale).pages.person;
  const at = (time: string | null) => (time === null ? null : formatMoment(locale, Date.parse(time), timeZone));
  const notice = (kind: "privacy" | "eligibility" | "partner_consent", version: number | null) =>
    version === null ? null : <a href={`/v1/notices/${kind}/${version}`}>{String(version)}</a>;
  const values: Record<keyof typeof labels, JSX.Element | string | null> = {
    name: signature.name,
    email: signature.email,
    postcode: signature.postcode,
    country: signature.country,
    state: states[signature.state],
    submitted: at(signature.submitted_at),
    repeated: at(signature.repeated_at),
    verified: at(signature.verified_at),
    updates: signature.updates ? yes : no,
    language: signature.locale,
    area: signature.area,
    channel: signature.channel,
    partner: signature.partner,
    reference: signature.partner_reference,
    consent: notice("partner_consent", signature.partner_consent),
    role: signature.role === "signer" ? null : states[signature.role],
    privacy: notice("privacy", signature.privacy_version),
    eligibility: notice("eligibility", signature.eligibility_version),
    operator: signature.network_operator === null ? null : String(signature.network_operator),
    trouble: signature.mail_trouble,
    kept: at(signature.kept_until),
    id: signature.id,
    submission: signature.submission_id,
  };
  return (Object.keys(labels) as (keyof typeof labels)[]).flatMap((name) => {
    const value = values[name];
    return value === null ? [] : [[labels[name], typeof value === "string" ? <bdi>{value}</bdi> : value]];
  });
}
