"""The man pages pass mandoc's lint, and the formatter shows what a command's help says."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

MAN1 = Path(__file__).resolve().parents[2] / "man" / "man1"

pytestmark = pytest.mark.skipif(shutil.which("mandoc") is None, reason="not installed: mandoc")


def mandoc(*arguments: str) -> str:
    """Run mandoc where the pages refer to each other, and return its output. Lint finds the names in SEE ALSO there."""
    done = subprocess.run(["mandoc", *arguments], cwd=MAN1, capture_output=True, text=True, check=False)
    return done.stdout


def findings(*pages: str) -> list[str]:
    """Return the findings of mandoc's lint. The pages of ssh and tmux need not be installed."""
    found = mandoc("-T", "lint", *pages).splitlines()
    return [each for each in found if not re.search(r"referenced manual not found: Xr (ssh|tmux) 1$", each)]


def test_lint_finds_nothing() -> None:
    pages = sorted(each.name for each in MAN1.iterdir())
    assert len(pages) > 30
    assert findings(*pages) == []


def test_lint_finds_a_mistake(tmp_path: Path) -> None:
    """The gate of the test above can fail."""
    wrong = tmp_path / "wrong.1"
    wrong.write_text((MAN1 / "pairterm-ls.1").read_text(encoding="utf-8").replace(".El", ".Elsewhere"))
    assert any("Elsewhere" in each for each in findings(str(wrong)))


def test_a_page_shows_the_options_and_the_text() -> None:
    shown = re.sub(r".\x08", "", mandoc("-T", "utf8", "pairterm-link.1"))
    assert "pairterm link new [-t NAME] [--json] [--role rw|ro|owner|publish]" in " ".join(shown.split())
    assert "--expire TIME" in shown
    assert "'link ls' shows it" in shown
