import { describe, expect, test } from "vitest";
import { parseEmailAddress } from "../../src/lib/email-address.ts";
import { parseNetworkAddress } from "../../src/lib/network-address.ts";
import { judge } from "../../src/limits/judge.ts";
import { List, parseList } from "../../src/limits/list.ts";
import { isBigProvider, isDisposable } from "../../src/limits/mail-domains.ts";

const email = (text: string) => parseEmailAddress(text) as NonNullable<ReturnType<typeof parseEmailAddress>>;
const list = (name: "blocked" | "allowed", text: string) => new List(parseList(text, name).entries);

/** What the lists say of somebody at 203.0.113.7 with an address at a domain. */
function said(blocked: string, allowed: string, mail = "ada@club.example") {
  const rules = { blocked: list("blocked", blocked), allowed: list("allowed", allowed) };
  const found = judge(rules, { address: parseNetworkAddress("203.0.113.7"), email: email(mail) });
  return { hold: found.hold, limit: found.allowed?.limit ?? null };
}

describe("the first of the order decides", () => {
  // Each pair of neighbours: the same signer is on both.
  test.each([
    ["blocked address, blocked domain", "203.0.113.7\nclub.example disposable", "", { hold: "list", limit: null }],
    [
      "blocked domain, blocked e-mail",
      "club.example disposable\nada@club.example",
      "",
      { hold: "disposable", limit: null },
    ],
    ["blocked e-mail, allowed address", "ada@club.example", "203.0.113.7 limit=5", { hold: "list", limit: null }],
    ["allowed address, allowed domain", "", "203.0.113.7 limit=5\nclub.example limit=6", { hold: null, limit: 5 }],
    ["allowed domain, limits", "", "club.example limit=6", { hold: null, limit: 6 }],
    [
      "limits alone",
      "192.0.2.1\nother.example\nbob@club.example",
      "192.0.2.1\nother.example",
      { hold: null, limit: null },
    ],
  ])("%s", (_, blocked, allowed, expected) => {
    expect(said(blocked, allowed)).toEqual(expected);
  });

  test("a domain known as disposable is held, unless staff allow the domain or the mailbox; an address does not excuse it", () => {
    const mail = "ada@mailinator.com";
    expect(said("", "", mail)).toEqual({ hold: "disposable", limit: null });
    expect(said("", "203.0.113.7 limit=5", mail)).toEqual({ hold: "disposable", limit: 5 });
    expect(said("", "mailinator.com limit=6", mail)).toEqual({ hold: null, limit: 6 });
    expect(said("", "ada@mailinator.com limit=7", mail)).toEqual({ hold: null, limit: 7 });
    expect(said("mailinator.com", "mailinator.com", mail)).toEqual({ hold: "list", limit: null });
  });
});

test("disposable domains stand for what is below them; no big provider is one", () => {
  expect(["mailinator.com", "x.mailinator.com", "xmailinator.com", "mailinator.com.example"].map(isDisposable)).toEqual(
    [true, true, false, false],
  );
  for (const domain of ["gmail.com", "gmx.de", "t-online.de"]) {
    expect([isBigProvider(domain), isDisposable(domain)]).toEqual([true, false]);
  }
  expect(isBigProvider("club.example")).toBe(false);
});
