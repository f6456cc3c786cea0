"""`link`: more links to a session, at any time: for a while, for one use, for a class, or to be said aloud."""

from __future__ import annotations

import json
import shlex
from typing import Any

import click

from pairterm.cli.local_query import ask_info, choose_session, run_command
from pairterm.cli.people import print_answer
from pairterm.cli.print_links import join_command
from pairterm.cli.sessions import json_option, target_option

__all__ = ["link"]


@click.group()
def link() -> None:
    """Make, list and end links to a session."""


@link.command()
@target_option
@json_option
@click.option("--role", type=click.Choice(["rw", "ro"]), default="ro", show_default=True, help="What it gives.")
@click.option("--expire", metavar="TIME", help="How long it lives, such as 1h.")
@click.option("--uses", type=click.IntRange(1), metavar="N", help="How often it may be used.")
@click.option("--once", is_flag=True, help="One use.")
@click.option("--label", metavar="TEXT", help="What it is for.")
@click.option("--ask/--no-ask", "ask", default=None, help="Whoever comes by it has to knock, or not.")
@click.option("--spoken", is_flag=True, help="A code to be said aloud: one use, ten minutes, five tries, a knock.")
def new(target: str | None, as_json: bool, **given: Any) -> None:
    """Make a link; it is printed once."""
    session = choose_session(target)
    words = ["link", "new", "--json", "--role", given["role"]]
    for name in ("expire", "uses", "label"):
        if given[name] is not None:
            words += [f"--{name}", str(given[name])]
    words += [f"--{name}" for name in ("once", "spoken") if given[name]]
    if given["ask"] is not None:
        words.append("--ask" if given["ask"] else "--no-ask")
    made: dict[str, Any] = json.loads(run_command(session, shlex.join(words)))
    command = join_command(ask_info(session), made["user"])
    click.echo(json.dumps(made | {"command": command}) if as_json else command)


@link.command("ls")
@target_option
@json_option
def list_(target: str | None, as_json: bool) -> None:
    """List the links of a session; their tokens are not shown again."""
    click.echo(run_command(choose_session(target), "link ls --json" if as_json else "link ls"))


@link.command()
@target_option
@json_option
@click.argument("which")
@click.option("--kick", is_flag=True, help="Show those out who came by it.")
def revoke(target: str | None, as_json: bool, which: str, kick: bool) -> None:
    """End a link, by its number or its label."""
    print_answer(target, ["link", "revoke", which, *(["--kick"] if kick else [])], as_json)


@link.command()
@target_option
@json_option
@click.argument("role", type=click.Choice(["rw", "ro"]), required=False)
@click.option("--kick", is_flag=True, help="Show those out who came by the old ones.")
def rotate(target: str | None, as_json: bool, role: str | None, kick: bool) -> None:
    """Draw the session's links anew; the old ones open nothing any more."""
    print_answer(target, ["link", "rotate", *([role] if role else []), *(["--kick"] if kick else [])], as_json)
