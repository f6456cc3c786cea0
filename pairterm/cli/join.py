"""`join`: join a session by its link, as `ssh` does, and reconnect when the connection breaks."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

import click

from pairterm.cli.gateway_choice import accept_new_option, check_fingerprint, confirmed_host_key, host_key_option
from pairterm.cli.nesting import check_not_nested
from pairterm.errors import UsageError
from pairterm.types import MAX_PORT, whole_number

__all__ = ["join", "read_link"]

_SSH_PORT = 22

_INTERRUPTED_STATUS = 130
"""128 + SIGINT, as a shell has it."""

_BRACKETED = re.compile(r"\[([0-9A-Fa-f:.%]+)\](?::(\d+))?")

_PLAIN = re.compile(r"([A-Za-z0-9._-]+)(?::(\d+))?")

_IPV6 = re.compile(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")


@click.command()
@click.argument("link", nargs=-1, metavar="SSH-LINK")
@click.option(
    "-p", "--port", type=click.IntRange(1, 65535), help="The gateway's port. [default: as in the link, else 22]"
)
@click.option("-i", "--identity", metavar="FILE", help="Your private key, for a session that asks for a key.")
@host_key_option
@accept_new_option
@click.option(
    "--predict",
    type=click.Choice(["adaptive", "always", "never"]),
    default="adaptive",
    show_default=True,
    help="When to show what you type before its echo: adaptive means on a slow connection.",
)
def join(
    link: tuple[str, ...],
    port: int | None,
    identity: str | None,
    host_key: str | None,
    accept_new: bool,
    predict: str,
) -> None:
    """Join a session by its link.

    Give the link as 'pairterm links' prints it, with or without the word ssh:

    \b
    pairterm join ssh -p 2222 rw-…@vm.example.com
    pairterm join rw-…@vm.example.com:2222
    pairterm join ssh://rw-…@vm.example.com:2222

    It shows the same as ssh does with the link. It also reconnects by itself when the connection is lost or the
    gateway is restarted, and keeps your place in the history. C-b d leaves the session.

    On a slow connection, it shows the text that you type at once, underlined until the host confirms it. A prompt for
    a password shows nothing. Without a link it asks for
    one: so the link does not show in the list of processes.
    """
    check_not_nested()
    from pairterm.cli.join_terminal import join_terminal
    from pairterm.cli.terminal_check import check_terminal
    from pairterm.outbound.ssh_login import ACCEPT_NEW, Target
    from pairterm.view.prediction import PredictMode

    kind = check_terminal()
    user, host, linked_port = read_link(link or [click.prompt("Link", err=True)])
    check_fingerprint(host_key or "")
    wanted = host_key or (ACCEPT_NEW if accept_new else "")

    def go(wanted: str) -> int:
        target = Target(host=host, port=port or linked_port, user=user, host_key=wanted, identity=identity or "")
        return join_terminal(target, kind, PredictMode(predict))

    try:
        try:
            status = go(wanted)
        except UsageError as error:
            status = go(confirmed_host_key(error))
    except KeyboardInterrupt:
        status = _INTERRUPTED_STATUS
    sys.exit(status)


def read_link(words: Sequence[str]) -> tuple[str, str, int]:
    """Return the user, host and port of a link in any of its forms.

    Raises:
        UsageError: The words are not a link.
    """
    try:
        parts = shlex.split(words[0]) if len(words) == 1 else list(words)
    except ValueError as error:
        raise _no_link() from error
    if parts[:1] == ["ssh"]:
        parts = parts[1:]
    port, rest = _SSH_PORT, list[str]()
    while parts:
        word = parts.pop(0)
        if word == "-p" and parts:
            port = _port(parts.pop(0))
        elif word.startswith("-p") and len(word) > 2:
            port = _port(word[2:])
        elif word.startswith("-"):
            raise UsageError(f"'pairterm join' does not have ssh's option {word[:20]!r}", code="link")
        else:
            rest.append(word)
    if len(rest) != 1:
        raise _no_link()
    return _address(rest[0], port)


def _address(text: str, port: int) -> tuple[str, str, int]:
    is_uri = text.startswith("ssh://")
    if is_uri:
        text = urlsplit(text).netloc
    user, at, place = text.rpartition("@")
    if is_uri:
        user = unquote(user)
    if not at or not user or not user.isprintable() or user.startswith("-"):
        raise _no_link()
    if _IPV6.fullmatch(place):
        return user, place, port
    found = _BRACKETED.fullmatch(place) or _PLAIN.fullmatch(place)
    if found is None or found[1].startswith("-"):
        raise _no_link()
    return user, found[1], _port(found[2]) if found[2] else port


def _port(text: str) -> int:
    port = whole_number(text, least=1, most=MAX_PORT)
    if port is None:
        raise _no_link()
    return port


def _no_link() -> UsageError:
    return UsageError("not a link: give it as 'pairterm links' prints it, ssh -p PORT TOKEN@HOST", code="link")
