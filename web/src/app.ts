// The page of one guest: it joins the parts, the terminal and the line to the gateway.

import { copyText, pastedText } from "./clipboard.js";
import * as commands from "./commands.js";
import { Connection, type Socket, type State } from "./connection.js";
import type { Extension, PageActs } from "./extension.js";
import type { Key } from "./link.js";
import { Cards } from "./parts/cards.js";
import { Chat } from "./parts/chat.js";
import { Frame } from "./parts/frame.js";
import { KeyRow } from "./parts/key_row.js";
import { LineStrip } from "./parts/line_strip.js";
import { Notices } from "./parts/notices.js";
import { People } from "./parts/people.js";
import { Questions } from "./parts/questions.js";
import { SearchBar } from "./parts/search_bar.js";
import { openSettings } from "./parts/settings_dialog.js";
import { Tabs } from "./parts/tabs.js";
import { keepAboveKeyboard, listenToFingers } from "./parts/touch.js";
import { openLink } from "./open_link.js";
import { pictureOf, type Picture } from "./picture.js";
import { PredictedTyping } from "./prediction/typing.js";
import { MAX_TYPED_CHARS, type Received } from "./protocol.js";
import { Room } from "./room.js";
import { Screen } from "./screen.js";
import { loadTicket, placeOf, saveSettings, saveTicket, type Settings } from "./settings.js";
import { shownTheme } from "./themes.js";
import { listenToWindow } from "./window_events.js";

/** Text of a program that is sure to be typed while nobody hears it is told once in so many milliseconds. */
const DROPPED_MS = 5000;

export class App {
  private readonly screen: Screen;
  private readonly typing: PredictedTyping;
  private readonly frame: Frame;
  private readonly room: Room;
  private readonly notices = new Notices(() => this.focusTerminal());
  private readonly strip = new LineStrip(() => this.line?.hurry());
  private readonly cards = new Cards((isCovered) => this.frame.cover(isCovered));
  private readonly tabs = new Tabs((line) => this.run(line));
  private readonly search = new SearchBar((line) => this.run(line), () => this.focusTerminal());
  private readonly chat = new Chat((line) => this.run(line), (text) => void copyText(text, this.notices));
  private readonly people = new People({ run: (line) => this.run(line), confirm: (question, yes) => this.notices.confirm(question, yes) });
  private readonly questions = new Questions((line) => this.run(line));
  private readonly keys: KeyRow;
  private readonly extensions: Extension[] = [];
  private line: Connection | null = null;
  private key: Key = { token: "", code: "" };
  private selection = "";
  private title = "";
  private toldDroppedMs = -DROPPED_MS;
  private readonly encoder = new TextEncoder();

  constructor(
    place: HTMLElement,
    private readonly settings: Settings,
    private readonly dial: (protocol: string) => Socket,
    private readonly restart: () => void,
  ) {
    this.keys = new KeyRow({
      type: (text) => this.typeText(text),
      paste: () => void this.paste(),
      isApplication: () => this.screen.isApplication,
      focus: () => this.focusTerminal(),
    });
    this.frame = new Frame(
      {
        search: () => this.search.toggle(),
        settings: () => this.openSettings(),
        togglePanel: () => this.togglePanel(),
        call: () => openLink(this.room.session?.call ?? ""),
        copy: () => void this.copySelection(),
      },
      {
        tabs: this.tabs.element,
        search: this.search.element,
        strip: this.strip.element,
        people: this.people.element,
        questions: this.questions.element,
        chat: this.chat.element,
        keys: this.keys.element,
        cards: this.cards.element,
        notices: this.notices.element,
      },
    );
    this.room = new Room(this.frame, this.people, this.questions, this.tabs, this.chat);
    this.room.showPanel(settings.panelIsOpen && matchMedia("(min-width: 901px)").matches);
    document.documentElement.dataset["theme"] = shownTheme(settings.theme);
    // From here on, the browser has to lay out what is there: the terminal measures its font.
    place.replaceChildren(this.frame.element);
    this.screen = new Screen(this.frame.terminal, {
      typed: (text) => this.typeText(this.keys.typed(text)),
      typedBytes: (data) => this.type(data),
      resized: ({ rows, cols }) => void this.line?.send({ t: "size", rows, cols }),
      wheel: (isUp) => this.wheel(isUp),
      written: (bytes) => void this.line?.send({ t: "ack", bytes }),
      selection: (text) => {
        this.selection = text;
        this.frame.showSelection(text !== "");
      },
    }, { theme: shownTheme(settings.theme), fontPx: settings.fontPx, readsAloud: settings.readsAloud });
    this.typing = new PredictedTyping(this.screen.terminal, settings.predicts);
    this.screen.terminal.onTitleChange((title) => this.showTitle(title));
    this.screen.terminal.attachCustomKeyEventHandler((event) => this.isForTerminal(event));
    this.listen();
  }

