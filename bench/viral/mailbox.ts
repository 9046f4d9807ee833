import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { MailContent } from "../../src/mail/sender.ts";

/** A stand-in of a mail provider: it takes mails over HTTP and gives them to `deliver`, or refuses. */
export interface Mailbox {
  readonly url: string;
  readonly refused: () => number;
  readonly close: () => Promise<void>;
}

/** Opens one on this machine. `refuses`: asked for each mail, before it is taken. */
export async function openMailbox(deliver: (mail: MailContent) => void, refuses: () => boolean): Promise<Mailbox> {
  let refused = 0;
  const server = createServer(async (request, response) => {
    const mail = JSON.parse(await textOf(request)) as MailContent;
    if (refuses()) {
      refused++;
      response.writeHead(503).end();
      return;
    }
    deliver(mail);
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mail`,
    refused: () => refused,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}
