"""The checks of `doctor` for a gateway: can guests reach it (on this machine), can we reach it (on another one)?

A gateway on another machine is tried in the same way as a host connects to it, up to the
gateway's hello: its host key, whether it accepts our keys, its clock. Nothing is changed by it.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pairterm.cli.doctor_finding import Finding
from pairterm.cli.local_query import live_sessions
from pairterm.cli.operator import ask_gateway
from pairterm.config import DEFAULT_PORT
from pairterm.errors import PairtermError, PeerError, SystemFault
from pairterm.link.codec import decode_viewer_message
from pairterm.link.messages import Hello
from pairterm.link.messages.hello import check_protocol
from pairterm.outbound.dialling import dial
from pairterm.outbound.ssh_login import GatewayLogin, Target, host_key_at
from pairterm.runtime.known_hosts import known_hosts_file, known_keys
from pairterm.runtime.link_stream import LinkStream
from pairterm.runtime.socket_peer import has_listener
from pairterm.safe_text import safe_line

__all__ = ["look_at_local", "look_at_remote"]

_CONNECT_TIMEOUT_S = 5.0

_LOGIN_TIMEOUT_S = 30.0

_MOST_CLOCK_S = 30
"""Seconds that two clocks may differ: expiry times and claims on names are in seconds."""

_FAMILIES = ((socket.AF_INET, "IPv4"), (socket.AF_INET6, "IPv6"))

_NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
"""The errors of connecting if this machine has no network of the address's family."""

_ADVICE = {
    "not_allowed": "send that line to the gateway's operator",
    "host_key_changed": "do not share through it until its operator has told you why",
    "identity": "name another key, with -i or 'identity' in the configuration",
    "proxy": "correct https_proxy in the environment",
}
"""What to do if a login failed, by the code of the error."""


# A gateway of this machine.


def look_at_local(path: str, *, is_own: bool) -> Iterator[Finding]:
    """Yield the findings about the gateway with the link socket at `path`."""
    listens = has_listener(Path(path))
    if is_own:
        yield Finding("gateway", True, f"your own, {'running' if listens else 'started when a session needs it'}")
        return
    advice = "" if listens else "start it: pairterm serve, or systemctl start pairterm"
    yield Finding("gateway", listens, f"{path}: {'listens' if listens else 'nobody listens'}", advice)
    if listens:
        status = _status_of(path)
        for each in status.get("problems", ()):
            yield Finding("hosts", False, each, "let the gateway's user read the file, then run this command again")
        if (service := status.get("cluster")) is not None:
            yield _look_at_service(service)
        yield from _found_by_guests(_place_of(status))


