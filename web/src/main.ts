// The start: read the link in the address, and join.

import { App } from "./app.js";
import { CodeExtension } from "./code/extension.js";
import type { Socket } from "./connection.js";
import { fragmentOf, keyOfFragment } from "./link.js";
import { SUBPROTOCOL } from "./protocol.js";
import { loadSettings } from "./settings.js";
import "@xterm/xterm/css/xterm.css";
import "./style.css";

/** The gateway's websocket is beside this page, whatever path it is served at. */
function dial(protocol: string): Socket {
  const url = new URL("ws", location.href);
  url.protocol = location.protocol === "http:" ? "ws:" : "wss:";
  url.hash = url.search = "";
  return new WebSocket(url, protocol) as unknown as Socket;
}

function begin(): void {
  const place = document.querySelector<HTMLElement>("#app");
  if (place === null) return;
  const key = keyOfFragment(location.hash);
  // The first line opens while the page is built.
  let early = key === null ? null : dial(SUBPROTOCOL);
  const first = (protocol: string): Socket => {
    const socket = early ?? dial(protocol);
    early = null;
    return socket;
  };
  const app = new App(place, loadSettings(), first, () => {
    history.replaceState(null, "", location.pathname);
    location.reload();
  });
  app.extend((acts) => new CodeExtension(acts));
  (window as unknown as { pairterm: unknown }).pairterm = app.hook;
  if (key !== null) app.join(key);
  else {
    app.start((chosen) => {
      history.replaceState(null, "", fragmentOf(chosen));
      app.join(chosen);
    });
  }
  window.addEventListener("hashchange", () => location.reload());
}

begin();
