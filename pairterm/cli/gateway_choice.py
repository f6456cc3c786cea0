"""Which gateway a new session is shared through."""

from __future__ import annotations

import functools
import os
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from pairterm.config import UserConfig, parse_address
from pairterm.errors import UsageError
from pairterm.paths import SYSTEM_LINK_SOCKET, check_socket_path, gateway_socket

__all__ = ["GatewayChoice", "choose_gateway", "confirmed_host_key", "gateway_options", "is_fingerprint"]

_F = TypeVar("_F", bound=Callable[..., Any])

_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?")


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayChoice:
    """What the person says on the command line of the gateway; "" leaves it to the environment and the file."""

    gateway: str = ""
    host_key: str = ""
    is_new_accepted: bool = False
    identity: str = ""
    fixed_name: str = ""


def gateway_options(command: _F) -> _F:
    """Give a command the options that say which gateway; they reach it as one `gateway` argument."""
    options = (
        click.option("--gateway", metavar="WHERE", help="HOST[:PORT] of a gateway, its link socket's path, or 'own'."),
        click.option("--host-key", metavar="SHA256:…", help="The host key that a gateway not known yet must have."),
        click.option("--accept-new", is_flag=True, help="Take the host key of a gateway that is not known yet."),
        click.option("-i", "--identity", metavar="FILE", help="The key to log in to the gateway with."),
        click.option("-n", "--name", "fixed_name", metavar="NAME", help="A fixed name for 'ssh NAME@gateway'."),
    )

    @functools.wraps(command)
    def run(
        *args: Any,
        gateway: str | None,
        host_key: str | None,
        accept_new: bool,
        identity: str | None,
        fixed_name: str | None,
        **rest: Any,
    ) -> Any:
        choice = GatewayChoice(
            gateway=gateway or "",
            host_key=host_key or "",
            is_new_accepted=accept_new,
            identity=identity or "",
            fixed_name=fixed_name or "",
        )
        return command(*args, gateway=choice, **rest)

    for option in reversed(options):
        run = option(run)
    return cast(_F, run)


def is_fingerprint(text: str) -> bool:
    """Return whether this is a host key's fingerprint."""
    return _FINGERPRINT.fullmatch(text) is not None


def confirmed_host_key(error: UsageError) -> str:
    """Ask the person about a host key that is not known, and return its fingerprint if it is right.

    Raises:
        UsageError: The same again: it is about something else, nobody is there to ask, or it is not right.
    """
    found = _FINGERPRINT.search(error.message)
    if error.code != "unknown_host_key" or found is None or not (os.isatty(0) and os.isatty(2)):
        raise error
    click.echo(error.message.partition(". ")[0], err=True)
    if not click.confirm("Is that the gateway's key?", err=True):
        raise UsageError("the gateway's host key was not confirmed", code="host_key")
    return found[0]


def choose_gateway(choice: GatewayChoice, config: UserConfig) -> dict[str, object]:
    """Return the gateway as the host takes it (see `host.ways.GatewayAddress`).

    First of: the option, `PAIRTERM_GATEWAY`, the configuration file, the machine's shared gateway if
    one listens, the user's own.

    Raises:
        UsageError: What is named can't be a gateway.
    """
    named = choice.gateway or os.environ.get("PAIRTERM_GATEWAY", "") or config.gateway
    if named == "own" or (not named and not _listens(SYSTEM_LINK_SOCKET)):
        return {"socket": str(gateway_socket()), "is_own": True, "fixed_name": choice.fixed_name}
    if not named:
        return {"socket": str(SYSTEM_LINK_SOCKET), "fixed_name": choice.fixed_name}
    if named.startswith(("/", "./", "../", "~")):
        path = check_socket_path(Path(named).expanduser().absolute())
        return {"socket": str(path), "fixed_name": choice.fixed_name}
    return _remote(named, choice, config)


def _remote(named: str, choice: GatewayChoice, config: UserConfig) -> dict[str, object]:
    host, port = ("", 0) if "@" in named else parse_address(named)
    if not host or port == 0:
        raise UsageError(
            f"no gateway {named!r}: give HOST or HOST:PORT, the path of a gateway's link socket, or 'own'",
            code="gateway",
        )
    host_key = choice.host_key or config.host_key
    if host_key and not is_fingerprint(host_key):
        raise UsageError(f"bad host key {host_key!r}: give its fingerprint, SHA256:…", code="host_key")
    return {
        "host": host,
        "port": port,
        "host_key": host_key or ("accept-new" if choice.is_new_accepted else ""),
        "identity": choice.identity or config.identity,
        "proxy_command": config.proxy_command,
        "fixed_name": choice.fixed_name,
    }


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0
