"""`doctor`: look at an installation from here, and say of each thing that is wrong how to mend it.

It looks; it changes nothing. Without a gateway named it looks at this machine
alone; with one on another machine, at the way to it as well.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from pairterm import __version__
from pairterm.cli.gateways import GatewayChoice, choose_gateway
from pairterm.cli.sessions import json_option
from pairterm.config import DEFAULT_PORT, user_config
from pairterm.errors import PairtermError
from pairterm.knownhosts import address_text, fingerprint, known_hosts_file, known_keys
from pairterm.paths import SYSTEM_LINK_SOCKET, runtime_dir, state_dir

__all__ = ["Finding", "doctor", "look"]

_CONNECT_TIMEOUT_S = 5.0

_LEAST_DESCRIPTORS = 256
"""A host needs a dozen, a gateway one a guest and one a session."""

_LEAST_FREE_BYTES = 16 << 20

_TERMINFO = ("tmux-256color", "screen-256color", "xterm-256color")

_UNIT = Path("/etc/systemd/system/pairterm.service")

_SANE_YEAR_S = 1_735_689_600
"""1 January 2025: a clock before it has never been set."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    is_right: bool
    found: str
    advice: str = ""
    """What to do; "" where nothing is to do."""


@click.command()
@click.option("--gateway", metavar="WHERE", help="The gateway to look at; yours by the configuration without it.")
@json_option
def doctor(gateway: str | None, as_json: bool) -> None:
    """Check the installation and the way to the gateway; say how to mend what is wrong.

    Exits with 1 if something is.
    """
    findings = list(look(gateway or ""))
    if as_json:
        click.echo(
            json.dumps([{"what": e.what, "ok": e.is_right, "found": e.found, "advice": e.advice} for e in findings])
        )
    else:
        for each in findings:
            click.echo(f"{'ok   ' if each.is_right else 'WRONG'} {each.what}: {each.found}")
            if each.advice:
                click.echo(f"      {each.advice}")
    sys.exit(0 if all(each.is_right for each in findings) else 1)


def look(gateway: str) -> Iterator[Finding]:
    """Yield what there is to find, one thing after the other."""
    yield Finding("pairterm", True, f"{__version__}, Python {sys.version.split()[0]}")
    yield _directory("sockets", runtime_dir)
    yield _directory("state", state_dir)
    yield _clock()
    yield _terminfo()
    yield _descriptors()
    yield _locale()
    try:
        address = choose_gateway(GatewayChoice(gateway=gateway), user_config())
    except PairtermError as error:
        yield Finding("configuration", False, error.message, "mend the file, or the option")
        return
    host, port = address.get("host"), address.get("port")
    if isinstance(host, str) and isinstance(port, int):
        yield from _remote(host, port, has_proxy=bool(address.get("proxy_command")))
    else:
        yield from _local(str(address["socket"]), is_own=bool(address.get("is_own")))


def _directory(what: str, directory: Callable[[], Path]) -> Finding:
    try:
        path = directory()
        free_bytes = shutil.disk_usage(path).free
    except (PairtermError, OSError) as error:
        return Finding(what, False, str(error), "pairterm needs this directory for itself, with mode 0700")
    if free_bytes < _LEAST_FREE_BYTES or not os.access(path, os.W_OK):
        return Finding(what, False, f"{path}: full, or not to be written to", "make room, or set XDG_STATE_HOME")
    return Finding(what, True, str(path))


def _clock() -> Finding:
    now_s = time.time()
    is_right = now_s > _SANE_YEAR_S
    advice = "" if is_right else "set the clock: certificates, expiry times and names' claims go by it"
    return Finding("clock", is_right, time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(now_s)), advice)


def _terminfo() -> Finding:
    for name in _TERMINFO:
        if shutil.which("infocmp") is None:
            return Finding("terminfo", True, "infocmp is not installed; pairterm looks for the files itself")
        if subprocess.run(["infocmp", name], capture_output=True, check=False).returncode == 0:
            return Finding("terminfo", True, f"programs inside get TERM={name}")
    return Finding("terminfo", False, f"none of {', '.join(_TERMINFO)}", "install ncurses-term (Debian, Ubuntu)")


