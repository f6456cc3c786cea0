// Making elements. Texts become text nodes, never HTML: names and titles of other people stay text.

type Child = Node | string | null;

interface Extras {
  class?: string | undefined;
  test?: string | undefined;
  on?: Record<string, (event: Event) => void>;
  /** Attributes; `true` sets an empty one, `false` leaves it out. */
  [attribute: string]: string | boolean | number | undefined | Record<string, (event: Event) => void>;
}

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  extras: Extras = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(extras)) {
    if (value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value as Record<string, (event: Event) => void>))
        element.addEventListener(event, listener);
    } else if (name === "test") element.dataset["test"] = String(value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Return a button. `label` is its text, and its name for screen readers unless `title` says more. */
export function button(label: string, press: () => void, extras: Extras = {}): HTMLButtonElement {
  const made = h("button", { type: "button", ...extras }, label);
  made.addEventListener("click", press);
  return made;
}

const PATHS = {
  people: "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7 9c0-4 3-6 7-6s7 2 7 6M16 3.5a4 4 0 0 1 0 7M18 14.5c2.5.8 4 2.6 4 5.5",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Zm5-1.5 5 5",
  settings: "M4 7h9m4 0h3M4 17h3m4 0h9M15 9.5v-5M9 19.5v-5",
  call: "M3 7h11v10H3zM14 11l7-4v10l-7-4",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  close: "M5 5l14 14M19 5 5 19",
  up: "M5 15l7-7 7 7",
  down: "M5 9l7 7 7-7",
} as const;

/** Return a button with a drawing. Its name for screen readers is `label`. */
export function iconButton(
  icon: keyof typeof PATHS,
  label: string,
  press: () => void,
  extras: Extras = {},
): HTMLButtonElement {
  const made = button("", press, { ...extras, class: `icon ${extras.class ?? ""}`, "aria-label": label, title: label });
  made.append(drawing(icon));
  return made;
}

function drawing(icon: keyof typeof PATHS): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", PATHS[icon]);
  svg.append(path);
  return svg;
}

/** Put new children into `place`. The element with the same data-key keeps the focus. */
export function replaceKeepingFocus(place: HTMLElement, ...children: Node[]): void {
  const focused = document.activeElement;
  const key = focused instanceof HTMLElement && place.contains(focused) ? focused.dataset["key"] : undefined;
  place.replaceChildren(...children);
  if (key !== undefined) place.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus();
}
