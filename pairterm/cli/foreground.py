"""`new -F`: wait until a session ends, for scripts and CI.

The job continues when the command ends, when somebody runs `pairterm continue` or creates
the file `pairterm-continue` in the working directory, when no guest joins in time, when the
last guest leaves, or when the time is over.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import click

from pairterm.cli.foreground_rules import ForegroundRules
from pairterm.cli.local_query import ask_info, kill_session
from pairterm.cli.print_links import links_text
from pairterm.errors import PairtermError
from pairterm.link.messages import SessionInfo

__all__ = ["CONTINUE_FILE", "Watch", "stay"]

CONTINUE_FILE = "pairterm-continue"

_POLL_S = 1.0

_REMIND_S = 60.0
"""How often the links are printed again until a guest joins: people read a CI log from its end."""

_TIMED_OUT_STATUS = 124
"""The exit status of timeout(1)."""


def stay(process: subprocess.Popen[bytes], info: SessionInfo, rules: ForegroundRules, *, reminds: bool) -> int:
    """Wait until the session ends, or end it by the rules. Return the exit status.

    `reminds`: print the links again every minute until a guest joins.
    """
    watch = Watch(info, rules, time.monotonic(), reminds=reminds)
    while True:
        try:
            status = process.wait(_POLL_S)
            break
        except subprocess.TimeoutExpired:
            watch.look(time.monotonic())
    assert process.stdin is not None
    process.stdin.close()
    return status if status >= 0 else 128 - status


class Watch:
    """One session in the foreground. `look` checks its rules every second."""

    def __init__(self, info: SessionInfo, rules: ForegroundRules, now_s: float, *, reminds: bool) -> None:
        self._name = info.session
        self._rules = rules
        self._began_s = now_s
        self._reminded_s = now_s
        self._reminds = reminds
        self._had_guest = False
        self._continue_file = Path.cwd() / CONTINUE_FILE
        self._stale = self._stamp()
        """The file as it was at the start. If an earlier job left one, it does not count."""

    def look(self, now_s: float) -> None:
        """End the session if a rule says so, or print its links again."""
        age_s = now_s - self._began_s
        if self._stamp() not in (None, self._stale):
            with contextlib.suppress(OSError):
                self._continue_file.unlink()
            return self._end(0, f"{CONTINUE_FILE} is there: the job continues")
        if self._rules.timeout_s is not None and age_s >= self._rules.timeout_s:
            return self._end(_TIMED_OUT_STATUS, "the time is over")
        if self._had_guest and not self._rules.ends_when_empty:
            return None
        try:
            info = ask_info(self._name)
        except PairtermError:
            return None  # The session is ending; the next look finds that.
        self._had_guest = info.guests_ever > 0
        if self._had_guest:
            if self._rules.ends_when_empty and not info.clients:
                self._end(0, "the last guest has left")
        elif self._rules.wait_for_guest_s is not None and age_s >= self._rules.wait_for_guest_s:
            self._end(0, "no guest has joined in time")
        elif self._reminds and now_s - self._reminded_s >= _REMIND_S:
            self._reminded_s = now_s
            self._print_links(info)
        return None

    def _stamp(self) -> tuple[int, int] | None:
        """Return the file's time of change and its inode; None if there is no file."""
        try:
            found = self._continue_file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino

    def _end(self, status: int, reason: str) -> None:
        click.echo(f"pairterm: {reason}")
        sys.stdout.flush()
        try:
            kill_session(self._name, status=status)
        except PairtermError:
            return  # The session has just ended by itself.

    def _print_links(self, info: SessionInfo) -> None:
        if info.address is not None:
            click.echo(links_text(info))
            sys.stdout.flush()
