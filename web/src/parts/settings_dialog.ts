// The person's own settings. They change this page only.

import { button, h } from "../dom.js";
import { clampFont } from "../fitting.js";
import type { PredictMode } from "../prediction/predictor.js";
import type { Settings, Theme } from "../settings.js";

const THEMES: [Theme, string][] = [
  ["system", "as the system"],
  ["light", "light"],
  ["dark", "dark"],
  ["contrast", "high contrast"],
];

const PREDICTS: [PredictMode, string][] = [
  ["adaptive", "on a slow connection"],
  ["always", "always"],
  ["never", "never"],
];

export interface SettingsActs {
  /** The settings have changed. */
  changed(): void;
  scales(): boolean;
  /** The person's name now; the session may have given them one. */
  name(): string;
  rename(name: string): void;
  leave(): void;
  help(): void;
  closed(): void;
}

export function openSettings(settings: Settings, acts: SettingsActs): void {
  const made = h("dialog", { "aria-label": "settings", class: "settings" }, h("h2", {}, "Settings"));
  made.append(nameRow(acts), themeRow(settings, acts), fontRow(settings, acts), predictsRow(settings, acts));
  made.append(
    check("Scale the session to fit", acts.scales(), (isOn) => {
      settings.scales = isOn;
      acts.changed();
    }),
    check("Mouse selects panes and windows, Shift selects text", settings.mouse, (isOn) => {
      settings.mouse = isOn;
      acts.changed();
    }),
    check("Screen reader mode", settings.readsAloud, (isOn) => {
      settings.readsAloud = isOn;
      acts.changed();
    }),
    h("p", { class: "faint" }, "Ctrl+F6 goes from the terminal to the page, and back. C-b ? lists the session's keys."),
    h(
      "div",
      { class: "choices" },
      button("Keys", () => {
        made.close();
        acts.help();
      }),
      button("Leave the session", () => {
        made.close();
        acts.leave();
      }),
      button("Done", () => made.close(), { class: "strong" }),
    ),
    h("p", { class: "faint" }, h("a", { href: document.body.dataset["licences"] ?? "", target: "_blank" }, "Licences of the page's parts")),
  );
  made.addEventListener("close", () => {
    made.remove();
    acts.closed();
  });
  document.body.append(made);
  made.showModal();
}

function nameRow(acts: SettingsActs): HTMLElement {
  const field = h("input", { value: acts.name(), maxlength: 32, autocomplete: "nickname", id: "own-name", test: "rename" });
  const set = (): void => {
    const name = field.value.trim();
    if (name !== "" && name !== acts.name()) acts.rename(name);
  };
  field.addEventListener("change", set);
  return h("div", { class: "row" }, h("label", { for: "own-name" }, "Your name"), field);
}

function themeRow(settings: Settings, acts: SettingsActs): HTMLElement {
  return choiceRow("Colours", "theme", THEMES, settings.theme, (theme) => {
    settings.theme = theme;
    acts.changed();
  });
}

function predictsRow(settings: Settings, acts: SettingsActs): HTMLElement {
  return choiceRow("Show keys before their echo", "predicts", PREDICTS, settings.predicts, (predicts) => {
    settings.predicts = predicts;
    acts.changed();
  });
}

function choiceRow<T extends string>(
  label: string,
  id: string,
  values: readonly (readonly [T, string])[],
  chosen: T,
  choose: (value: T) => void,
): HTMLElement {
  const choice = h("select", { id, test: id });
  for (const [value, text] of values) choice.append(h("option", { value, selected: value === chosen }, text));
  choice.addEventListener("change", () => choose(choice.value as T));
  return h("div", { class: "row" }, h("label", { for: id }, label), choice);
}

function fontRow(settings: Settings, acts: SettingsActs): HTMLElement {
  const shown = h("output", {}, `${settings.fontPx} px`);
  const change = (by: number) => (): void => {
    settings.fontPx = clampFont(settings.fontPx + by);
    settings.scales = false;
    shown.textContent = `${settings.fontPx} px`;
    acts.changed();
  };
  const smaller = button("A−", change(-1), { title: "smaller text" });
  const larger = button("A+", change(1), { title: "larger text", test: "larger" });
  return h("div", { class: "row" }, h("span", {}, "Text size"), h("span", { class: "choices" }, smaller, shown, larger));
}

function check(label: string, isOn: boolean, change: (isOn: boolean) => void): HTMLElement {
  const box = h("input", { type: "checkbox", checked: isOn });
  box.addEventListener("change", () => change(box.checked));
  return h("label", { class: "row" }, label, box);
}
