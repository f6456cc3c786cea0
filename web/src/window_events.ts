// What the browser's window tells about the line and the person: the network, sleep, colours, and the key between the
// terminal and the page.

import { onWake } from "./wake.js";

export interface WindowActs {
  /** The network or the person is back. */
  hurry(): void;
  /** The line is dead, whatever the socket says. */
  drop(reason: string): void;
  /** The system has other colours. */
  themed(): void;
  /** Ctrl+F6 outside the terminal. Return whether the terminal takes the focus. */
  enterTerminal(): boolean;
}

export function listenToWindow(acts: WindowActs): void {
  window.addEventListener("online", () => acts.hurry());
  window.addEventListener("offline", () => acts.drop("The network is gone"));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") acts.hurry();
  });
  onWake(() => {
    acts.drop("The computer has slept");
    acts.hurry();
  });
  for (const query of ["(prefers-color-scheme: light)", "(prefers-contrast: more)"])
    matchMedia(query).addEventListener("change", () => acts.themed());
  document.addEventListener("keydown", (event) => {
    if (event.key === "F6" && event.ctrlKey && acts.enterTerminal()) event.preventDefault();
  });
}
