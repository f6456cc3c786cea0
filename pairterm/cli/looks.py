"""`gather` and `set-window`: who looks where, and which windows guests may see, from the owner's shell."""

from __future__ import annotations

import click

from pairterm.cli.local_query import choose_session, run_command
from pairterm.cli.shared_options import target_option
from pairterm.cli.targets import pane_around, run_at
from pairterm.cli.window_command import print_errors_as_tmux

__all__ = ["gather", "set_window"]


@click.command()
@target_option
def gather(target: str | None) -> None:
    """Bring everyone to one window.

    In a pane of the session it is that pane's window, elsewhere the one where the leader looks.
    """
    with print_errors_as_tmux():
        session = choose_session(target)
        click.echo(run_command(session, "gather", pane=pane_around(session)))


@click.command("set-window")
@click.option("-t", "target", metavar="TARGET", help="The window. [default: the active one]")
@click.argument("option", type=click.Choice(["hidden"]), metavar="hidden")
@click.argument("state", required=False, type=click.Choice(["on", "off"]))
def set_window(target: str | None, option: str, state: str | None) -> None:
    """Hide a window from guests, or show it again. Without on or off, it changes to the other.

    \b
    pairterm set-window hidden on -t 2          in this session, or the newest one
    pairterm set-window hidden off -t work:2    in another session
    """
    with print_errors_as_tmux():
        at = ["-t", target] if target is not None else []
        _, answer = run_at(["set-window", *at], [option, state or "toggle"])
        click.echo(answer)
