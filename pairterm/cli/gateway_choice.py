"""The choice of the gateway for a new session, and the check of host keys that the user names."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import click
import msgspec

from pairterm.cli.option_group import with_options
from pairterm.config import UserConfig, parse_address
from pairterm.errors import UsageError
from pairterm.paths import SYSTEM_LINK_SOCKET, check_socket_path, gateway_socket
from pairterm.runtime.socket_peer import has_listener

__all__ = [
    "GatewayChoice",
    "accept_new_option",
    "check_fingerprint",
    "choose_gateway",
    "confirmed_host_key",
    "gateway_options",
    "host_key_option",
]

_F = TypeVar("_F", bound=Callable[..., Any])

_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?")


host_key_option = click.option("--host-key", metavar="SHA256:…", help="The fingerprint of the gateway's host key.")

accept_new_option = click.option(
    "--accept-new", is_flag=True, help="Accept the host key of a gateway that is not known yet."
)


class GatewayChoice(msgspec.Struct, frozen=True, kw_only=True):
    """The options about the gateway on the command line; "" leaves it to the environment and the configuration."""

    gateway: str = ""
    host_key: str = ""
    is_new_accepted: bool = False
    identity: str = ""
    fixed_name: str = ""


def gateway_options(command: _F) -> _F:
    """Add the options about the gateway to a command, which gets them as one `gateway` argument."""
    options = (
        click.option(
            "--gateway", metavar="WHERE", help="The gateway: HOST[:PORT], the path of its link socket, or 'own'."
        ),
        host_key_option,
        accept_new_option,
        click.option("-i", "--identity", metavar="FILE", help="The private key for the login at the gateway."),
        click.option(
            "-n", "--name", "fixed_name", metavar="NAME", help="Guests may join with 'ssh NAME@gateway' and a key."
        ),
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

    return cast(_F, with_options(run, options))


def check_fingerprint(host_key: str) -> None:
    """Check the fingerprint that the user gives for a host key; "" is none.

    Raises:
        UsageError: It is not a fingerprint.
    """
    if host_key and _FINGERPRINT.fullmatch(host_key) is None:
        raise UsageError(f"bad host key {host_key!r}: give its fingerprint, SHA256:…", code="host_key")


def confirmed_host_key(error: UsageError) -> str:
    """Ask the user whether an unknown host key is right. Return its fingerprint if they confirm it.

    Raises:
        UsageError: `error` itself, if it is about something else or there is no terminal. Another one if the user
            does not confirm the key.
    """
    found = _FINGERPRINT.search(error.message)
    if error.code != "unknown_host_key" or found is None or not (os.isatty(0) and os.isatty(2)):
        raise error
    click.echo(error.message.partition(". ")[0], err=True)
    if not click.confirm("Is that the gateway's key?", err=True):
        raise UsageError("the gateway's host key was not confirmed", code="host_key")
    return found[0]


def choose_gateway(choice: GatewayChoice, config: UserConfig) -> dict[str, object]:
    """Return the settings of `host.local_gateways.GatewayAddress`.

    The first of these that is there: the option, `PAIRTERM_GATEWAY`, the configuration file, the machine's shared
    gateway, the user's own gateway.

    Raises:
        UsageError: The name can't be that of a gateway.
    """
    named = choice.gateway or os.environ.get("PAIRTERM_GATEWAY", "") or config.gateway
    if named == "own" or (not named and not has_listener(SYSTEM_LINK_SOCKET)):
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
    check_fingerprint(host_key)
    return {
        "host": host,
        "port": port,
        "host_key": host_key or ("accept-new" if choice.is_new_accepted else ""),
        "identity": choice.identity or config.identity,
        "proxy_command": config.proxy_command,
        "fixed_name": choice.fixed_name,
    }
