// The keys of the bar on phones. Ctrl and Alt are sticky: a tap holds them for one key, a second tap locks them, a third
// one releases them. The bytes are xterm's.

export type Sticky = "off" | "once" | "locked";

const NEXT: Record<Sticky, Sticky> = { off: "once", once: "locked", locked: "off" };

export type BarKey = "Escape" | "Tab" | "Up" | "Down" | "Left" | "Right" | "Home" | "End" | "PageUp" | "PageDown";

const ARROWS: Partial<Record<BarKey, string>> = { Up: "A", Down: "B", Right: "C", Left: "D", Home: "H", End: "F" };

export class KeyBar {
  ctrl: Sticky = "off";
  alt: Sticky = "off";

  /** Go to the next state of a modifier. */
  tap(modifier: "ctrl" | "alt"): void {
    this[modifier] = NEXT[this[modifier]];
  }

  /** Return the bytes of a key of the bar. `isApplication`: the program has set application cursor keys (DECCKM). */
  key(key: BarKey, isApplication: boolean): string {
    const modifier = 1 + (this.alt !== "off" ? 2 : 0) + (this.ctrl !== "off" ? 4 : 0);
    const isAlt = this.alt !== "off";
    this.release();
    const final = ARROWS[key];
    if (final !== undefined) {
      if (modifier > 1) return `\x1b[1;${modifier}${final}`;
      return `\x1b${isApplication ? "O" : "["}${final}`;
    }
    switch (key) {
      case "PageUp":
      case "PageDown":
        return `\x1b[${key === "PageUp" ? 5 : 6}${modifier > 1 ? `;${modifier}` : ""}~`;
      case "Tab":
        return isAlt ? "\x1b\t" : "\t";
      default:
        return isAlt ? "\x1b\x1b" : "\x1b";
    }
  }

  /** Return what the keyboard typed with the sticky modifiers. A paste, or a sequence, stays as it is. */
  typed(data: string): string {
    if ([...data].length !== 1 || (this.ctrl === "off" && this.alt === "off")) return data;
    const key = this.ctrl !== "off" ? withControl(data) : data;
    const isAlt = this.alt !== "off";
    this.release();
    return isAlt ? `\x1b${key}` : key;
  }

  private release(): void {
    if (this.ctrl === "once") this.ctrl = "off";
    if (this.alt === "once") this.alt = "off";
  }
}

/** Return the character that Ctrl makes of another one, as xterm does. Some have none, and stay. */
function withControl(character: string): string {
  if (character === " " || character === "2") return "\x00";
  if (character === "?" || character === "8") return "\x7f";
  const digit = "34567".indexOf(character);
  if (digit >= 0) return String.fromCharCode(0x1b + digit);
  const code = character.toUpperCase().charCodeAt(0);
  if (character === "/") return "\x1f";
  return code >= 0x40 && code <= 0x5f ? String.fromCharCode(code & 0x1f) : character;
}
