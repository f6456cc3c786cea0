// The start of the player: find the recording, and show it, or say why not.

import { h } from "../dom.js";
import { NoCast } from "./cast.js";
import { Player } from "./player.js";
import { NoRecording, embedded, fetched, tokenOf } from "./source.js";
import "@xterm/xterm/css/xterm.css";
import "./player.css";

async function begin(place: HTMLElement): Promise<void> {
  const note = h("p", { class: "note", role: "status", test: "note" }, "Loading the recording…");
  place.replaceChildren(note);
  try {
    const token = tokenOf(location.hash);
    const inside = embedded(document);
    if (inside === null && token === null) throw new NoRecording("This address has no recording in it: copy the whole link.");
    const cast = inside ?? (await fetched(token ?? "", (bytes) => (note.textContent = `Loading the recording… ${Math.ceil(bytes / 1024)} KiB`)));
    const player = new Player(place, cast);
    (window as unknown as { pairterm: unknown }).pairterm = player.hook;
    if (cast.header.title) document.title = `${cast.header.title} - recording`;
  } catch (error) {
    if (!(error instanceof NoRecording || error instanceof NoCast)) throw error;
    place.replaceChildren(h("p", { class: "note", role: "alert", test: "note" }, error.message));
  }
}

const place = document.querySelector<HTMLElement>("#app");
if (place !== null) void begin(place);
window.addEventListener("hashchange", () => location.reload());
