import type { JSX } from "hono/jsx/jsx-runtime";
import { Field, Flaws, Words } from "../../http/form.tsx";
import { Page, type PageFrame, renderPage, webHref } from "../../http/page.tsx";
import { catalogueFor, formatCount, formatDay, textDirection } from "../../i18n/catalogue.ts";
import { isPublicState } from "../petition.ts";
import type { CreatorsPetition } from "./change-as-creator.ts";
import { EDITABLE } from "./edit-as-creator.ts";

/** Fields that may be wrong; `unknown`: something else in a form; `moved`: the petition's state no longer allows it. */
const CREATOR_FLAWS = ["title", "background", "details", "reason", "unknown", "moved"] as const;
export type CreatorFlaw = (typeof CREATOR_FLAWS)[number];

/** What the creator has just done. */
export type Done = "saved" | "sent" | "stopped";

/** Of the names of fields with something wrong, what the page can say, in the order of the forms. */
export const creatorFlaws = (fields: readonly string[]): CreatorFlaw[] => {
  const known = CREATOR_FLAWS.filter((name) => fields.includes(name));
  return known.length > 0 ? known : ["unknown"];
};

export type CreatorPageProps = PageFrame & {
  readonly petition: CreatorsPetition;
  /** What staff ask to change, if they do. */
  readonly message: string | null;
  readonly timeZone: string;
  readonly supporterUrl: string;
  readonly petitionUrl: string;
  /** Where the forms post to. */
  readonly actions: { readonly edit: string; readonly resubmit: string; readonly stop: string };
  readonly done?: Done | undefined;
  readonly flaws?: readonly CreatorFlaw[];
  /** A form's fields as they came, to fill in again when something of them was wrong. */
  readonly typed?: Readonly<Record<string, string>>;
};

/**
 * The page of a petition's creator: where it stands, what happens next, and what they can do in that state.
 * @returns a whole HTML document
 */
export function creatorPage(props: CreatorPageProps): string {
  const { petition, message, done, flaws = [], ...rest } = props;
  const { locale, municipality, contact, privacyNoticeUrl } = rest;
  const frame = { locale, municipality, contact, privacyNoticeUrl };
  const texts = catalogueFor(locale).pages.creator;
  const title = flaws.length === 0 ? texts.title : `${texts.problem} – ${texts.title}`;
  const { state } = petition;
  return renderPage(
    <Page {...frame} title={title}>
      <Flaws
        title={texts.problem}
        flaws={flaws.map((name) => ({ name: anchorOf(name), text: texts.problems[name] }))}
      />
      {done === undefined ? null : (
        <p class="done" role="status">
          {texts.done[done]}
        </p>
      )}
      <h1>{texts.title}</h1>
      <section class="petition" aria-labelledby="state">
        <h2 id="state">{texts.states[isAccepted(petition) ? "accepted" : state]}</h2>
        <p lang={petition.locale} dir={textDirection(petition.locale)}>
          {petition.title}
        </p>
      </section>
      <h2 class="part">{texts.next}</h2>
      <Next {...props} />
      {state === "changes_requested" && message !== null ? (
        <>
          <h2 class="part">{texts.message}</h2>
          <p class="words said" dir="auto">
            {message}
          </p>
        </>
      ) : null}
      {state === "gathering" ? <Supporters {...props} /> : null}
      {EDITABLE.includes(state) ? <EditForm {...props} /> : <Text petition={petition} />}
      {state === "open" ? <StopForm {...props} /> : null}
      <p class="hint">{texts.secret}</p>
    </Page>,
  );
}

const anchorOf = (flaw: CreatorFlaw): string | undefined => (flaw === "unknown" || flaw === "moved" ? undefined : flaw);

const isAccepted = ({ state, approvedAt }: CreatorsPetition): boolean => state === "moderation" && approvedAt !== null;

function Next({ petition, locale, timeZone, petitionUrl }: CreatorPageProps): JSX.Element {
  const { pages } = catalogueFor(locale);
  return (
    <>
      <p>{nextText(petition, locale, timeZone)}</p>
      {petition.state === "gathering" && petition.creatorCounts !== 1 ? <p>{pages.creator.unsigned}</p> : null}
      <Reason petition={petition} locale={locale} />
      {petition.state === "open" || petition.state === "closed" || petition.state === "stopped" ? (
        <p>{pages.verified.count({ count: petition.verified, shown: formatCount(locale, petition.verified) })}</p>
      ) : null}
      {isPublicState(petition.state) && webHref(petitionUrl) !== undefined ? (
        <p>
          <a class="button" href={petitionUrl}>
            {pages.common.toPetition}
          </a>
        </p>
      ) : null}
    </>
  );
}

