// What the page knows of the session: people, windows, notes, the guest's role. It draws the panel and the bar.

import type { Chat } from "./parts/chat.js";
import type { Frame } from "./parts/frame.js";
import type { People } from "./parts/people.js";
import type { Questions } from "./parts/questions.js";
import type { Tabs } from "./parts/tabs.js";
import type { Cells } from "./fitting.js";
import type { Person, Received, Session } from "./protocol.js";

export class Room {
  role = "";
  mayType = false;
  /** `null`: it is not known yet. */
  session: Session | null = null;
  private driver = "";
  private persons: Person[] = [];
  private unread = 0;

  constructor(
    private readonly frame: Frame,
    private readonly people: People,
    private readonly questions: Questions,
    private readonly tabs: Tabs,
    private readonly chat: Chat,
  ) {}

  /** Take a message about the session; others are none of its business. */
  take(message: Received): void {
    switch (message.t) {
      case "in":
        this.frame.session.textContent = message.session;
        this.setRole(message.role, message.mayType);
        break;
      case "role":
        this.setRole(message.role, message.mayType);
        break;
      case "people":
        this.persons = message.people;
        this.draw();
        break;
      case "windows":
        this.driver = message.driver;
        this.tabs.show(message.tabs, [message.note, message.driver].filter(Boolean).join(", "));
        this.draw();
        break;
      case "session":
        this.session = message;
        this.frame.showCall(message.call !== "");
        this.frame.showNote(message.note);
        this.questions.show(message.questions);
        this.draw();
        break;
      case "chat":
        this.chat.add(message.from, message.text);
        this.unread += this.frame.panelIsOpen ? 0 : 1;
        this.drawUnread();
        break;
      default:
    }
  }

  /** The size of the window where the guest looks; `null`: it is not known yet. */
  get cells(): Cells | null {
    return this.session !== null && this.session.rows > 0 && this.session.cols > 0 ? this.session : null;
  }

  /** This person's name in the session; "": it is not known yet. */
  get ownName(): string {
    return this.persons.find((person) => person.isYou)?.name ?? "";
  }

  showPanel(isOpen: boolean): void {
    if (isOpen) this.unread = 0;
    this.frame.showPanel(isOpen);
    this.drawUnread();
  }

  private setRole(role: string, mayType: boolean): void {
    this.role = role;
    this.mayType = mayType;
    this.frame.showRole(role, mayType);
    this.draw();
  }

  private draw(): void {
    this.people.show({
      people: this.persons,
      isOwner: this.role === "owner",
      mayType: this.mayType,
      hasSeat: this.driver !== "",
      isPaused: this.session?.isPaused ?? false,
      isLocked: this.session?.isLocked ?? false,
    });
    this.frame.showCount(this.persons.filter((person) => person.asks !== "in").length);
    this.drawUnread();
  }

  private drawUnread(): void {
    const questions = this.session?.questions.length ?? 0;
    this.frame.showUnread(this.frame.panelIsOpen ? 0 : this.unread + questions);
  }
}
