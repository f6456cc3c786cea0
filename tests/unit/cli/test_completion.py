"""The Tab key offers commands, options, and the names of this user's sessions."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from pairterm.cli.app import pairterm


@pytest.fixture(autouse=True)
def sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sockets of two sessions and a gateway."""
    monkeypatch.setenv("PAIRTERM_TMPDIR", str(tmp_path))
    directory = tmp_path / f"pairterm-{os.getuid()}"
    directory.mkdir(mode=0o700)
    for name in ("alpha.sock", "beta.sock", ".gateway", ".lock"):
        (directory / name).touch()


@pytest.mark.parametrize(
    ("words", "begun", "offered"),
    [
        ([], "ki", {"kill", "kick", "kill-server"}),
        ([], "l", {"ls", "link", "links", "list-keys", "list-commands"}),
        (["attach", "-t"], "", {"alpha", "beta"}),
        (["attach-session", "-t"], "al", {"alpha"}),
        (["kill", "-t"], "b", {"beta"}),
        (["links"], "--j", {"--json"}),
    ],
)
def test_tab_offers(words: list[str], begun: str, offered: set[str]) -> None:
    completion = ShellComplete(pairterm, {}, "pairterm", "_PAIRTERM_COMPLETE")
    assert {each.value for each in completion.get_completions(words, begun)} == offered
