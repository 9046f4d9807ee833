import { type Context, Hono } from "hono";
import { Page, type PageFrame, renderPage } from "../http/page.tsx";
import { Problem } from "../http/problems.ts";
import { type CapturedMail, type CaptureNamespace, mailCapture } from "./capture-sender.ts";

export interface DevMailDeps {
  /** Local mode's mailbox; undefined everywhere else, and then these routes do not exist. */
  readonly capture: CaptureNamespace | undefined;
  readonly frame: PageFrame;
}

// What a page can show a person at once; the JSON list gives more.
const SHOWN = 50;
const LISTED = 1_000;

/** Local mode's captured mail, for people and for scripts. */
export function devMailRoutes(depsOf: (c: Context) => DevMailDeps) {
  const mailbox = (c: Context) => {
    const { capture } = depsOf(c);
    if (!capture) throw new Problem("not_found");
    return mailCapture(capture);
  };
  return new Hono()
    .get("/dev/mail", async (c) => {
      const mails = await mailbox(c).list(c.req.query("to") || undefined, SHOWN);
      return c.html(renderPage(<MailPage frame={depsOf(c).frame} mails={mails} />));
    })
    .get("/dev/mail.json", async (c) => c.json({ data: await mailbox(c).list(c.req.query("to") || undefined, LISTED) }))
    .delete("/dev/mail.json", async (c) => {
      await mailbox(c).clear();
      return c.body(null, 204);
    });
}

function MailPage({ frame, mails }: { frame: PageFrame; mails: readonly CapturedMail[] }) {
  return (
    <Page {...frame} title="Captured mail">
      <h1>Captured mail</h1>
      <p>Local mode sends no mail. What would have left is here, newest first.</p>
      {mails.length === 0 ? <p>Nothing yet.</p> : null}
      {mails.map((mail) => (
        <article>
          <h2 dir="auto">{mail.subject}</h2>
          <p>
            To {mail.to}, <time datetime={mail.sent_at}>{mail.sent_at.replace("T", " ").slice(0, 19)} UTC</time>
          </p>
          <div class="mail-text" dir="auto">
            {linkify(mail.text)}
          </div>
        </article>
      ))}
    </Page>
  );
}

/** A mail's text with its addresses as links, so that a person can follow them. */
function linkify(text: string) {
  return text.split(/(https?:\/\/\S+)/).map((part) => (/^https?:\/\//.test(part) ? <a href={part}>{part}</a> : part));
}
