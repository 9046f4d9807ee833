import { raw } from "hono/html";
import type { PropsWithChildren } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { renderPage } from "../http/page.tsx";
import { textDirection } from "../i18n/catalogue.ts";

/** What a mail says, before it has a form. Every text is plain text in the letter's language. */
export type Letter = {
  /** The language of the texts, a BCP 47 tag. */
  locale: string;
  greeting: string;
  paragraphs: string[];
  /** The one thing the reader is asked to do. */
  action?: { label: string; url: string };
  /** Another way to do it: a code, and the page on which to type it. */
  code?: { label: string; value: string; hint: string; url: string };
  /** Something to read along with it. */
  reference?: { label: string; url: string };
  /** A way out. */
  secondary?: { text: string; label: string; url: string };
  /** Several addresses of the same kind. */
  links?: { label: string; url: string }[];
  /** `own`: where the reader sees what is held about them. */
  footer: {
    service: string;
    reason: string;
    privacy: { label: string; url: string };
    own?: { label: string; url: string } | undefined;
    contact: string;
  };
};

const lineWidth = 76;

// Mail clients drop what they don't know: the inline styles are enough alone, the classes only serve dark mode.
const darkMode = `:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .ground { background: #14171c !important; color: #f0f2f5 !important; }
  .quiet { color: #b9c1cc !important; }
  .raised { background: #21262e !important; color: #f0f2f5 !important; }
  .link { color: #9cc4ff !important; }
  .button { background: #9cc4ff !important; color: #10141a !important; }
}`;

/**
 * A letter as a mail's two bodies. Both say the same; nothing in a text can leave its place in either.
 * @returns `text`, wrapped at 76 characters with every address whole and on its own line, and `html`, a whole document
 * without images or anything else from outside
 */
export function renderLetter(letter: Letter): { text: string; html: string } {
  return { text: renderText(letter), html: renderPage(<LetterDocument {...letter} />) };
}

/**
 * A text on a single line: line breaks and control characters become spaces (no-break spaces stay), in NFC.
 */
export function oneLine(text: string): string {
  return text
    .toWellFormed()
    .normalize("NFC")
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .replace(/ {2,}/g, " ")
    .trim();
}

/**
 * Words that somebody else chose (a name, a title), made safe to stand in a sentence of a mail: on one line, not longer
 * than told, unable to turn the direction of what follows, and not turned into a link by mail clients. A stranger can have
 * a mail sent to any address, so these words must not become an advertisement.
 * @param maxChars the most UTF-16 units to give; longer words are cut between characters and end in "…"
 */
export function foreignWords(text: string, maxChars: number): string {
  const words = oneLine(text.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ""));
  const unlinked = words.replace(/:(?=\/\/)|\.(?=\p{L}{2})/gu, "$&\u2060");
  const rtl = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u.test(unlinked);
  return rtl ? `\u2068${shorten(unlinked, maxChars - 2)}\u2069` : shorten(unlinked, maxChars);
}

