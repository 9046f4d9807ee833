import type { MailContent } from "../../src/mail/sender.ts";
import type { LedgerPerson, MailsGot } from "./ledger.ts";
import type { Person } from "./person.ts";

/** A person as the replay follows them. */
interface Followed extends Person {
  readonly accepted: string[];
  pressed: boolean;
  toldVerified: boolean;
}

/** What people have met with; each must be nothing but what the day excuses. */
export interface Met {
  /** Submissions that were not accepted. */
  refused: number;
  /** Submissions of bots that a hard limit stopped. */
  limited: number;
  /** Tries to verify that failed while the database was broken; tried again later. */
  postponed: number;
  /** Counts that readers got, and those that were less than one before. */
  counts: number;
  falls: number;
  /** Milliseconds that each submission took to be accepted. */
  readonly acceptedIn: number[];
}

type Task = () => Promise<void>;
type Way = NonNullable<Person["verifies"]>;

// What fetch() says when there was no answer at all.
const NO_ANSWER = 599;

const WORKERS = 24;

/** The people of a replay: what they do goes over HTTP, side by side, as they get to it. */
export class Crowd {
  /** Whether the database fails its consumers just now, or did a moment ago: a mail may come a second time. */
  mailsExcused = false;
  readonly met: Met = { refused: 0, limited: 0, postponed: 0, counts: 0, falls: 0, acceptedIn: [] };
  readonly #people = new Map<string, Followed>();
  readonly #mails = new Map<string, { got: number; excused: number }>();
  readonly #tasks: Task[] = [];
  #later: Task[] = [];
  #busy = 0;
  #paused = false;
  #highest = 0;
  readonly #url: () => string;
  readonly #petition: string;

  /** `url`: the Worker's, which changes when it is started anew. */
  constructor(url: () => string, petition: string) {
    this.#url = url;
    this.#petition = petition;
  }

  /** A person comes, and sends the form as often as they do. */
  arrives(person: Person): void {
    const followed: Followed = { ...person, accepted: [], pressed: false, toldVerified: false };
    this.#people.set(keyOf(person), followed);
    for (let n = 0; n < person.submissions; n++) this.#do(() => this.#submits(followed));
  }

  /** A mail comes in; scanners open its link, and then the person does something about it. */
  gets(mail: MailContent): void {
    const link = /https?:\/\/[^/\s]+(\/v\/\S+)/.exec(mail.text)?.[1];
    // Reminders are no answer to a submission.
    if (!isReminder(mail)) {
      const { got, excused } = this.#mails.get(mail.to) ?? { got: 0, excused: 0 };
      this.#mails.set(mail.to, { got: got + 1, excused: excused + (this.mailsExcused ? 1 : 0) });
    }
    const greeted = /^Hello (.*),/m.exec(mail.text)?.[1] ?? "";
    const person = this.#people.get(keyOf({ email: mail.to, name: greeted }));
    if (!link || !person) return;
    for (let n = 0; n < person.scans; n++) this.#do(() => this.#reads(link));
    const way = person.verifies;
    if (way === null) return;
    const code = /\b\d{6}\b/.exec(mail.text)?.[0] ?? "";
    this.#do(async () => {
      if (way === "page") await this.#reads(link);
      for (let n = 0; n < person.presses; n++) await this.#presses(person, way, { link, code });
    });
  }

  /** A reader asks for the count; it must never be less than before. */
  async polls(): Promise<void> {
    const answer = await this.#fetch(`/v1/petitions/${this.#petition}/count`).catch(() => null);
    if (!answer?.ok) return;
    const { verified } = (await answer.json()) as { verified: number };
    this.met.counts++;
    if (verified < this.#highest) this.met.falls++;
    this.#highest = Math.max(this.#highest, verified);
  }

  /** Tries again what was put off. */
  triesAgain(): void {
    const later = this.#later;
    this.#later = [];
    for (const task of later) this.#do(task);
  }

  /** Nobody begins anything until `goesOn`. */
  pauses(): void {
    this.#paused = true;
  }

  goesOn(): void {
    this.#paused = false;
    for (let n = this.#busy; n < WORKERS; n++) void this.#work();
  }

  /** Requests under way. */
  get busy(): number {
    return this.#busy;
  }

  /** What is still to be done, now or later. */
  get open(): number {
    return this.#tasks.length + this.#later.length + this.#busy;
  }

  /** What the ledger has to know of each. */
  facts(): { people: LedgerPerson[]; mails: ReadonlyMap<string, MailsGot> } {
    const people = [...this.#people.values()].map(({ accepted, pressed, toldVerified, email }) => ({
      ...{ accepted, pressed, toldVerified },
      mailbox: email,
    }));
    return { people, mails: this.#mails };
  }

  #do(task: Task): void {
    this.#tasks.push(task);
    if (this.#busy < WORKERS) void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#paused || this.#busy >= WORKERS) return;
    this.#busy++;
    try {
      for (let task = this.#tasks.shift(); task; task = this.#paused ? undefined : this.#tasks.shift()) await task();
    } finally {
      this.#busy--;
    }
  }

  async #submits(person: Followed): Promise<void> {
    const { name, email, postcode, channel, address } = person;
    const begun = performance.now();
    const body = JSON.stringify({ name, email, postcode, channel, eligible: true });
    const path = `/v1/petitions/${this.#petition}/signatures`;
    const answer = await this.#post(path, body, address);
    if (answer.status !== 202) {
      // So many from one address in a minute are over a hard limit.
      if (answer.status === 429 && person.bot) this.met.limited++;
      else this.met.refused++;
      return;
    }
    this.met.acceptedIn.push(performance.now() - begun);
    const { submission_id } = (await answer.json()) as { submission_id: string };
    person.accepted.push(submission_id.replace(/^sub_/, "").replaceAll("-", ""));
  }

  async #presses(person: Followed, way: Way, { link, code }: { link: string; code: string }): Promise<void> {
    person.pressed = true;
    const { email } = person;
    const token = link.replace(/^\/v\//, "").replace(/\?.*$/, "");
    const ways = {
      page: () => this.#post(link, "", person.address),
      api: () => this.#post("/v1/verifications", JSON.stringify({ token }), person.address),
      code: () =>
        this.#post("/v1/verifications", JSON.stringify({ petition_id: this.#petition, email, code }), person.address),
    };
    const answer = await ways[way]();
    await answer.arrayBuffer();
    if (answer.ok) person.toldVerified = true;
    else {
      // Too many tries at a code leave the link.
      this.met.postponed++;
      this.#later.push(() => this.#presses(person, "page", { link, code }));
    }
  }

  async #reads(link: string): Promise<void> {
    const answer = await this.#fetch(link).catch(() => null);
    await answer?.arrayBuffer();
  }

  #fetch(path: string): Promise<Response> {
    return fetch(this.#url() + path);
  }

  #post(path: string, body: string, address: string): Promise<Response> {
    const type = body === "" ? "application/x-www-form-urlencoded" : "application/json";
    return fetch(this.#url() + path, {
      method: "POST",
      body,
      headers: { "Content-Type": type, "CF-Connecting-IP": address },
    }).catch(() => new Response(null, { status: NO_ANSWER }));
  }
}

const keyOf = ({ email, name }: { email: string; name: string }): string => `${email} ${name}`;

const isReminder = ({ subject }: MailContent): boolean =>
  !subject.startsWith("Please confirm your signature") && !subject.startsWith("You have already signed");
