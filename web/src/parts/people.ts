// The list of people, with what may be done about each. Everything is a command; the host decides.

import * as commands from "../commands.js";
import { button, h, replaceKeepingFocus } from "../dom.js";
import type { Person } from "../protocol.js";

export interface PeopleActs {
  run(line: string): void;
  confirm(question: string, yes: string): Promise<boolean>;
}

export interface PeopleFacts {
  people: readonly Person[];
  isOwner: boolean;
  mayType: boolean;
  hasSeat: boolean;
  isPaused: boolean;
  isLocked: boolean;
}

const ASKS: Record<string, string> = { keyboard: "asks for the keyboard", enter: "asks to enter a line" };

export class People {
  readonly element = h("div", { class: "people" });
  private readonly list = h("ul", { test: "people", "aria-label": "people" });
  private readonly own = h("div", { class: "choices" });
  private readonly open = new Set<number>();
  private shown = "";

  constructor(private readonly acts: PeopleActs) {
    this.element.append(this.own, this.list);
  }

  show(facts: PeopleFacts): void {
    const now = JSON.stringify(facts);
    if (now === this.shown) return;
    this.shown = now;
    // People at the door are not here yet; the questions name them.
    const here = facts.people.filter((person) => person.asks !== "in");
    const you = facts.people.find((person) => person.isYou);
    replaceKeepingFocus(this.list, ...here.map((person) => this.person(person, facts)));
    replaceKeepingFocus(this.own, ...this.ownButtons(facts, you));
  }

  private press(label: string, key: string, line: string, extras: Record<string, string> = {}): HTMLButtonElement {
    return button(label, () => this.acts.run(line), { "data-key": key, ...extras });
  }

  private person(person: Person, facts: PeopleFacts): HTMLElement {
    const marks = [
      h("span", { class: `chip role-${person.isOwner ? "owner" : person.mayType ? "rw" : "ro"}` }, roleOf(person)),
      person.isDriver && facts.hasSeat ? h("span", { class: "chip typing" }, "has the keyboard") : null,
      person.isDriver && !facts.hasSeat ? h("span", { class: "chip typing" }, "types") : null,
      person.asks in ASKS ? h("span", { class: "chip asking" }, ASKS[person.asks] ?? "") : null,
    ];
    const ping = person.pingMs === null ? "" : `${Math.round(person.pingMs)} ms`;
    const details = [
      person.window ? `looks at ${person.window}${person.follows ? "" : ", alone"}` : "",
      person.transport,
      ping,
    ];
    const head = [
      h("span", { class: "name" }, person.name, person.isYou ? h("span", { class: "faint" }, " (you)") : null),
      ...marks.filter((mark) => mark !== null),
      h("span", { class: "faint detail" }, details.filter(Boolean).join(" · ")),
    ];
    const acts = this.actsFor(person, facts);
    if (acts.length === 0) return h("li", { class: "person" }, ...head);
    const fold = h("details", { open: this.open.has(person.number) });
    fold.append(h("summary", { "data-key": `p${person.number}` }, ...head), h("div", { class: "choices" }, ...acts));
    fold.addEventListener("toggle", () => {
      if (fold.open) this.open.add(person.number);
      else this.open.delete(person.number);
    });
    return h("li", { class: "person" }, fold);
  }

  private actsFor(person: Person, facts: PeopleFacts): HTMLButtonElement[] {
    const { number, name } = person;
    if (person.isYou || person.isOwner || !facts.isOwner) return [];
    const grants = person.role === "rw"
      ? this.press("Only watch", `w${number}`, commands.grant(number, "ro"), { test: "revoke" })
      : this.press("Let them type", `t${number}`, commands.grant(number, "rw"), { test: "grant" });
    const acts = [grants];
    if (facts.hasSeat && !person.isDriver)
      acts.push(this.press("Give the keyboard", `g${number}`, commands.give(number), { test: "give" }));
    const remove = (bans: boolean) => async (): Promise<void> => {
      const question = bans ? `Remove ${name}, and block their key or address?` : `Remove ${name} from the session?`;
      if (await this.acts.confirm(question, bans ? "Remove and block" : "Remove")) this.acts.run(commands.kick(number, bans));
    };
    acts.push(button("Remove", () => void remove(false)(), { "data-key": `k${number}`, test: "kick" }));
    acts.push(button("Remove and block", () => void remove(true)(), { "data-key": `b${number}` }));
    return acts;
  }

  private ownButtons(facts: PeopleFacts, you: Person | undefined): HTMLButtonElement[] {
    if (facts.isOwner) {
      return [
        this.press(facts.isPaused ? "Show the session again" : "Hide the session", "pause", commands.pause(!facts.isPaused), { test: "pause" }),
        facts.isLocked
          ? this.press("End panic", "panic", commands.panic(false), { test: "panic" })
          : this.press("Panic: guests only watch", "panic", commands.panic(true), { test: "panic", class: "danger" }),
        ...(facts.hasSeat && !facts.mayType ? [this.press("Take the keyboard", "take", commands.TAKE_KEYBOARD)] : []),
      ];
    }
    const buttons: HTMLButtonElement[] = [];
    if (!facts.mayType) buttons.push(this.press("Ask for the keyboard", "ask", commands.ASK_KEYBOARD, { test: "ask-keyboard" }));
    if (facts.hasSeat && you?.isDriver) buttons.push(this.press("Pass the keyboard on", "pass", commands.PASS_KEYBOARD));
    return buttons;
  }
}

function roleOf(person: Person): string {
  if (person.isOwner) return "owner";
  return person.mayType || person.role === "rw" ? "may type" : "watches";
}
