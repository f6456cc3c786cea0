// The lines of commands that buttons give, as at `C-b :`. People are named by their number (`#3`), never by their name,
// so no name can become another word of a command. Free text is quoted for Python's `shlex.split`.

/** The longest remark, as the host counts it. */
export const MAX_REMARK_CHARS = 4000;

/** Return a word that `shlex.split` reads as exactly this text. Control characters are not part of a line. */
export function quoted(word: string): string {
  const line = word.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
  return /^[A-Za-z0-9_.\/:@%+=,-]+$/.test(line) ? line : `'${line.replaceAll("'", `'"'"'`)}'`;
}

function who(number: number): string {
  return `#${Math.trunc(number)}`;
}

export const grant = (number: number, role: "rw" | "ro"): string => `grant ${who(number)} ${role}`;
export const give = (number: number): string => `give ${who(number)}`;
export const kick = (number: number, bans = false): string => `kick ${who(number)}${bans ? " --ban" : ""}`;
/** Return the answer to a person's request. `choice` is one that the gateway has named. */
export const answer = (choice: string, number: number): string => `${choice} ${who(number)}`;
export const rename = (name: string): string => `name ${quoted(name)}`;
export const selectWindow = (index: number): string => `select-window -t :=${Math.trunc(index)}`;
export const pause = (isOn: boolean): string => `pause ${isOn ? "on" : "off"}`;
export const panic = (isOn: boolean): string => `panic ${isOn ? "on" : "off"}`;

/** Return the command that searches the history from here upwards. The text is the rest of the line, unchanged. */
export const searchBackward = (text: string): string => `search-backward ${text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ")}`;

/** Return the command that says something, with its lines. The host takes the text unchanged. */
export function say(remark: string): string {
  return `say ${remark.replaceAll("\r\n", "\n").replaceAll("\r", "\n").slice(0, MAX_REMARK_CHARS)}`;
}

/** Commands that need no words. The view obeys those about the history itself; the host never sees them. */
export const ASK_KEYBOARD = "ask";
export const PASS_KEYBOARD = "pass";
export const TAKE_KEYBOARD = "take";
export const FOLLOW = "follow";
export const HISTORY = "copy-mode";
export const HISTORY_WHEEL = "copy-mode-wheel";
export const WHEEL_DOWN = "wheel-down";
export const PAGE_UP = "copy-mode-up";
export const PAGE_DOWN = "page-down";
export const SEARCH_AGAIN = "search-again";
export const SEARCH_REVERSE = "search-reverse";
export const LEAVE_HISTORY = "cancel";
export const REDRAW = "refresh-client";
export const NEW_WINDOW = "new-window";
export const HELP = "list-keys";
export const LEAVE = "detach-client";
