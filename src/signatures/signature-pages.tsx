import type { JSX } from "hono/jsx/jsx-runtime";
import { Page, type PageFrame, renderPage, webHref } from "../http/page.tsx";
import { catalogueFor, formatCount } from "../i18n/catalogue.ts";

/**
 * The page behind a verification link. It shows and changes nothing; its one button posts.
 * @param args.petitionTitle left out while the petition may not be shown or cannot be read
 * @param args.action the path the button posts to
 * @param args.test whether a partner's test key sent it
 * @returns a whole HTML document
 */
export function verifyPage({
  petitionTitle,
  action,
  test,
  ...frame
}: PageFrame & { petitionTitle?: string | undefined; action: string; test?: boolean }): string {
  const texts = catalogueFor(frame.locale).pages.verify;
  return renderPage(
    <Page {...frame} title={texts.title}>
      <h1>{texts.title}</h1>
      <TestNote locale={frame.locale} test={test} />
      <PetitionTitle locale={frame.locale} title={petitionTitle} />
      <p>{texts.nothingYet}</p>
      <form method="post" action={action}>
        <button type="submit">{texts.button}</button>
      </form>
      <p>{texts.notYou}</p>
    </Page>,
  );
}

/**
 * What a person reads after verifying, and after doing it again.
 * @param args.petitionUrl where the button leads: the creator's own page, the supporters', or the petition's
 * @param args.signatureCount the petition's verified signatures
 * @param args.as as whom they signed; before the petition opens no count is shown
 * @param args.needsSupporters whether the creator's petition has to collect supporters first
 * @param args.test whether a partner's test key sent it: then no count has moved
 * @returns a whole HTML document
 */
export function verifiedPage({
  petitionTitle,
  petitionUrl,
  signatureCount,
  as,
  needsSupporters,
  test,
  ...frame
}: PageFrame & {
  petitionTitle: string;
  petitionUrl: string;
  signatureCount: number;
  as: "signer" | "supporter" | "creator";
  needsSupporters: boolean;
  test?: boolean;
}): string {
  const texts = catalogueFor(frame.locale).pages.verified;
  const shown = formatCount(frame.locale, signatureCount);
  const { title, paragraphs } = {
    signer: { title: texts.title, paragraphs: [texts.count({ count: signatureCount, shown }), texts.text] },
    supporter: { title: texts.supporterTitle, paragraphs: [texts.supporterText] },
    creator: { title: texts.creatorTitle, paragraphs: [needsSupporters ? texts.creatorText : texts.creatorAtOnce] },
  }[as];
  return renderPage(
    <Page {...frame} title={title}>
      <h1>{title}</h1>
      <TestNote locale={frame.locale} test={test} />
      <PetitionTitle locale={frame.locale} title={petitionTitle} />
      {paragraphs.map((text) => (
        <p>{text}</p>
      ))}
      <PetitionLink locale={frame.locale} url={petitionUrl} label={as === "creator" ? texts.toOwnPage : undefined} />
    </Page>,
  );
}

/**
 * The page behind a withdrawal link. It shows and changes nothing; its one button posts.
 * @param args.petitionTitle left out while the petition may not be shown or cannot be read
 * @param args.action the path the button posts to
 * @param args.test whether a partner's test key sent it
 * @returns a whole HTML document
 */
export function withdrawPage({
  petitionTitle,
  action,
  test,
  ...frame
}: PageFrame & { petitionTitle?: string | undefined; action: string; test?: boolean }): string {
  const texts = catalogueFor(frame.locale).pages.withdraw;
  return renderPage(
    <Page {...frame} title={texts.title}>
      <h1>{texts.title}</h1>
      <TestNote locale={frame.locale} test={test} />
      <PetitionTitle locale={frame.locale} title={petitionTitle} />
      <p>{texts.nothingYet}</p>
      <p>{texts.consequence}</p>
      <form method="post" action={action}>
        <button type="submit">{texts.button}</button>
      </form>
      <p>{texts.keep}</p>
    </Page>,
  );
}