def _descriptors() -> Finding:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    is_right = soft < 0 or soft >= _LEAST_DESCRIPTORS
    advice = "" if is_right else f"raise it: ulimit -n {_LEAST_DESCRIPTORS} or more"
    return Finding("open files", is_right, f"{soft} of {hard} allowed", advice)


def _locale() -> Finding:
    name = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG", "")
    is_right = "utf" in name.lower()
    advice = "" if is_right else "set LANG=C.UTF-8: without it, attach shows ASCII only"
    return Finding("locale", is_right, name or "none", advice)


def _local(path: str, *, is_own: bool) -> Iterator[Finding]:
    """Look at a gateway of this machine."""
    with socket.socket(socket.AF_UNIX) as probe:
        listens = probe.connect_ex(path) == 0
    if is_own:
        found = f"your own, {'running' if listens else 'started when a session needs it'}"
        yield Finding("gateway", True, found)
    else:
        advice = "" if listens else "start it: pairterm serve, or systemctl start pairterm"
        yield Finding("gateway", listens, f"{path}: {'listens' if listens else 'nobody listens'}", advice)
    if path == str(SYSTEM_LINK_SOCKET) or _UNIT.exists():
        yield from _unit()
        name = socket.gethostname()
        yield _resolves(name)
        for family, label in ((socket.AF_INET, "IPv4"), (socket.AF_INET6, "IPv6")):
            yield from _reachable(name, DEFAULT_PORT, family, label)


def _unit() -> Iterator[Finding]:
    if not _UNIT.exists() or shutil.which("systemctl") is None:
        return
    state = subprocess.run(["systemctl", "is-active", "pairterm"], capture_output=True, text=True, check=False)
    word = state.stdout.strip() or "unknown"
    advice = "" if word == "active" else "systemctl enable --now pairterm; its log: journalctl -u pairterm"
    yield Finding("systemd unit", word == "active", word, advice)


def _resolves(name: str) -> Finding:
    try:
        found = sorted({str(each[4][0]) for each in socket.getaddrinfo(name, None)})
    except OSError:
        advice = "links name it: set 'advertise' in the gateway's file to a name that guests can resolve"
        return Finding("the machine's name", False, f"{name} has no address", advice)
    return Finding("the machine's name", True, f"{name} is {', '.join(found)}")


def _remote(host: str, port: int, *, has_proxy: bool) -> Iterator[Finding]:
    """Look at the way to a gateway on another machine."""
    where = address_text(host, port)
    if has_proxy:
        yield Finding("gateway", True, f"{where}, by proxy_command: not looked at further")
    else:
        answers = []
        for family, label in ((socket.AF_INET, "IPv4"), (socket.AF_INET6, "IPv6")):
            found = list(_reachable(host, port, family, label))
            answers += [each.is_right for each in found]
            yield from found
        if not answers:
            yield Finding("gateway", False, f"{host} has no address", "mend the name, or the resolver")
    keys = known_keys(host, port)
    if keys:
        yield Finding("host key", True, f"{where} is known: {fingerprint(keys[0])}")
    else:
        yield Finding("host key", True, f"{where} is not in {known_hosts_file()} yet: the first use asks")


def _reachable(host: str, port: int, family: socket.AddressFamily, label: str) -> Iterator[Finding]:
    """Connect as a guest would, and read the greeting; nothing where the host has no address of the family."""
    try:
        found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
    except OSError:
        return
    what = f"port {port}, {label}"
    address = found[0][4]
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(_CONNECT_TIMEOUT_S)
            probe.connect(address)
            greeting = probe.recv(255).split(b"\r\n")[0].decode("ascii", "replace")
    except OSError as error:
        advice = "is the gateway running there, does it listen on this address, is the port open in the firewall?"
        yield Finding(what, False, f"{address[0]}: {error.strerror or 'no answer in time'}", advice)
        return
    is_right = greeting.startswith("SSH-2.0-pairterm")
    shown = "".join(char for char in greeting if char.isprintable())[:60] or "nothing"
    advice = "" if is_right else "another server has this port: name the gateway's port, HOST:PORT"
    yield Finding(what, is_right, f"{address[0]} says {shown}", advice)
