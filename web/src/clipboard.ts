// The clipboard, by the browser's permission. Where it says no, the person does it with a button or by hand.

import type { Notices } from "./parts/notices.js";

/** Put a text that the session or a button copied into the clipboard. */
export async function copyText(text: string, notices: Notices): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notices.tell(`copied ${text.length} character${text.length === 1 ? "" : "s"}`);
  } catch {
    // Outside a press of the person's own, or without focus, browsers refuse. A press on the notice is one.
    const press = (): void => {
      if (!copyBySelection(text)) notices.page("Copy this text", text);
    };
    notices.tell(`${text.length} characters are ready to be copied`, { label: "Copy", press });
  }
}

/** Return the clipboard's text, or what the person pasted into a field. `null`: nothing. */
export async function pastedText(notices: Notices): Promise<string | null> {
  try {
    return await navigator.clipboard.readText();
  } catch {
    return notices.askForText("Paste your text here");
  }
}

/** Copy without the clipboard's own interface, which pages without TLS lack. */
function copyBySelection(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "away";
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  return isCopied;
}
