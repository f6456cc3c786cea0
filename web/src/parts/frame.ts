// The page around the terminal: the bar at the top, the panel at the side, and the places of all parts.

import { button, h, iconButton } from "../dom.js";

export interface FrameActs {
  search(): void;
  settings(): void;
  togglePanel(): void;
  call(): void;
  copy(): void;
}

/** A part of the panel that folds. */
function section(title: string, body: HTMLElement): { element: HTMLElement; count: HTMLElement } {
  const count = h("span", { class: "chip count" });
  const fold = h("details", { open: true, class: "section" }, h("summary", {}, h("h2", {}, title), count), body);
  return { element: fold, count };
}

export class Frame {
  readonly element: HTMLElement;
  readonly terminal = h("div", { class: "screen", test: "terminal" });
  readonly role = h("span", { class: "chip", test: "role" });
  private readonly bar: HTMLElement;
  private readonly questions: HTMLElement;
  /** The place of the questions in the panel. */
  private readonly answers = h("div");
  /** The place of notices, and of the questions while the panel is closed. */
  private readonly corner: HTMLElement;
  private readonly over = h("div", { class: "over", hidden: true });
  private readonly besides = h("div", { class: "beside", hidden: true });
  private readonly note = h("span", { class: "faint note" });
  readonly session = h("h1", { class: "session" }, "pairterm");
  private readonly covered: HTMLElement[];
  private readonly panel: HTMLElement;
  private readonly panelButton: HTMLButtonElement;
  private readonly callButton: HTMLButtonElement;
  private readonly copyButton: HTMLButtonElement;
  private readonly peopleCount: HTMLElement;
  private readonly unreadMark = h("span", { class: "badge", hidden: true });

  constructor(
    acts: FrameActs,
    parts: { tabs: HTMLElement; search: HTMLElement; strip: HTMLElement; people: HTMLElement; questions: HTMLElement; chat: HTMLElement; keys: HTMLElement; cards: HTMLElement; notices: HTMLElement },
  ) {
    this.panelButton = iconButton("people", "people and chat", () => acts.togglePanel(), { test: "panel", "aria-controls": "panel" });
    this.panelButton.append(this.unreadMark);
    this.callButton = button("Call", () => acts.call(), { class: "strong", hidden: true, test: "call", title: "join the session's call, in a new tab" });
    this.copyButton = button("Copy", () => acts.copy(), { hidden: true, test: "copy", title: "copy the selected text" });
    this.bar = h(
      "header",
      {},
      this.session,
      this.role,
      parts.tabs,
      this.note,
      this.copyButton,
      this.callButton,
      iconButton("search", "search the history", () => acts.search(), { test: "search-button" }),
      iconButton("settings", "settings", () => acts.settings(), { test: "settings" }),
      this.panelButton,
    );
    const people = section("People", h("div", {}, this.answers, parts.people));
    this.peopleCount = people.count;
    this.panel = h("aside", { id: "panel", "aria-label": "people and chat" }, people.element, section("Chat", parts.chat).element);
    this.questions = parts.questions;
    this.corner = h("div", { class: "corner" }, parts.notices);
    const stage = h("div", { class: "stage" }, parts.strip, parts.search, this.terminal, this.over, this.corner);
    this.covered = [this.bar, h("main", {}, stage, this.besides, this.panel), parts.keys];
    this.element = h("div", { class: "page" }, ...this.covered, parts.cards);
  }

  /** Put a button into the bar, before the search. */
  addButton(button: HTMLButtonElement): void {
    this.bar.insertBefore(button, this.callButton);
  }

  /** Show an element in the terminal's place; `null` shows the terminal. */
  coverTerminal(element: HTMLElement | null): void {
    this.terminal.inert = element !== null;
    this.over.hidden = element === null;
    this.over.replaceChildren(...(element === null ? [] : [element]));
  }

  /** Show an element beside the terminal; `null` removes it. */
  showBeside(element: HTMLElement | null): void {
    this.besides.hidden = element === null;
    this.besides.replaceChildren(...(element === null ? [] : [element]));
  }

  showRole(role: string, mayType: boolean): void {
    this.role.textContent = role === "owner" ? "owner" : mayType ? "you type" : "you watch";
    this.role.className = `chip role-${role === "owner" ? "owner" : mayType ? "rw" : "ro"}`;
  }

  /** Show what concerns everybody: a pause, or who drives. */
  showNote(note: string): void {
    this.note.textContent = note;
  }

  showCall(isThere: boolean): void {
    this.callButton.hidden = !isThere;
  }

  showSelection(isThere: boolean): void {
    this.copyButton.hidden = !isThere;
  }

  showPanel(isOpen: boolean): void {
    this.panel.hidden = !isOpen;
    (isOpen ? this.answers : this.corner).append(this.questions);
    this.panelButton.setAttribute("aria-expanded", String(isOpen));
  }

  get panelIsOpen(): boolean {
    return !this.panel.hidden;
  }

  showCount(people: number): void {
    this.peopleCount.textContent = String(people);
  }

  /** Mark the panel's button: so many remarks are new, or questions wait. */
  showUnread(count: number): void {
    this.unreadMark.hidden = count === 0;
    this.unreadMark.textContent = String(count);
    this.panelButton.setAttribute("aria-label", count === 0 ? "people and chat" : `people and chat, ${count} new`);
  }

  /** Make all but the cards unreachable, or reachable again. */
  cover(isCovered: boolean): void {
    for (const each of this.covered) each.inert = isCovered;
  }

  dim(isDim: boolean): void {
    this.terminal.classList.toggle("dim", isDim);
  }
}
