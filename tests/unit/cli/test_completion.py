"""The Tab key offers commands, options, and the names of this user's sessions."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from pairterm.cli import local_query
from pairterm.cli.app import pairterm
from pairterm.errors import SystemFault
from pairterm.link.messages import ClientInfo, SessionInfo


@pytest.fixture(autouse=True)
def sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sockets of two sessions and a gateway."""
    monkeypatch.setenv("PAIRTERM_TMPDIR", str(tmp_path))
    directory = tmp_path / f"pairterm-{os.getuid()}"
    directory.mkdir(mode=0o700)
    for name in ("alpha.sock", "beta.sock", ".gateway", ".lock"):
        (directory / name).touch()


def offers(words: list[str], begun: str) -> set[str]:
    completion = ShellComplete(pairterm, {}, "pairterm", "_PAIRTERM_COMPLETE")
    return {each.value for each in completion.get_completions(words, begun)}


@pytest.mark.parametrize(
    ("words", "begun", "offered"),
    [
        ([], "ki", {"kill", "kick", "kill-pane", "kill-server", "kill-window"}),
        ([], "list", {"list-keys", "list-commands", "list-panes", "list-windows"}),
        (["attach", "-t"], "", {"alpha", "beta"}),
        (["attach-session", "-t"], "al", {"alpha"}),
        (["kill", "-t"], "b", {"beta"}),
        (["links"], "--j", {"--json"}),
    ],
)
def test_tab_offers(words: list[str], begun: str, offered: set[str]) -> None:
    assert offers(words, begun) == offered


def people(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let the session alpha have these people, and a question of the second one."""
    clients = [ClientInfo("local", "rw", 24, 80, 0.0, number, name) for number, name in enumerate(names, 1)]
    info = SessionInfo("alpha", 1, 0.0, 24, 80, "bash", "", clients, None, "connected", asks=[(2, "knocks")])
    monkeypatch.setattr(local_query, "ask_info", lambda name, *, timeout_s: info)


def test_tab_offers_the_people_of_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    people(monkeypatch, "ana", "eve", "évelyne")
    assert offers(["kick", "-t", "alpha"], "") == {"ana", "eve", "évelyne"}
    assert offers(["grant", "-t", "alpha"], "e") == {"eve"}
    assert offers(["grant", "-t", "alpha", "ana"], "") == {"rw", "ro"}
    assert offers(["accept", "-t", "alpha"], "") == {"2"}


def test_tab_offers_no_name_that_a_shell_would_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A guest chooses their name. Hosts allow no such name, but the shell must not depend on it."""
    people(monkeypatch, "$(reboot)", "a;b", "a b", "--ban", "*", "")
    assert offers(["kick", "-t", "alpha"], "") == {"1", "2", "3", "4", "5", "6"}


def test_tab_says_nothing_if_a_host_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def silent(name: str, *, timeout_s: float) -> SessionInfo:
        raise SystemFault(f"the host of {name} does not answer", code="unreachable")

    monkeypatch.setattr(local_query, "ask_info", silent)
    assert offers(["kick"], "") == set()
    assert capsys.readouterr().err == ""