function nextText(petition: CreatorsPetition, locale: string, timeZone: string): string {
  const texts = catalogueFor(locale).pages.creator;
  const needed = petition.supportersNeeded;
  switch (petition.state) {
    case "gathering":
      return texts.gathering({ count: needed, shown: formatCount(locale, needed) });
    case "moderation":
      return isAccepted(petition) && petition.opensAt !== null
        ? texts.accepted({ shown: formatDay(locale, petition.opensAt, timeZone) })
        : texts.moderation;
    case "open":
      if (petition.pausedSince !== null) return catalogueFor(locale).pages.problems.signing_paused.text;
      // It closes at the end of a day: the last moment is that day's.
      return texts.open({ shown: formatDay(locale, (petition.closesAt ?? 0) - 1, timeZone) });
    default:
      return texts[petition.state];
  }
}

/** Why a petition was not accepted, in the reader's language where staff's reason has it. */
function Reason({ petition, locale }: { petition: CreatorsPetition; locale: string }): JSX.Element | null {
  if (petition.state !== "rejected" && petition.state !== "hidden") return null;
  const names = JSON.parse(petition.rejectionNames ?? "{}") as Record<string, string>;
  const language = locale.split("-")[0] ?? "";
  const reason = names[locale] ?? names[language] ?? names.en ?? Object.values(names)[0];
  return (
    <>
      {reason === undefined ? null : <p class="said">{reason}</p>}
      {petition.rejectionDetails === null ? null : (
        <p class="words said" dir="auto">
          {petition.rejectionDetails}
        </p>
      )}
    </>
  );
}

function Supporters({ petition, locale, supporterUrl }: CreatorPageProps): JSX.Element {
  const texts = catalogueFor(locale).pages.creator;
  const { supportersNeeded, supportersMax } = petition;
  const count = petition.supporters ?? 0;
  const shown = (n: number) => formatCount(locale, n);
  return (
    <>
      <p>
        <strong>{texts.progress({ count, shown: shown(count), name: shown(supportersNeeded) })}</strong>
      </p>
      <progress value={Math.min(count, supportersNeeded)} max={Math.max(supportersNeeded, 1)} aria-hidden="true" />
      <h2 class="part">{texts.share}</h2>
      <p>
        <a href={supporterUrl}>{supporterUrl}</a>
      </p>
      <p class="hint">{texts.shareHint({ shown: shown(supportersMax) })}</p>
    </>
  );
}

function EditForm({ petition, locale, actions, typed, flaws = [] }: CreatorPageProps): JSX.Element {
  const texts = catalogueFor(locale).pages.creator;
  const words = typed ?? petition;
  const flaw = (name: CreatorFlaw) => (flaws.includes(name) ? texts.problems[name] : undefined);
  return (
    <>
      <h2 class="part">{texts.edit}</h2>
      <form method="post" action={actions.edit}>
        <Field
          {...{
            name: "title",
            label: texts.titleLabel,
            hint: texts.titleHint,
            value: words.title,
            flaw: flaw("title"),
          }}
          {...{ maxlength: 100, required: true }}
        />
        <Field
          {...{ name: "background", label: texts.background, hint: texts.backgroundHint, value: words.background }}
          {...{ flaw: flaw("background"), maxlength: 500, lines: 5, required: true }}
        />
        <Field
          {...{ name: "details", label: texts.details, hint: texts.detailsHint, value: words.details ?? "" }}
          {...{ flaw: flaw("details"), maxlength: 1000, lines: 8 }}
        />
        {petition.state === "changes_requested" ? (
          <>
            <p class="hint">{texts.resubmitHint}</p>
            <p class="buttons">
              <button type="submit" class="second">
                {texts.save}
              </button>
              <button type="submit" formaction={actions.resubmit}>
                {texts.resubmit}
              </button>
            </p>
          </>
        ) : (
          <button type="submit">{texts.save}</button>
        )}
      </form>
    </>
  );
}

function Text({ petition }: { petition: CreatorsPetition }): JSX.Element {
  return (
    <>
      <Words locale={petition.locale}>{petition.background}</Words>
      {petition.details === "" ? null : <Words locale={petition.locale}>{petition.details}</Words>}
    </>
  );
}

function StopForm({ locale, actions, typed, flaws = [] }: CreatorPageProps): JSX.Element {
  const texts = catalogueFor(locale).pages.creator;
  return (
    <>
      <h2 class="part">{texts.stop}</h2>
      <p>{texts.stopHint}</p>
      <form method="post" action={actions.stop}>
        <Field
          {...{ name: "reason", label: texts.reason, hint: texts.reasonHint, value: typed?.reason ?? "" }}
          {...{ flaw: flaws.includes("reason") ? texts.problems.reason : undefined }}
          {...{ maxlength: 1000, lines: 4, required: true }}
        />
        <button type="submit" class="grave">
          {texts.stopButton}
        </button>
      </form>
    </>
  );
}