function shorten(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  let kept = "";
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)) {
    if (kept.length + segment.length + 1 > maxChars) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

function renderText({ greeting, paragraphs, action, code, reference, links = [], secondary, footer }: Letter): string {
  const blocks: string[][] = [wrap(greeting), ...paragraphs.map(wrap)];
  if (action) blocks.push([...wrap(action.label), address(action.url)]);
  if (code) blocks.push(wrap(`${code.label} ${code.value}`), [...wrap(code.hint), address(code.url)]);
  if (reference) blocks.push([...wrap(reference.label), address(reference.url)]);
  for (const link of links) blocks.push([...wrap(link.label), address(link.url)]);
  if (secondary) blocks.push([...wrap(secondary.text), ...wrap(secondary.label), address(secondary.url)]);
  blocks.push(["---", ...wrap(footer.service)], wrap(footer.reason));
  blocks.push([...wrap(footer.privacy.label), address(footer.privacy.url)]);
  if (footer.own) blocks.push([...wrap(footer.own.label), address(footer.own.url)]);
  // The contact may end in a web address, which then gets its own line like the others.
  blocks.push(footer.contact.split(/ (?=https?:\/\/\S+$)/).flatMap(wrap));
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** Breaks at spaces only; a word that is too long for a line, such as an address, stays whole. */
function wrap(paragraph: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of oneLine(paragraph).split(" ")) {
    if (line !== "" && line.length + 1 + word.length > lineWidth) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function address(url: string): string {
  return oneLine(url).replaceAll(" ", "%20");
}

function LetterDocument({ locale, ...letter }: Letter): JSX.Element {
  const direction = textDirection(locale);
  return (
    <html lang={locale} dir={direction}>
      <head>
        <meta charset="utf-8" />
        <title>{oneLine(letter.footer.service)}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <style>{raw(darkMode)}</style>
      </head>
      <body class="ground" style="margin:0;padding:0;background:#ffffff;color:#1a1d21">
        {/* Many clients show only what is inside <body>, so language and direction are said again. */}
        <div
          class="ground"
          lang={locale}
          dir={direction}
          style="max-width:560px;margin:0 auto;padding:24px 16px;background:#ffffff;color:#1a1d21;font:17px/1.5 system-ui,-apple-system,Segoe UI,Roboto,Arial,sans-serif;overflow-wrap:anywhere;word-break:break-word"
        >
          <LetterBody {...letter} />
          <LetterFooter {...letter.footer} />
        </div>
      </body>
    </html>
  );
}

function LetterBody({
  greeting,
  paragraphs,
  action,
  code,
  reference,
  links = [],
  secondary,
}: Omit<Letter, "locale" | "footer">): JSX.Element {
  return (
    <>
      <Paragraph>{oneLine(greeting)}</Paragraph>
      {paragraphs.map((paragraph) => (
        <Paragraph>{oneLine(paragraph)}</Paragraph>
      ))}
      {action && (
        <p style="margin:24px 0">
          <a
            class="button"
            href={address(action.url)}
            style="display:inline-block;padding:12px 20px;border-radius:4px;background:#1a4f8b;color:#ffffff;font-weight:600;text-decoration:none"
          >
            {oneLine(action.label)}
          </a>
          <br />
          <Quiet>
            <Address url={action.url} />
          </Quiet>
        </p>
      )}
      {code && (
        <div class="raised" style="margin:0 0 16px;padding:16px;background:#f1f4f8;color:#1a1d21">
          {`${oneLine(code.label)} `}
          <strong dir="ltr" style="font-size:24px;letter-spacing:3px;white-space:nowrap">
            {oneLine(code.value)}
          </strong>
          <br />
          {oneLine(code.hint)}
          <br />
          <Address url={code.url} />
        </div>
      )}
      {reference && (
        <Paragraph>
          <Link {...reference} />
        </Paragraph>
      )}
      {links.map((link) => (
        <Paragraph>
          <Link {...link} />
        </Paragraph>
      ))}
      {secondary && (
        <Paragraph>
          {`${oneLine(secondary.text)} `}
          <Link {...secondary} />
        </Paragraph>
      )}
    </>
  );
}

function LetterFooter({ service, reason, privacy, own, contact }: Letter["footer"]): JSX.Element {
  return (
    <div
      class="quiet"
      style="margin:32px 0 0;padding:16px 0 0;border-top:1px solid #767f8c;color:#4a5462;font-size:15px"
    >
      <Paragraph>
        <strong>{oneLine(service)}</strong>
      </Paragraph>
      <Paragraph>{oneLine(reason)}</Paragraph>
      <Paragraph>
        <Link {...privacy} />
      </Paragraph>
      {own && (
        <Paragraph>
          <Link {...own} />
        </Paragraph>
      )}
      <Paragraph>{oneLine(contact)}</Paragraph>
    </div>
  );
}

function Paragraph({ children }: PropsWithChildren): JSX.Element {
  return <p style="margin:0 0 16px">{children}</p>;
}

function Quiet({ children }: PropsWithChildren): JSX.Element {
  return (
    <span class="quiet" style="color:#4a5462;font-size:14px">
      {children}
    </span>
  );
}

function Link({ label, url }: { label: string; url: string }): JSX.Element {
  return (
    <a class="link" href={address(url)} style="color:#1a4f8b">
      {oneLine(label)}
    </a>
  );
}

/** Shown as it is: who cannot press a link can copy it, and everybody can see where it leads. */
function Address({ url }: { url: string }): JSX.Element {
  return (
    <a class="link" dir="ltr" href={address(url)} style="color:#1a4f8b">
      {address(url)}
    </a>
  );
}
