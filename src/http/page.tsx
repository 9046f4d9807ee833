import type { PropsWithChildren } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { catalogueFor, textDirection, textLocale } from "../i18n/catalogue.ts";

/** What every page says, whatever it is about. */
export type PageFrame = {
  /** The reader's language, a BCP 47 tag. */
  locale: string;
  municipality: string;
  /** An e-mail address or a web address. */
  contact: string;
  privacyNoticeUrl: string;
};

/**
 * The layout of every HTML page: a whole document with header, main part and footer. It keeps to the policy
 * `default-src 'none'; style-src 'self'; form-action 'self'`: no script, no inline style, nothing from elsewhere.
 * @param props.title the page's name, for the browser's tab; the page shows its own `<h1>`
 * @param props.children what stands in `<main>`
 */
export function Page({
  locale,
  title,
  municipality,
  contact,
  privacyNoticeUrl,
  children,
}: PropsWithChildren<PageFrame & { title: string }>): JSX.Element {
  const language = textLocale(locale);
  const texts = catalogueFor(locale).pages.common;
  return (
    <html lang={language} dir={textDirection(language)}>
      <head>
        <meta charset="utf-8" />
        <title>{`${title} – ${municipality}`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        {/* The address of a page can hold a token. */}
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        <a class="skip" href="#content">
          {texts.skip}
        </a>
        <header>
          <p>
            <strong dir="auto">{municipality}</strong>
            <span>{texts.service}</span>
          </p>
        </header>
        <main id="content" tabindex={-1}>
          {children}
        </main>
        <footer>
          <ul>
            <li>
              <Reference label={texts.privacy} href={webHref(privacyNoticeUrl)} shown={privacyNoticeUrl} />
            </li>
            <li>
              <Reference label={texts.contact} href={webHref(contact) ?? mailHref(contact)} shown={contact} />
            </li>
          </ul>
        </footer>
      </body>
    </html>
  );
}

/**
 * An element as an HTML document.
 * @param element a whole `<html>` element, without asynchronous components
 * @returns the document with its doctype
 */
export function renderPage(element: JSX.Element): string {
  const rendered: unknown = element.toString();
  if (typeof rendered !== "string") throw new TypeError("A page may not contain asynchronous components.");
  return `<!doctype html>${rendered}`;
}

/**
 * An address that is safe as a link's target.
 * @returns the address when it is `http:` or `https:`, else undefined
 */
export function webHref(address: string): string | undefined {
  return /^https?:\/\//i.test(address) && URL.canParse(address) ? address : undefined;
}

/** An address with "?" or "&" in it must not fill in the message's other fields. */
function mailHref(address: string): string | undefined {
  const parts = /^([^\s@:/]+)@([^\s@:/]+)$/.exec(address);
  if (parts === null) return undefined;
  return `mailto:${encodeURIComponent(parts[1] ?? "")}@${encodeURIComponent(parts[2] ?? "")}`;
}

function Reference({ label, href, shown }: { label: string; href: string | undefined; shown: string }): JSX.Element {
  if (href === undefined) return <span>{`${label} ${shown}`}</span>;
  return href.startsWith("mailto:") ? (
    <span>
      {`${label} `}
      <a href={href}>
        <bdi>{shown}</bdi>
      </a>
    </span>
  ) : (
    <a href={href}>{label}</a>
  );
}
