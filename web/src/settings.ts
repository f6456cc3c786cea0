// What the page remembers. A browser may refuse storage (private windows, blocked cookies): then it lasts as long as the
// page. The token is not stored. The return ticket is, for this tab only, so that a reload keeps the place.

import type { PredictMode } from "./prediction/predictor.js";

export type Theme = "system" | "light" | "dark" | "contrast";

export interface Settings {
  name: string;
  theme: Theme;
  fontPx: number;
  /** Scale the session to fit. `null`: as the role suggests (on for people who watch). */
  scales: boolean | null;
  readsAloud: boolean;
  panelIsOpen: boolean;
  mouse: boolean;
  /** When typed text shows before its echo. */
  predicts: PredictMode;
}

export const DEFAULTS: Settings = {
  name: "",
  theme: "system",
  fontPx: 15,
  scales: null,
  readsAloud: false,
  panelIsOpen: true,
  mouse: false,
  predicts: "adaptive",
};

const PLACE = "pairterm.settings";
const TICKETS = "pairterm.ticket.";
const THEMES: readonly string[] = ["system", "light", "dark", "contrast"];
const PREDICTS: readonly string[] = ["adaptive", "always", "never"];

/** Return the settings in a stored text; each one that is missing or wrong has its default. */
export function readSettings(stored: string | null): Settings {
  let found: Partial<Record<keyof Settings, unknown>> = {};
  try {
    const value: unknown = JSON.parse(stored ?? "{}");
    if (typeof value === "object" && value !== null) found = value;
  } catch {
    // Not ours, or cut off.
  }
  const flag = (name: "readsAloud" | "panelIsOpen" | "mouse"): boolean =>
    typeof found[name] === "boolean" ? found[name] : DEFAULTS[name];
  return {
    name: typeof found.name === "string" ? found.name.slice(0, 64) : DEFAULTS.name,
    theme: THEMES.includes(String(found.theme)) ? (found.theme as Theme) : DEFAULTS.theme,
    fontPx: typeof found.fontPx === "number" && Number.isFinite(found.fontPx) ? found.fontPx : DEFAULTS.fontPx,
    scales: typeof found.scales === "boolean" ? found.scales : null,
    readsAloud: flag("readsAloud"),
    panelIsOpen: flag("panelIsOpen"),
    mouse: flag("mouse"),
    predicts: PREDICTS.includes(String(found.predicts)) ? (found.predicts as PredictMode) : DEFAULTS.predicts,
  };
}

export function loadSettings(): Settings {
  return readSettings(read(() => localStorage.getItem(PLACE)));
}

export function saveSettings(settings: Settings): void {
  read(() => localStorage.setItem(PLACE, JSON.stringify(settings)));
}

/** Return this tab's return ticket for a session; "" if there is none. `place` is the hash of the key. */
export function loadTicket(place: string): string {
  return read(() => sessionStorage.getItem(TICKETS + place)) ?? "";
}

export function saveTicket(place: string, ticket: string): void {
  read(() => (ticket ? sessionStorage.setItem(TICKETS + place, ticket) : sessionStorage.removeItem(TICKETS + place)));
}

/** Return a short name for a key which does not tell the key. */
export function placeOf(key: string): string {
  let hash = 0x811c9dc5; // FNV-1a
  for (const character of key) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return (hash >>> 0).toString(16);
}

function read<T>(use: () => T): T | null {
  try {
    return use();
  } catch {
    return null;
  }
}
