"""The page that plays offline: a hostile recording is data in it, and only the player's script may run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

from pairterm.record.offline_page import PlayerParts, as_html

PLAYER = PlayerParts(script='"use strict";play("<\\/script>")', style="body{}", licences="xterm.js <MIT>")
EVIL = '{"version": 3}\n[0, "o", "</script><script>alert(1)</script><!-- <script>"]\n'


class _Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.texts: list[str] = []
        self._open: dict[str, str | None] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.scripts.append((dict(attrs), ""))
            self._open = dict(attrs)

    def handle_endtag(self, tag: str) -> None:
        self._open = None

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        else:
            self.texts.append(data)


def test_a_recording_is_data_and_a_title_is_text() -> None:
    page = _Page(as_html(EVIL, "</title><script>alert(2)</script>", PLAYER))
    assert [attrs.get("id") for attrs, _ in page.scripts] == ["recording", "licences", None]
    assert json.loads(page.scripts[0][1]) == EVIL
    assert json.loads(page.scripts[1][1]) == PLAYER.licences
    assert page.scripts[2][1] == PLAYER.script
    assert "</title><script>alert(2)</script>" in page.texts


def test_the_policy_allows_the_players_script_alone_and_no_network() -> None:
    html = as_html(EVIL, "", PLAYER)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    digest = base64.b64encode(hashlib.sha256(PLAYER.script.encode()).digest()).decode()
    rules = dict(each.strip().split(" ", 1) for each in policy[1].split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == f"'sha256-{digest}'"
    assert html.index("Content-Security-Policy") < html.index("<script"), "what stands before it is not held by it"
    assert not re.search(r'(?:src|href)="', html)
