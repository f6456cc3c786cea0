"""`ls`, `links`, `kill`: list the sessions, print the links of one, end one."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import click

from pairterm.cli.local_query import ask_info, choose_session, kill_session, live_sessions
from pairterm.cli.nesting import session_around
from pairterm.cli.print_links import links_json, links_text
from pairterm.cli.shared_options import json_option, target_option
from pairterm.link.messages import SessionInfo

__all__ = ["kill", "links", "ls"]


@click.command()
@json_option
def ls(as_json: bool) -> None:
    """List your sessions on this machine.

    Exits with 1 if there is none, as tmux does. With --json it prints an empty list, and exits with 0.
    """
    found = live_sessions()
    if as_json:
        click.echo(json.dumps([_as_json(info) for info in found]))
        return
    if not found:
        click.echo("no sessions", err=True)
        sys.exit(1)
    for info in found:
        created = time.strftime("%a %b %e %H:%M:%S %Y", time.localtime(info.created_s))
        attached = f" ({len(info.clients)} attached)" if info.clients else ""
        click.echo(f"{info.session}: {info.cols}×{info.rows} (created {created}) [{info.command}]{attached}")


def _as_json(info: SessionInfo) -> dict[str, Any]:
    return {
        "session": info.session,
        "pid": info.pid,
        "created": info.created_s,
        "cols": info.cols,
        "rows": info.rows,
        "command": info.command,
        "title": info.title,
        "gateway": info.gateway,
        "clients": [
            {"from": each.label, "role": each.role, "cols": each.cols, "rows": each.rows, "joined": each.joined_s}
            for each in info.clients
        ],
    }


@click.command()
@target_option
@json_option
@click.option("--all", "show_all", is_flag=True, help="Print the link for typing even if read-only guests can see it.")
def links(target: str | None, as_json: bool, show_all: bool) -> None:
    """Print the links with which guests join a session.

    Without -t, it is the session you are in, else the newest. Inside a session
    that read-only guests watch, the link for typing is not printed.
    """
    info = ask_info(choose_session(target))
    if as_json:
        click.echo(json.dumps(links_json(info)))
        return
    is_watched = info.session == session_around() and any(each.role == "ro" for each in info.clients)
    click.echo(links_text(info, is_watched=is_watched and not show_all))


@click.command()
@target_option
@json_option
@click.option("-a", "others", is_flag=True, help="End all your sessions except this one.")
def kill(target: str | None, as_json: bool, others: bool) -> None:
    """End a session, its command and all processes that it started.

    Without -t, it is the session you are in, else your only one.
    """
    name = choose_session(target, only_one=True)
    if others:
        ended = [info.session for info in live_sessions() if info.session != name]
        for each in ended:
            kill_session(each)
        if as_json:
            click.echo(json.dumps({"kept": name, "killed": ended}))
        return
    kill_session(name)
    if as_json:
        click.echo(json.dumps({"session": name, "killed": True}))