/**
 * What a person reads after withdrawing.
 * @returns a whole HTML document
 */
export function withdrawnPage({
  petitionTitle,
  petitionUrl,
  test,
  ...frame
}: PageFrame & { petitionTitle: string; petitionUrl: string; test?: boolean }): string {
  const texts = catalogueFor(frame.locale).pages.withdrawn;
  return renderPage(
    <Page {...frame} title={texts.title}>
      <h1>{texts.title}</h1>
      <TestNote locale={frame.locale} test={test} />
      <PetitionTitle locale={frame.locale} title={petitionTitle} />
      <p>{texts.text}</p>
      <p>{texts.again}</p>
      <PetitionLink locale={frame.locale} url={petitionUrl} />
    </Page>,
  );
}

/**
 * The form for verifying with the code from the mail. It takes no address and no code: what was typed isn't shown again.
 * @param args.petitionId goes along in the hidden field `petition_id`, beside `email` and `code`
 * @param args.action the path the form posts to
 * @param args.problem why the last try did not work, in the reader's language
 * @returns a whole HTML document
 */
export function codePage({
  petitionId,
  action,
  problem,
  ...frame
}: PageFrame & { petitionId: string; action: string; problem?: string | undefined }): string {
  const texts = catalogueFor(frame.locale).pages.code;
  const problemIds = problem === undefined ? [] : ["problem"];
  return renderPage(
    <Page {...frame} title={problem === undefined ? texts.title : `${texts.problem} – ${texts.title}`}>
      <h1>{texts.title}</h1>
      {problem === undefined ? null : (
        <div class="problem" role="alert" id="problem">
          <h2>{texts.problem}</h2>
          <p>{problem}</p>
        </div>
      )}
      <p>{texts.text}</p>
      <form method="post" action={action}>
        <input type="hidden" name="petition_id" value={petitionId} />
        <label for="email">{texts.email}</label>
        <input
          id="email"
          name="email"
          type="email"
          dir="ltr"
          autocomplete="email"
          required
          aria-describedby={describedBy(problemIds)}
        />
        <label for="code">{texts.code}</label>
        <p class="hint" id="code-hint">
          {texts.codeHint}
        </p>
        <input
          class="code"
          id="code"
          name="code"
          type="text"
          dir="ltr"
          inputmode="numeric"
          autocomplete="one-time-code"
          pattern="[0-9]{6}"
          maxlength={6}
          required
          aria-describedby={describedBy(["code-hint", ...problemIds])}
        />
        <button type="submit">{texts.button}</button>
      </form>
    </Page>,
  );
}

function describedBy(ids: string[]): string | undefined {
  return ids.length === 0 ? undefined : ids.join(" ");
}

/** A title is its author's words in its author's script: set apart, so that neither direction disturbs the other. */
function PetitionTitle({ locale, title }: { locale: string; title: string | undefined }): JSX.Element | null {
  if (title === undefined) return null;
  return (
    <section class="petition" aria-labelledby="petition">
      <h2 id="petition">{catalogueFor(locale).pages.common.petition}</h2>
      <p>
        <q>
          <bdi>{title}</bdi>
        </q>
      </p>
    </section>
  );
}

/** Says that what was sent with a test key counts nothing. */
function TestNote({ locale, test }: { locale: string; test: boolean | undefined }): JSX.Element | null {
  if (!test) return null;
  return (
    <p>
      <strong>{catalogueFor(locale).pages.common.test}</strong>
    </p>
  );
}

function PetitionLink({
  locale,
  url,
  label = catalogueFor(locale).pages.common.toPetition,
}: {
  locale: string;
  url: string;
  label?: string | undefined;
}): JSX.Element | null {
  const href = webHref(url);
  if (href === undefined) return null;
  return (
    <p>
      <a class="button" href={href}>
        {label}
      </a>
    </p>
  );
}
