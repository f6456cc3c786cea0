"""`attach`: show a session on this terminal, over its local socket, with neither SSH nor a gateway."""

from __future__ import annotations

import os
import sys

import click

from pairterm.cli.local_query import choose_session, run_command
from pairterm.cli.sessions import target_option
from pairterm.errors import UsageError
from pairterm.session.people import clean_name

__all__ = ["attach"]


@click.command()
@target_option
@click.option("-r", "read_only", is_flag=True, help="Watch only: nothing that you type reaches the session.")
@click.option("--as", "name", metavar="NAME", help="What you are called here; your user name without it.")
@click.option("-d", "others", is_flag=True, help="Detach your other terminals from the session first.")
def attach(target: str | None, read_only: bool, name: str | None, others: bool) -> None:
    """Show a session on this terminal, and type into it.

    Without -t: the newest. C-b d leaves it; the session goes on.
    """
    from pairterm.cli.attach_terminal import attach_terminal, check_terminal

    if os.environ.get("PAIRTERM"):
        raise UsageError("sessions should be nested with care, unset $PAIRTERM to force", code="nested")
    if name is not None and not clean_name(name):
        raise UsageError(f"bad name {name[:40]!r}: a name has letters or digits", code="bad_name")
    session = choose_session(target)
    check_terminal()
    if others:
        run_command(session, "detach-client")
    sys.exit(attach_terminal(session, read_only=read_only, name=name or ""))
