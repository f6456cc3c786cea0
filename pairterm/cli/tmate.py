"""tmate's commands: `display -p '#{pairterm_ssh}'`, `wait ready`, `show-messages`; and `continue`, for CI.

tmate's own names work as well: `#{tmate_ssh}` is `#{pairterm_ssh}`, and `wait
tmate-ready` is `wait ready`.
"""

from __future__ import annotations

import json
import re
import time

import click

from pairterm.cli.local_query import ask_info, choose_session, kill_session
from pairterm.cli.nesting import session_around
from pairterm.cli.print_links import links_json, links_text
from pairterm.cli.shared_options import json_option, pane_option, target_option
from pairterm.cli.targets import find_pane, run_at
from pairterm.cli.window_command import print_errors_as_tmux
from pairterm.errors import SystemFault, UsageError
from pairterm.link.messages import SessionInfo

__all__ = ["FORMAT_NAMES", "continue_", "display", "expanded", "show_messages", "wait"]

FORMAT_NAMES = (
    "ssh", "ssh_ro", "ssh_name", "user", "user_ro", "host", "port", "fingerprint", "known_hosts", "num_clients",
    "session", "gateway", "size", "pid",
)  # fmt: skip
"""The names that `#{pairterm_…}` and `#{tmate_…}` accept."""

_VARIABLE = re.compile(r"#\{(?:pairterm|tmate)_([^{}]*)\}")

_LINKS = (
    "ssh", "ssh_ro", "ssh_name", "web", "web_ro", "user", "user_ro", "host", "port", "fingerprint", "known_hosts"
)  # fmt: skip

_NO_LINK = {"command": "", "user": ""}
"""Stands for a link that the session does not have (`--ro-only`, `--admit key`)."""

_NO_PAGE = {"url": ""}
"""Stands for a link to a page, where the gateway has none."""

_POLL_S = 0.2

_TELL_AFTER_S = 2.0
"""When `wait` prints that there is no session yet. A script that starts one at the same moment does not see it."""


def _values(info: SessionInfo) -> dict[str, str]:
    """Return the value of each of `FORMAT_NAMES`; "" for links that the session does not have."""
    values = dict.fromkeys(_LINKS, "")
    if info.address is not None:
        found = links_json(info)
        links = found["links"]
        name = links.get("ssh_name", _NO_LINK)
        write = links.get("ssh_rw", _NO_LINK if info.address.opens_by_invitation else name)
        read = links.get("ssh_ro", _NO_LINK)
        values |= {"ssh": write["command"], "ssh_ro": read["command"], "user": write["user"], "user_ro": read["user"]}
        values |= {"ssh_name": name["command"]}
        values |= {"web": links.get("web_rw", _NO_PAGE)["url"], "web_ro": links.get("web_ro", _NO_PAGE)["url"]}
        values |= {"host": info.address.host, "port": str(info.address.port), **found["host_key"]}
    return values | {
        "num_clients": str(len(info.clients)),
        "session": info.session,
        "gateway": info.gateway,
        "size": f"{info.cols}x{info.rows}",
        "pid": str(info.pid),
    }


def expanded(text: str, info: SessionInfo) -> str:
    """Return a format with our own variables replaced. The session's host knows tmux's.

    The result is a format still, so a "#" in a value is doubled.

    Raises:
        UsageError: It names an unknown variable.
    """
    values = _values(info)

    def value(match: re.Match[str]) -> str:
        if match[1] in values:
            return values[match[1]].replace("#", "##")
        known = ", ".join(f"pairterm_{each}" for each in FORMAT_NAMES)
        raise UsageError(f"unknown variable {match[0]}; known ones: {known}", code="format")

    return _VARIABLE.sub(value, text)


@click.command()
@pane_option
@click.option("-p", "is_printed", is_flag=True, help="Accepted for tmux's users: it is always printed here.")
@click.argument("message", metavar="FORMAT", default="#{pairterm_ssh}")
def display(target: str | None, is_printed: bool, message: str) -> None:
    """Print facts about a session in a format that you give.

    \b
    pairterm display -p '#{pairterm_ssh}'       the link for typing
    pairterm display -p '#{pairterm_ssh_ro}'    the link for watching
    pairterm display -p -t :2 '#W #{pane_id}'   tmux's formats, here of window 2
    """
    at = ["-t", target] if target is not None else []
    if _VARIABLE.search(message):
        with print_errors_as_tmux():
            session, pane = find_pane(target)
        message = expanded(message, ask_info(session))
        at = ["-t", f"{session}:%{pane}"]
    with print_errors_as_tmux():
        click.echo(run_at(["display-message", "-p", *at], [message])[1])


@click.command("show-messages")
@target_option
@json_option
def show_messages(target: str | None, as_json: bool) -> None:
    """Print a session's messages (what happened in it), and its links."""
    info = ask_info(choose_session(target))
    if as_json:
        click.echo(json.dumps([{"time": each[0], "text": each[1]} for each in info.messages]))
        return
    for when_s, text in info.messages:
        click.echo(f"{time.strftime('%H:%M:%S', time.localtime(when_s))} {text}")
    if info.address is not None:
        is_watched = info.session == session_around() and any(each.role == "ro" for each in info.clients)
        click.echo(links_text(info, is_watched=is_watched))


@click.command()
@target_option
@click.option("--timeout", "timeout_s", type=click.IntRange(1), metavar="SECONDS", help="Exit with 1 after this time.")
@click.argument("what", type=click.Choice(["ready", "guest", "tmate-ready", "pairterm-ready"]))
def wait(target: str | None, timeout_s: int | None, what: str) -> None:
    """Wait until a session has its links (ready), or until a guest has joined (guest).

    If the session does not exist yet, wait for it too. It is an error if the session ends meanwhile.
    """
    began_s = time.monotonic()
    seen: SessionInfo | None = None
    is_told = False
    while seen is None or not _has_come(seen, what):
        waited_s = time.monotonic() - began_s
        if timeout_s is not None and waited_s > timeout_s:
            raise SystemFault(f"not {what} after {timeout_s} s", code="timeout")
        if seen is None and waited_s > _TELL_AFTER_S and not is_told:
            is_told = True
            click.echo(f"pairterm: no session {target or ''} yet; waiting for it to start".replace("  ", " "), err=True)
        time.sleep(_POLL_S)
        seen = _look_for(target, seen)


def _look_for(target: str | None, seen: SessionInfo | None) -> SessionInfo | None:
    """Return the session as it is now; None if it does not exist yet. `seen` is the result of the last look.

    Raises:
        UsageError: The session has ended since the last look.
    """
    try:
        return ask_info(seen.session if seen is not None else choose_session(target))
    except UsageError as error:
        if error.code != "no_session":
            raise
        if seen is not None:
            raise UsageError(f"session {seen.session} has ended", code="no_session") from error
        return None


def _has_come(info: SessionInfo, what: str) -> bool:
    if what == "guest":
        return info.guests_ever > 0
    return info.address is not None and info.gateway == "connected"


@click.command("continue")
@target_option
def continue_(target: str | None) -> None:
    """End a session with success: 'pairterm new -F' exits with 0, and the CI job continues."""
    kill_session(choose_session(target, only_one=True), status=0)
