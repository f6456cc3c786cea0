"""The files of ended sessions: the newest are kept. The files of running sessions are always kept."""

from __future__ import annotations

import os
from pathlib import Path

from pairterm.host.old_session_files import KEPT, remove_old


def session(directory: Path, name: str, ended_s: int) -> None:
    for path in (directory / f"session-{name}.log", directory / f"audit-{name}.jsonl"):
        path.touch()
        os.utime(path, (ended_s, ended_s))


def names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def test_three_hundred_sessions_leave_the_files_of_the_newest(tmp_path: Path) -> None:
    """Ended sessions left 600 files, and the number grew without a bound."""
    for number in range(300):
        session(tmp_path, str(number), 1000 + number)
    others = {"known_guests", "gateway.log", "gateway-audit.jsonl", "ssh_host_ed25519_key", "session-x.txt"}
    for name in others:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1, 1))
    (tmp_path / "audit-7.jsonl.1").touch()
    os.utime(tmp_path / "audit-7.jsonl.1", (1, 1))
    remove_old(tmp_path, running=["3"])
    kept = {str(number) for number in range(300 - KEPT, 300)} | {"3"}
    assert names(tmp_path) == others | {f"session-{each}.log" for each in kept} | {
        f"audit-{each}.jsonl" for each in kept
    }


def test_a_session_is_as_old_as_its_newest_file(tmp_path: Path) -> None:
    session(tmp_path, "long", 1000)
    os.utime(tmp_path / "audit-long.jsonl", (9000, 9000))
    session(tmp_path, "short", 5000)
    remove_old(tmp_path, running=[], kept=1)
    assert names(tmp_path) == {"session-long.log", "audit-long.jsonl"}


def test_a_directory_that_is_not_there_or_files_that_stay(tmp_path: Path) -> None:
    remove_old(tmp_path / "nowhere", running=[])
    (tmp_path / "session-dir.log").mkdir()
    remove_old(tmp_path, running=[], kept=0)
    assert names(tmp_path) == {"session-dir.log"}
