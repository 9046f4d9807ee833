import { Page, type PageFrame, renderPage } from "../http/page.tsx";
import { catalogueFor } from "../i18n/catalogue.ts";
import type { UnsubscribeScope } from "./unsubscribe.ts";

/**
 * The page behind a link that unsubscribes. It shows and changes nothing; its two buttons post.
 * @param args.petitionTitle left out while the petition may not be shown or cannot be read
 * @param args.action the path the buttons post to
 * @returns a whole HTML document
 */
export function unsubscribePage({
  petitionTitle,
  action,
  ...frame
}: PageFrame & { petitionTitle: string | undefined; action: string }): string {
  const { unsubscribe: texts, common } = catalogueFor(frame.locale).pages;
  return renderPage(
    <Page {...frame} title={texts.title}>
      <h1>{texts.title}</h1>
      {petitionTitle === undefined ? null : (
        <section class="petition" aria-labelledby="petition">
          <h2 id="petition">{common.petition}</h2>
          <p>
            <q>
              <bdi>{petitionTitle}</bdi>
            </q>
          </p>
        </section>
      )}
      <p>{texts.nothingYet}</p>
      <form method="post" action={action}>
        <button type="submit" name="scope" value="petition">
          {texts.petition}
        </button>
      </form>
      <form method="post" action={action}>
        <button type="submit" name="scope" value="all">
          {texts.all({ municipality: frame.municipality })}
        </button>
      </form>
    </Page>,
  );
}

/**
 * What a person reads after unsubscribing.
 * @returns a whole HTML document
 */
export function unsubscribedPage({ scope, ...frame }: PageFrame & { scope: UnsubscribeScope }): string {
  const texts = catalogueFor(frame.locale).pages.unsubscribed;
  return renderPage(
    <Page {...frame} title={texts.title}>
      <h1>{texts.title}</h1>
      <p>{texts[scope]}</p>
    </Page>,
  );
}
