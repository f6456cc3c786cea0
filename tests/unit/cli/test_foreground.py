"""The rules that end a session in the foreground."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pairterm.cli import foreground
from pairterm.cli.foreground import CONTINUE_FILE, Watch
from pairterm.cli.foreground_rules import ForegroundRules
from pairterm.link.messages import ClientInfo, SessionInfo


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """The statuses with which sessions were ended."""
    ended: list[int | None] = []
    monkeypatch.setattr(foreground, "kill_session", lambda name, *, status: ended.append(status))
    return ended


def job(ever: int = 0, now: int = 0) -> SessionInfo:
    clients = [ClientInfo(f"guest-{number}", "ro", 24, 80, 0.0) for number in range(now)]
    return SessionInfo("job", 1, 0.0, 24, 80, "bash", "", clients, None, "connected", guests_ever=ever)


def has_guests(monkeypatch: pytest.MonkeyPatch, ever: int, now: int = 0) -> None:
    monkeypatch.setattr(foreground, "ask_info", lambda name: job(ever, now))


def test_it_ends_when_nobody_has_come_in_time(monkeypatch: pytest.MonkeyPatch, killed: list[int | None]) -> None:
    watch = Watch(job(), ForegroundRules(wait_for_guest_s=600), 1000.0, reminds=False)
    has_guests(monkeypatch, ever=0)
    watch.look(1599.0)
    assert killed == []
    watch.look(1600.0)
    assert killed == [0]


def test_who_came_is_not_cut_off_by_the_wait(monkeypatch: pytest.MonkeyPatch, killed: list[int | None]) -> None:
    watch = Watch(job(), ForegroundRules(wait_for_guest_s=600, ends_when_empty=True), 1000.0, reminds=False)
    has_guests(monkeypatch, ever=2, now=1)
    watch.look(1599.0)
    watch.look(1_000_000.0)
    assert killed == []
    has_guests(monkeypatch, ever=2)
    watch.look(1_000_001.0)
    assert killed == [0]


def test_a_file_from_an_earlier_job_ends_nothing_until_it_is_touched_again(
    monkeypatch: pytest.MonkeyPatch, killed: list[int | None], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / CONTINUE_FILE
    file.touch()
    has_guests(monkeypatch, ever=0)
    watch = Watch(job(), ForegroundRules(), 1000.0, reminds=False)
    watch.look(1001.0)
    assert killed == []
    os.utime(file, ns=(1, 1))  # As `touch` does: another time than it had.
    watch.look(1002.0)
    assert killed == [0]
    assert not file.exists(), "the next job in this directory would find it"
