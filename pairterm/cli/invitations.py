"""`link`: make, list and revoke further links to a session: with a time limit, for one use, or to say aloud."""

from __future__ import annotations

import json
import shlex
from importlib.util import find_spec
from typing import Any

import click

from pairterm.cli.local_query import ask_info, choose_session, run_command
from pairterm.cli.people import print_answer
from pairterm.cli.print_links import join_command, join_url, publishing
from pairterm.cli.shared_options import json_option, target_option
from pairterm.errors import UsageError

__all__ = ["link"]


@click.group()
def link() -> None:
    """Make, list and revoke links to a session."""


@link.command()
@target_option
@json_option
@click.option(
    "--role",
    type=click.Choice(["rw", "ro", "owner", "publish"]),
    default="ro",
    show_default=True,
    help="Guests may type (rw) or only watch (ro). 'owner' is for yourself: it gives the owner's commands too. "
    "By 'publish', pair-ls shares an editor's files, and nobody joins.",
)
@click.option("--expire", metavar="TIME", help="The link stops working after this time (e.g. 1h).")
@click.option("--uses", type=click.IntRange(1), metavar="N", help="The link works N times.")
@click.option("--once", is_flag=True, help="The link works once.")
@click.option("--label", metavar="TEXT", help="A note for you: 'link ls' shows it.")
@click.option("--ask/--no-ask", "ask", default=None, help="Guests with this link have to knock, or need not knock.")
@click.option("--spoken", is_flag=True, help="Make a code to say aloud: for one guest who knocks, within ten minutes.")
def new(target: str | None, as_json: bool, **given: Any) -> None:
    """Make a link, and print it. It is not shown again."""
    session = choose_session(target)
    publishes = given["role"] == "publish"
    if publishes:
        _check_publishing(session)
    words = ["link", "new", "--json", "--role", given["role"]]
    for name in ("expire", "uses", "label"):
        if given[name] is not None:
            words += [f"--{name}", str(given[name])]
    words += [f"--{name}" for name in ("once", "spoken") if given[name]]
    if given["ask"] is not None:
        words.append("--ask" if given["ask"] else "--no-ask")
    made: dict[str, Any] = json.loads(run_command(session, shlex.join(words)))
    info = ask_info(session)
    command = publishing(info, made["user"]) if publishes else join_command(info, made["user"])
    url = "" if given["spoken"] or publishes else join_url(info, made["user"])
    if as_json:
        click.echo(json.dumps(made | {"command": command} | ({"url": url} if url else {})))
    else:
        click.echo("\n".join(filter(None, (command, url))))


def _check_publishing(session: str) -> None:
    """Check that pair-ls can publish in a session, before a link for it is made.

    Raises:
        UsageError: Its gateway has no door for it, or a part of pairterm is missing.
        SystemFault: No gateway has the session.
    """
    if not publishing(ask_info(session), "token"):
        text = "pair-ls connects to the gateway's page, and browsers can't join here: see [web] in docs/web.md"
        raise UsageError(text, code="no_web")
    if any(find_spec(each) is None for each in ("pathspec", "pygments")):
        raise UsageError("to show files, this machine needs: pip install 'pairterm[lsp]'", code="no_lsp")


@link.command("ls")
@target_option
@json_option
def list_(target: str | None, as_json: bool) -> None:
    """List the links of a session. Their tokens are not shown."""
    click.echo(run_command(choose_session(target), "link ls --json" if as_json else "link ls"))


@link.command()
@target_option
@json_option
@click.argument("which")
@click.option("--kick", is_flag=True, help="Also disconnect the guests who joined with it.")
def revoke(target: str | None, as_json: bool, which: str, kick: bool) -> None:
    """Revoke a link, by its number or its label. Nobody can join with it any more."""
    print_answer(target, ["link", "revoke", which, *(["--kick"] if kick else [])], as_json)


@link.command()
@target_option
@json_option
@click.argument("role", type=click.Choice(["rw", "ro"]), required=False)
@click.option("--kick", is_flag=True, help="Also disconnect the guests who joined with the old links.")
def rotate(target: str | None, as_json: bool, role: str | None, kick: bool) -> None:
    """Replace the session's first links by new ones. The old ones stop working."""
    print_answer(target, ["link", "rotate", *([role] if role else []), *(["--kick"] if kick else [])], as_json)
