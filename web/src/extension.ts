// The seam for parts of the page that have their own code, such as the code view. `main.ts` adds them to the page.
//
// An extension is a small class in the first script. It loads the rest by `import()` when it is first used, so that the
// terminal shows as soon as before.

import type { Received, Sent } from "./protocol.js";
import type { Shown } from "./themes.js";

export interface Extension {
  /** Take a message of the gateway. All extensions get all messages, after the page has acted on them. */
  take(message: Received): void;
  /** The colours and the size of the letters are these from now on. It is also called once at the start. */
  styled(theme: Shown, fontPx: number): void;
}

/** What an extension may do with the page. */
export interface PageActs {
  /** Give a command in words, as at `C-b :`. Return false, and tell the person, if there is no line now. */
  run(line: string): boolean;
  /** Send a message. Return false if there is no line now. */
  send(message: Sent): boolean;
  /** Show a short text for some seconds. */
  tell(text: string): void;
  /** Put a button into the bar. Hide it by its `hidden` while there is nothing to open. */
  addButton(button: HTMLButtonElement): void;
  /** Show an element in the terminal's place; `null` shows the terminal again. The terminal stays alive meanwhile. */
  cover(element: HTMLElement | null): void;
  /** Show an element beside the terminal, which becomes narrower; `null` gives the terminal its place again. */
  beside(element: HTMLElement | null): void;
  focusTerminal(): void;
}
