"""`audit`: show a session's audit log: joins, refusals, changes of roles, kicks. It never has content."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import click

from pairterm.cli.local_query import choose_session
from pairterm.cli.shared_options import json_option, target_option
from pairterm.errors import UsageError
from pairterm.paths import audit_file, session_socket
from pairterm.session.session_names import is_name

__all__ = ["audit", "print_audit"]

_LOOK_S = 0.2
"""How often a followed audit log is read again."""


@click.command()
@target_option
@json_option
@click.option("--follow", "-f", is_flag=True, help="Wait for new events and print them, until the session ends.")
def audit(target: str | None, as_json: bool, follow: bool) -> None:
    """Show what happened in a session: joins, refusals, grants, kicks, links, sizes.

    The audit log is kept after the session has ended. With --json it is printed as it is, one object a line.
    """
    # A session that has ended has no socket, but its whole name still finds its audit log.
    ended = target is not None and is_name(target) and audit_file(target).exists()
    name = target if ended and target is not None else choose_session(target)
    path = audit_file(name)
    if not path.exists():
        raise UsageError(f"{name} has no audit log", code="no_audit")
    print_audit(
        path, as_json=as_json, goes_on=session_socket(name).exists if follow else lambda: False, of_session=True
    )


def print_audit(path: Path, *, as_json: bool, goes_on: Callable[[], bool], of_session: bool) -> None:
    """Print the lines of an audit log, those of the older file first.

    It waits for new lines while `goes_on` returns True, also through a rotation. `of_session`: all lines are
    about one session, so its name is left out of each.
    """
    left_out = {"time", "event", *(["session"] if of_session else [])}
    for line in _lines(path, goes_on):
        click.echo(line if as_json else _text(line, left_out))


def _lines(path: Path, goes_on: Callable[[], bool]) -> Iterator[str]:
    older = path.with_name(path.name + ".1")
    if older.exists():
        yield from older.read_text(encoding="utf-8").splitlines()
    file = path.open(encoding="utf-8")
    while True:
        is_live = goes_on()
        while line := file.readline():
            yield line.rstrip("\n")
        if not is_live:
            return
        time.sleep(_LOOK_S)
        if path.exists() and os.stat(path).st_ino != os.fstat(file.fileno()).st_ino:
            file.close()
            file = path.open(encoding="utf-8")


def _text(line: str, left_out: Collection[str]) -> str:
    try:
        record = json.loads(line)
    except ValueError:
        return line
    rest = " ".join(f"{key}={value}" for key, value in record.items() if key not in left_out)
    return f"{record.get('time', '')} {record.get('event', ''):<14} {rest}".rstrip()
