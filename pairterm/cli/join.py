"""`join`: come to somebody's session by its link, as `ssh` does, and come back by itself when the line breaks."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

import click

from pairterm.cli.gateway_choice import confirmed_host_key, is_fingerprint
from pairterm.errors import UsageError
from pairterm.types import MAX_PORT, whole_number

__all__ = ["join", "read_link"]

_SSH_PORT = 22

_INTERRUPTED_STATUS = 130
"""128 + SIGINT, as a shell says it."""

_BRACKETED = re.compile(r"\[([0-9A-Fa-f:.%]+)\](?::(\d+))?")

_PLAIN = re.compile(r"([A-Za-z0-9._-]+)(?::(\d+))?")

_IPV6 = re.compile(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")


@click.command()
@click.argument("link", nargs=-1, metavar="SSH-LINK")
@click.option("-p", "--port", type=click.IntRange(1, 65535), help="The gateway's port, as in the link; 22 without.")
@click.option("-i", "--identity", metavar="FILE", help="The key to show, where the session asks for one.")
@click.option("--host-key", metavar="SHA256:…", help="The host key that a gateway not known yet must have.")
@click.option("--accept-new", is_flag=True, help="Take the host key of a gateway that is not known yet.")
def join(link: tuple[str, ...], port: int | None, identity: str | None, host_key: str | None, accept_new: bool) -> None:
    """Come to a session by its link.

    The link is what 'pairterm links' prints, with or without the word ssh:

    \b
    pairterm join ssh -p 2222 rw-…@vm.example.com
    pairterm join rw-…@vm.example.com:2222
    pairterm join ssh://rw-…@vm.example.com:2222

    It does what ssh does with the link; besides, it dials again by itself when the connection is lost or the gateway
    is restarted, and stays where it was scrolled to. C-b d leaves. Without a link it asks for one, which keeps it out
    of the list of processes.
    """
    if os.environ.get("PAIRTERM"):
        raise UsageError("sessions should be nested with care, unset $PAIRTERM to force", code="nested")
    from pairterm.cli.join_terminal import join_terminal
    from pairterm.cli.own_terminal import check_terminal
    from pairterm.outbound.ssh_login import ACCEPT_NEW, Target

    kind = check_terminal()
    user, host, linked_port = read_link(link or [click.prompt("Link", err=True)])
    if host_key and not is_fingerprint(host_key):
        raise UsageError(f"bad host key {host_key!r}: give its fingerprint, SHA256:…", code="host_key")
    wanted = host_key or (ACCEPT_NEW if accept_new else "")

    def go(wanted: str) -> int:
        target = Target(host=host, port=port or linked_port, user=user, host_key=wanted, identity=identity or "")
        return join_terminal(target, kind)

    try:
        try:
            status = go(wanted)
        except UsageError as error:
            status = go(confirmed_host_key(error))
    except KeyboardInterrupt:
        status = _INTERRUPTED_STATUS
    sys.exit(status)


def read_link(words: Sequence[str]) -> tuple[str, str, int]:
    """Return user, host and port of a link in any of its forms.

    Raises:
        UsageError: It is none.
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
            raise UsageError(f"the option {word[:20]!r} of ssh is not known here", code="link")
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
    return UsageError("that is no link: give what 'pairterm links' prints, ssh -p PORT TOKEN@HOST", code="link")