  /** Add a part that has its own code. */
  extend(make: (acts: PageActs) => Extension): void {
    const extension = make({
      run: (line) => this.run(line),
      send: (message) => this.line?.send(message) ?? false,
      tell: (text) => this.notices.tell(text),
      addButton: (button) => this.frame.addButton(button),
      cover: (element) => this.frame.coverTerminal(element),
      beside: (element) => this.frame.showBeside(element),
      focusTerminal: () => this.focusTerminal(),
    });
    this.extensions.push(extension);
    extension.styled(shownTheme(this.settings.theme), this.settings.fontPx);
  }

  /** Ask for a link or a code. */
  start(join: (key: Key) => void): void {
    this.cards.start(this.settings.name, (key, name) => {
      this.settings.name = name;
      saveSettings(this.settings);
      join(key);
    });
  }

  /** Join the session that a key opens. */
  join(key: Key): void {
    this.key = key;
    this.cards.hide();
    this.line = new Connection(
      this.dial,
      () => ({ ...key, name: this.settings.name, ticket: loadTicket(this.place), ...this.screen.cells }),
      {
        opened: () => this.screen.begin(),
        state: (state) => this.showState(state),
        message: (message) => this.take(message),
        output: (bytes) => this.screen.write(bytes, this.typing.painting()),
        redialling: (pauseMs, reason) => this.strip.show(`${capital(reason)}. Nothing you type is sent.`, 0, pauseMs),
      },
    );
    this.line.start();
    this.focusTerminal();
  }

  /** What tests read. */
  get hook(): { buffer(): Picture; state(): State; written(): number; predicts(): boolean } {
    return {
      buffer: () => pictureOf(this.screen.terminal, this.title),
      state: () => this.line?.state ?? "ended",
      written: () => this.screen.written,
      predicts: () => this.typing.isTrusting,
    };
  }

  private get place(): string {
    return placeOf(this.key.token || this.key.code);
  }

  private take(message: Received): void {
    this.room.take(message);
    this.typing.take(message);
    switch (message.t) {
      case "in":
        this.cards.hide();
        saveTicket(this.place, message.ticket);
        this.line?.send({ t: "size", ...this.screen.cells });
        if (this.settings.mouse) this.run("set mouse on");
        this.layout();
        break;
      case "role":
      case "session":
        this.layout();
        break;
      case "wait":
        this.cards.wait(message.text || "Waiting to be let in", () => this.leave());
        break;
      case "away":
        this.strip.show("The host is away. Nothing you type is sent.", message.sinceS, null);
        break;
      case "text":
        if (message.title) this.notices.page(message.title, message.text);
        else this.notices.tell(message.text);
        break;
      case "copy":
        void copyText(message.text, this.notices);
        break;
      case "end":
        if (!message.mayReturn) this.ended(message.text);
        break;
      default:
    }
    for (const each of this.extensions) each.take(message);
  }

  private showState(state: State): void {
    document.body.dataset["state"] = state;
    if (state === "lost" || state === "ended") this.typing.lost();
    this.frame.dim(state === "lost" || state === "away");
    if (state === "in" || state === "ended" || state === "waiting") this.strip.hide();
  }

  private showTitle(title: string): void {
    this.title = title;
    const session = this.frame.session.textContent ?? "pairterm";
    document.title = title ? `${title} – ${session}` : session;
  }

  private ended(text: string): void {
    saveTicket(this.place, "");
    this.line?.stop();
    this.cards.end(
      text,
      () => this.join(this.key),
      () => this.restart(),
    );
  }

  private leave(): void {
    if (this.line?.state === "in") this.run(commands.LEAVE);
    this.ended("You have left the session.");
  }

  private run(line: string): boolean {
    if (this.line?.send({ t: "run", line })) return true;
    this.notices.tell("Not sent: there is no line to the session now");
    return false;
  }