def _look_at_service(service: dict[str, Any]) -> Finding:
    """Return the finding about the other gateways of the service."""
    if service["problem"]:
        advice = "look at the NATS servers and at [cluster] in the gateway's file; until then it serves what it has"
        return Finding("service", False, service["problem"], advice)
    return Finding(
        "service", True, f"{service['gateways']} gateways, {service['sessions_elsewhere']} sessions elsewhere"
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """The address of a gateway that links name, and its host key."""

    host: str
    port: int
    fingerprint: str
    """"" if it is not known."""


def _status_of(path: str) -> dict[str, Any]:
    """Return the status that a gateway gives its operator; an empty one if we are not its operator."""
    with contextlib.suppress(PairtermError):
        found: dict[str, Any] = ask_gateway(path, {"do": "status"})
        return found
    return {}


def _place_of(status: dict[str, Any]) -> _Place:
    """Return the gateway's address: from its status, else from one of our sessions, else a guess."""
    if status.get("port"):
        return _Place(status["host"], status["port"], status["fingerprint"])
    with contextlib.suppress(PairtermError):
        for session in live_sessions():
            if session.address is not None and not session.address.is_loopback:
                return _Place(session.address.host, session.address.port, session.address.fingerprint)
    return _Place(socket.gethostname(), DEFAULT_PORT, "")


def _found_by_guests(place: _Place) -> Iterator[Finding]:
    """Check whether the name in the links leads to this gateway, by IPv4 and by IPv6."""
    what = "the name in links"
    addresses = {label: _address(place.host, place.port, family) for family, label in _FAMILIES}
    if not any(addresses.values()):
        advice = "links contain this name: set 'advertise' in the gateway's file to a name that guests can resolve"
        yield Finding(what, False, f"{place.host} has no address", advice)
        return
    yield Finding(what, True, f"{place.host} is {', '.join(each for each in addresses.values() if each)}")
    for family, label in _FAMILIES:
        reached = _reached(place.host, place.port, family, label)
        yield reached
        address = addresses[label]
        if place.fingerprint and address and reached.is_right and reached.is_reached:
            yield _is_ours(address, place, label)


def _is_ours(address: str, place: _Place, label: str) -> Finding:
    key = asyncio.run(host_key_at(address, place.port))
    is_right = key == place.fingerprint
    advice = "" if is_right else f"{place.host} leads to another server: correct the name in DNS, or set 'advertise'"
    found = (
        f"{address} is this gateway" if is_right else f"{address} has {f'the host key {key}' if key else 'no host key'}"
    )
    return Finding(f"leads here, {label}", is_right, found, advice)


# A gateway on another machine.


def look_at_remote(target: Target, *, has_proxy: bool) -> Iterator[Finding]:
    """Yield the findings about the connection to a gateway on another machine."""
    if has_proxy:
        yield Finding("gateway", True, f"{target.where}, by proxy_command: not checked further")
        return
    if not any(_address(target.host, target.port, family) for family, _ in _FAMILIES):
        yield Finding(
            "gateway", False, f"{target.host} has no address", "correct the name, or this machine's DNS settings"
        )
        return
    found = [_reached(target.host, target.port, family, label) for family, label in _FAMILIES]
    yield from found
    if any(each.is_reached for each in found):
        yield from _tried(target)
    elif all(each.is_right for each in found):
        yield Finding("gateway", False, f"no way to {target.where}", "is this machine connected to a network?")


def _tried(target: Target) -> Iterator[Finding]:
    """Log in as a host does, and yield the findings."""
    if not known_keys(target.host, target.port) and not target.host_key:
        key = asyncio.run(host_key_at(target.host, target.port))
        found = f"{target.where} is not in {known_hosts_file()} yet, so the login was not tried"
        shown = key or "the one that it shows"
        advice = f"ask its operator whether its key is {shown}; 'pairterm new' will ask you to confirm it once"
        yield Finding("host key", False, found, advice)
        return
    try:
        hello, ahead_s = asyncio.run(_trial(target))
    except PairtermError as error:
        what = "host key" if "host_key" in error.code else "login"
        yield Finding(what, False, error.message, _ADVICE.get(error.code, "try again, or ask the gateway's operator"))
        return
    yield Finding("host key", True, f"{target.where} has the key that you accepted before")
    yield Finding("login", True, f"{target.where} accepts your key; it runs pairterm {hello.software}")
    if hello.epoch_s:
        is_right = abs(ahead_s) <= _MOST_CLOCK_S
        found = f"{abs(ahead_s):.0f} s {'behind' if ahead_s > 0 else 'ahead of'} the gateway's"
        advice = "" if is_right else "set the clock that is wrong: timedatectl set-ntp true, here or there"
        yield Finding("clock and gateway", is_right, "the same as the gateway's" if is_right else found, advice)


async def _trial(target: Target) -> tuple[Hello, float]:
    """Return a gateway's hello, and how many seconds its clock is ahead of ours."""
    login = GatewayLogin(target, is_trial=True)
    heard: asyncio.Future[Hello] = asyncio.get_running_loop().create_future()

    def receive(payload: bytes) -> None:
        if not heard.done():
            message = decode_viewer_message(payload)
            heard.set_result(check_protocol(message, ours="doctor"))

    def lost(error: PeerError | None) -> None:
        if not heard.done():
            heard.set_exception(error or SystemFault(login.said or "it closed the link", code="unreachable"))
            heard.exception()  # Nobody may wait for it; without this, asyncio would log it.

    link = LinkStream(receive, lost)
    try:
        async with asyncio.timeout(_LOGIN_TIMEOUT_S):
            sock = await dial(target.host, target.port, os.environ)
            await login.open(sock, link)
            hello = await heard
    except BaseException as error:
        raise login.translated(error) from error
    finally:
        link.abort()
    return hello, hello.epoch_s - time.time()


# Any gateway.


@dataclass(frozen=True, slots=True)
class _Reached(Finding):
    """The finding about one connection."""

    is_reached: bool = False


def _address(host: str, port: int, family: socket.AddressFamily) -> str:
    """Return the first address of a host in a family; "" if it has none."""
    with contextlib.suppress(OSError):
        return str(socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)[0][4][0])
    return ""


def _reached(host: str, port: int, family: socket.AddressFamily, label: str) -> _Reached:
    """Connect as a guest would, and read the greeting."""
    what = f"port {port}, {label}"
    address = _address(host, port, family)
    if not address:
        return _Reached(what, True, f"{host} has no {label} address")
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(_CONNECT_TIMEOUT_S)
            probe.connect((address, port))
            greeting = probe.recv(255).split(b"\r\n")[0].decode("ascii", "replace")
    except OSError as error:
        if error.errno in _NO_WAY and family == socket.AF_INET6:
            return _Reached(what, True, f"{address}: this machine has no {label} network")
        advice = (
            "check that the gateway runs there, listens on this address, and that the firewall lets the port through"
        )
        return _Reached(what, False, f"{address}: {error.strerror or 'no answer in time'}", advice)
    is_right = greeting.startswith("SSH-2.0-pairterm")
    shown = safe_line(greeting)[:60] or "nothing"
    advice = "" if is_right else "another server uses this port: give the gateway's port as HOST:PORT"
    return _Reached(what, is_right, f"{address} says {shown}", advice, is_reached=is_right)
