"""One HTML file that plays a recording, with the player inside: it needs no network and no other file.

Only the player's own script may run: the page's policy has its hash. The recording is data in it, and shows as text.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from html import escape

__all__ = ["PlayerParts", "as_html"]


@dataclass(frozen=True, slots=True)
class PlayerParts:
    """The player, as it was built for the gateway's page."""

    script: str
    style: str
    licences: str


def as_html(cast: str, title: str, player: PlayerParts) -> str:
    """Return the page. `cast` is the recording as an asciicast."""
    digest = base64.b64encode(hashlib.sha256(player.script.encode()).digest()).decode()
    script = f"script-src 'sha256-{digest}'"
    policy = f"default-src 'none'; {script}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="dark light">\n'
        f"<title>{escape(title or 'recording')}</title>\n<style>{player.style}</style></head>\n<body>"
        '<div id="app"></div><noscript>This page plays a recorded terminal. It needs JavaScript.</noscript>\n'
        f'<script type="application/json" id="recording">{_data(cast)}</script>\n'
        f'<script type="application/json" id="licences">{_data(player.licences)}</script>\n'
        f"<script>{player.script}</script></body></html>\n"
    )


def _data(text: str) -> str:
    """Return a text as JSON in which nothing can end or open an element."""
    return json.dumps(text).replace("<", "\\u003c").replace(">", "\\u003e")