  /** Send text, and show it before its echo if that is possible. */
  private typeText(text: string): void {
    const { line } = this;
    const serial = line?.state === "in" ? this.typing.typed(text) : null;
    if (line === null || serial === null) {
      this.type(this.encoder.encode(text));
      return;
    }
    const isLong = text.length > MAX_TYPED_CHARS;
    if (isLong) this.type(this.encoder.encode(text));
    // A half of a pair alone is no text: JSON would carry it, and the gateway refuse it.
    line.send({ t: "type", text: isLong ? "" : text.replace(/\p{Surrogate}/gu, "\ufffd"), serial });
  }

  private type(data: Uint8Array): void {
    if (data.length === 0 || this.line === null || this.line.type(data)) return;
    const now = performance.now();
    if (this.line.state !== "lost" || now - this.toldDroppedMs < DROPPED_MS) return;
    this.toldDroppedMs = now;
    this.notices.tell("What you type now is dropped, because the line is lost");
  }

  private wheel(isUp: boolean): void {
    this.line?.send({ t: "run", line: isUp ? commands.HISTORY_WHEEL : commands.WHEEL_DOWN });
  }

  private async paste(): Promise<void> {
    const text = await pastedText(this.notices);
    if (text) this.screen.terminal.paste(text);
    this.focusTerminal();
  }

  private async copySelection(): Promise<void> {
    await copyText(this.selection, this.notices);
    this.screen.terminal.clearSelection();
    this.focusTerminal();
  }

  /** Return false for keys that are the page's. */
  private isForTerminal(event: KeyboardEvent): boolean {
    if (event.type !== "keydown") return true;
    if (event.key === "F6" && event.ctrlKey) {
      this.frame.element.querySelector<HTMLElement>("header button")?.focus();
      event.preventDefault();
      event.stopPropagation();
      return false;
    }
    const isCopy = event.ctrlKey && event.shiftKey && event.code === "KeyC";
    if (isCopy && this.selection) {
      void this.copySelection();
      event.preventDefault();
      return false;
    }
    // Ctrl+Shift+V: the browser pastes, and xterm.js hears that.
    return !(event.ctrlKey && event.shiftKey && event.code === "KeyV");
  }

  private openSettings(): void {
    const { settings } = this;
    const mouse = settings.mouse;
    openSettings(settings, {
      changed: () => this.apply(),
      scales: () => this.scales,
      name: () => this.room.ownName || settings.name,
      rename: (name) => {
        settings.name = name;
        saveSettings(settings);
        if (this.line?.state === "in") this.run(commands.rename(name));
      },
      leave: () => this.leave(),
      help: () => this.run(commands.HELP),
      closed: () => {
        if (settings.mouse !== mouse) this.run(`set mouse ${settings.mouse ? "on" : "off"}`);
        this.focusTerminal();
      },
    });
  }

  private togglePanel(): void {
    const isOpen = !this.frame.panelIsOpen;
    this.settings.panelIsOpen = isOpen;
    saveSettings(this.settings);
    this.room.showPanel(isOpen);
  }

  private get scales(): boolean {
    return this.settings.scales ?? this.room.role === "ro";
  }

  private layout(): void {
    this.screen.size(this.settings.fontPx, this.scales ? this.room.cells : null);
  }

  /** Carry out the settings, and remember them. */
  private apply(): void {
    const theme = shownTheme(this.settings.theme);
    document.documentElement.dataset["theme"] = theme;
    this.screen.show(theme);
    this.screen.readAloud(this.settings.readsAloud);
    this.typing.become(this.settings.predicts);
    for (const each of this.extensions) each.styled(theme, this.settings.fontPx);
    this.layout();
    saveSettings(this.settings);
  }

  private focusTerminal(): void {
    if (this.cards.element.hidden) this.screen.focus();
  }

  private listen(): void {
    listenToWindow({
      hurry: () => this.line?.hurry(),
      drop: (reason) => this.line?.drop(reason),
      themed: () => this.apply(),
      enterTerminal: () => {
        if (this.frame.terminal.contains(document.activeElement)) return false;
        this.focusTerminal();
        return true;
      },
    });
    keepAboveKeyboard(this.frame.element);
    listenToFingers(this.frame.terminal, {
      fontPx: () => this.settings.fontPx,
      pinch: (px, isDone) => {
        this.settings.scales = false;
        this.settings.fontPx = Math.min(40, Math.max(6, Math.round(px)));
        if (isDone) this.apply();
        else this.layout();
      },
      wheel: (isUp) => this.wheel(isUp),
    });
  }
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
