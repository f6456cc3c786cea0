"""`audit`: what happened in a session: who came, who was let type, who was shown out. Never content."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import click

from pairterm.cli.ask import choose_session
from pairterm.cli.sessions import json_option, target_option
from pairterm.errors import UsageError
from pairterm.paths import audit_file, session_socket
from pairterm.session.names import is_name

__all__ = ["audit"]

_LOOK_S = 0.2
"""How often a followed audit is looked at."""


@click.command()
@target_option
@json_option
@click.option("--follow", "-f", is_flag=True, help="Go on with what happens, until the session ends.")
def audit(target: str | None, as_json: bool, follow: bool) -> None:
    """Show what happened in a session: joins, refusals, grants, kicks, links, sizes.

    The file outlives the session; with --json it is printed as it is, one object a line.
    """
    # One that has ended has no socket, but its audit can still be asked for by its whole name.
    ended = target is not None and is_name(target) and audit_file(target).exists()
    name = target if ended and target is not None else choose_session(target)
    path = audit_file(name)
    if not path.exists():
        raise UsageError(f"there is no audit of {name}", code="no_audit")
    for line in _lines(path, name, follow=follow):
        click.echo(line if as_json else _text(line))


def _lines(path: Path, name: str, *, follow: bool) -> Iterator[str]:
    """Yield the lines, the older file's first; followed through a rotation, until the session has ended."""
    older = path.with_name(path.name + ".1")
    if older.exists():
        yield from older.read_text(encoding="utf-8").splitlines()
    file = path.open(encoding="utf-8")
    while True:
        is_live = session_socket(name).exists()
        while line := file.readline():
            yield line.rstrip("\n")
        if not follow or not is_live:
            return
        time.sleep(_LOOK_S)
        if path.exists() and os.stat(path).st_ino != os.fstat(file.fileno()).st_ino:
            file.close()
            file = path.open(encoding="utf-8")


def _text(line: str) -> str:
    try:
        record = json.loads(line)
    except ValueError:
        return line
    rest = " ".join(f"{key}={value}" for key, value in record.items() if key not in ("time", "event", "session"))
    return f"{record.get('time', '')} {record.get('event', ''):<14} {rest}".rstrip()
