"""`attach`: show a session on this terminal, over its local socket. It needs neither SSH nor a gateway."""

from __future__ import annotations

import sys

import click

from pairterm.cli.local_query import choose_session, run_command
from pairterm.cli.nesting import check_not_nested
from pairterm.cli.shared_options import target_option
from pairterm.cli.terminal_check import check_terminal
from pairterm.errors import UsageError
from pairterm.session.people import clean_name

__all__ = ["attach"]


@click.command()
@target_option
@click.option("-r", "read_only", is_flag=True, help="Watch only. Nothing that you type reaches the session.")
@click.option("--as", "name", metavar="NAME", help="Your name in this session. [default: your user name]")
@click.option("-d", "others", is_flag=True, help="Detach your other terminals from the session first.")
def attach(target: str | None, read_only: bool, name: str | None, others: bool) -> None:
    """Show a session on this terminal, and type into it.

    Without -t, it attaches to the newest session. C-b d detaches; the session keeps running.
    """
    check_not_nested()
    if name is not None and not clean_name(name):
        raise UsageError(f"bad name {name[:40]!r}: a name has letters or digits", code="bad_name")
    session = choose_session(target)
    check_terminal()
    if others:
        run_command(session, "detach-client")
    from pairterm.cli.attach_terminal import attach_terminal

    sys.exit(attach_terminal(session, read_only=read_only, name=name or ""))
