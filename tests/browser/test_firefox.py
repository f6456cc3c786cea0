"""The page works in Firefox too. All else is tested in Chromium, which starts faster."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.firefox import open_firefox
from tests.browser.web_gateway import Place

_ENTER = "\ue007"


@pytest.mark.nightly
async def test_a_guest_types_in_firefox(place: Place, tmp_path: Path) -> None:
    """They join by the link, see the prompt, and run a command. The page says nothing on the console."""
    link = place.share("firefox", "sh", "-c", "PS1='here$ ' exec sh").rw
    async with open_firefox(tmp_path) as firefox:
        await firefox.go(link)
        await firefox.sees("here$")
        await firefox.focus_terminal()
        await firefox.type("echo $((40+2))" + _ENTER)
        await firefox.sees("here$ echo $((40+2))\n42\nhere$")
        assert firefox.console == []
