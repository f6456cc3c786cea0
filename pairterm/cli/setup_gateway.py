"""The machine's gateway as a systemd service: what `setup gateway` installs and removes.

The units are those that the package ships, with this installation's program in `ExecStart`, and the
addresses of the configuration in the socket unit, because systemd listens for the gateway. The
service needs no user: systemd makes one while it runs (`DynamicUser`), and makes its directories
below /run and /var/lib. Nothing here changes the firewall. It prints the commands for it.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import shutil
import stat
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pairterm
from pairterm.cli.setup_steps import Steps
from pairterm.cli.shipped_files import shipped
from pairterm.config import GatewayConfig, load, parse_address
from pairterm.errors import PairtermError, SystemFault, UsageError
from pairterm.paths import SYSTEM_LINK_SOCKET, SYSTEM_STATE

__all__ = [
    "CONFIG",
    "MARK",
    "SERVICE",
    "UNIT_DIRECTORIES",
    "GatewaySetup",
    "configured_addresses",
    "firewall_advice",
    "hidden_from_service",
    "program",
    "units",
]

UNITS = Path("/etc/systemd/system")

SERVICE = "pairterm.service"

CONFIG = Path("/etc/pairterm.toml")

MARK = "# 'pairterm setup gateway' wrote this file, and writes it again. For your own settings use: systemctl edit "

_PACKAGED = (Path("/usr/lib/systemd/system"), Path("/lib/systemd/system"))
"""The directories of units that a distribution's package installs."""

UNIT_DIRECTORIES = (UNITS, *_PACKAGED)
"""The directories in which systemd looks for units, in its order."""

_STATE = (Path("/var/lib/private/pairterm"), SYSTEM_STATE)
"""The state directory of a service with `DynamicUser`, and the link to it."""

_SOCKETS = SYSTEM_LINK_SOCKET.parent
"""The directory of the sockets. The socket units make it, and leave it behind."""

_LINK = Path("/usr/local/bin/pairterm")

_RUNNING_SYSTEMD = Path("/run/systemd/system")

_HIDDEN = (Path("/root"), Path("/home"), Path("/run/user"))
"""The directories that `ProtectHome=yes` hides from the service."""

_CONFIG_TEXT = """\
# The gateway of this machine. docs/configuration.md ("For a gateway") describes the keys.
# After a change, run this as root: pairterm setup gateway
listen = [{listen}]
{mark}advertise = {advertise}
"""


def program() -> Path:
    """Return the path of the command `pairterm` of this installation."""
    return Path(sysconfig.get_path("scripts")) / "pairterm"


def units(listen: Sequence[str]) -> dict[Path, str]:
    """Return the text of each unit by the path where `setup gateway` writes it, for a gateway with these addresses.

    Raises:
        SystemFault: This installation lacks the units.
    """
    found = sorted(each for each in shipped("systemd").iterdir() if each.suffix in (".service", ".socket"))
    return {UNITS / each.name: _unit_text(each, listen) for each in found}


def configured_addresses() -> list[str]:
    """Return the addresses for guests in the configuration of this machine's gateway, else the default ones.

    Raises:
        UsageError: The configuration is wrong.
    """
    return (load(GatewayConfig, CONFIG) if CONFIG.exists() else GatewayConfig()).listen


def _socket_address(address: str) -> str:
    """Return an address in the form for systemd, which resolves no names.

    Raises:
        UsageError: It names no IP address.
    """
    host, port = parse_address(address)
    try:
        found = ipaddress.ip_address(host)
    except ValueError as error:
        raise UsageError(
            f"systemd can't listen on {address!r}: use an IP address, for example 0.0.0.0:2222", code="listen"
        ) from error
    return f"[{found}]:{port}" if found.version == 6 else f"{found}:{port}"


def _unit_text(path: Path, listen: Sequence[str]) -> str:
    text = path.read_text(encoding="utf-8")
    start = f"ExecStart={program()} serve --config {CONFIG}"
    text = re.sub(r"^ExecStart=\S*pairterm serve .*$", lambda _: start, text, flags=re.MULTILINE)
    streams = "".join(f"ListenStream={_socket_address(each)}\n" for each in listen)
    text = re.sub(r"(^ListenStream=[^/\n]+\n)+", lambda _: streams, text, count=1, flags=re.MULTILINE)
    return f"{MARK}{path.name}\n{text}"


@dataclass(frozen=True, slots=True)
class GatewaySetup:
    """One run of `setup gateway` or of its `--uninstall`."""

    steps: Steps
    listen: Sequence[str] = ()
    advertise: str = ""

    def install(self) -> None:
        """Write the configuration and the units, and start the service.

        Raises:
            UsageError: It can't be set up this way.
            SystemFault: This machine can't do it.
        """
        if CONFIG.exists() and (self.listen or self.advertise):
            raise UsageError(f"{CONFIG} exists already: change 'listen' and 'advertise' there", code="setup")
        listen = self.listen or configured_addresses()
        ports = sorted({parse_address(each)[1] for each in listen})
        wanted = units(listen)
        problem = self._problem(wanted)
        if problem is not None and not self.steps.is_dry:
            raise problem
        self._write_config(listen)
        changed = [path for path, text in wanted.items() if self.steps.write(path, text)]
        if not _is_found_by_others() and not _has_links_of_a_tool():
            self.steps.link(_LINK, program())
        names = [path.name for path in wanted]
        if not _RUNNING_SYSTEMD.exists():
            self.steps.run("systemctl", "enable", *names)
            self.steps.say("systemd does not run here: the gateway starts with the machine")
        else:
            self.steps.run("systemctl", "daemon-reload")
            self.steps.run("systemctl", "enable", *names)
            if any(path.suffix == ".socket" for path in changed):
                # New sockets take the old ones to end first. Guests and hosts connect again.
                self.steps.run("systemctl", "stop", *names)
            self.steps.run("systemctl", "start", *(each for each in names if each.endswith(".socket")))
            self.steps.run("systemctl", "restart", SERVICE)
        self.steps.say(
            "systemd makes /run/pairterm (sockets) and /var/lib/pairterm (host key, authorized_hosts, audit)"
        )
        for line in firewall_advice(ports):
            self.steps.say(line)
        self.steps.say("to check it: pairterm doctor")
        if problem is not None:
            raise problem

    def uninstall(self, *, purge: bool) -> None:
        """Stop the service, and remove what `install` wrote. `purge` also removes the configuration and the state.

        Raises:
            UsageError: A distribution's package has installed the gateway. Then all of it belongs to that package.
            SystemFault: This machine can't do it.
        """
        packaged = _packaged_unit()
        if packaged is not None:
            raise UsageError(f"a package has installed the gateway: remove that package ({packaged})", code="setup")
        ours = [path for path in units(()) if _is_ours(path)]
        names = [path.name for path in ours]
        if ours:
            now = ("--now",) if _RUNNING_SYSTEMD.exists() else ()
            self.steps.run("systemctl", "disable", *now, *names, may_fail=True)
        for path in ours:
            self.steps.remove(path)
            if purge:
                self.steps.remove(path.with_name(f"{path.name}.d"))
        if not _has_links_of_a_tool() and _LINK.is_symlink() and Path(os.readlink(_LINK)) == program():
            self.steps.remove(_LINK)
        if ours and _RUNNING_SYSTEMD.exists():
            self.steps.run("systemctl", "daemon-reload")
            self.steps.remove(_SOCKETS)
        kept = [each for each in (CONFIG, *_STATE) if os.path.lexists(each)]
        if purge:
            for each in kept:
                self.steps.remove(each)
        elif kept:
            self.steps.say(f"kept: {', '.join(map(str, kept))}; --purge removes the configuration and the host key too")
        if not ours and not (purge and kept):
            self.steps.say("there is no unit of 'pairterm setup gateway'")

    def _problem(self, wanted: dict[Path, str]) -> PairtermError | None:
        """Return why this machine or this installation can't have the service; None if it can."""
        if shutil.which("systemctl") is None:
            text = "this machine has no systemd: start 'pairterm serve' in another way, see docs/hosting.md"
            return SystemFault(text, code="systemd")
        packaged = _packaged_unit()
        if packaged is not None:
            return UsageError(f"a package has installed the gateway already: {packaged}", code="setup")
        for path in wanted:
            if os.path.lexists(path) and not _is_ours(path):
                text = (
                    f"{path} was not written by this command: move your changes to 'systemctl edit {path.name}', "
                    "remove the file, and try again"
                )
                return UsageError(text, code="setup")
        hidden = next(filter(None, map(hidden_from_service, _parts_of_installation())), None)
        if hidden is not None:
            text = (
                f"the gateway's user can't read {hidden}: install pairterm outside of home directories, "
                "for example with 'pipx install --global' or in /opt/pairterm (see docs/hosting.md)"
            )
            return UsageError(text, code="setup")
        return None

    def _write_config(self, listen: Sequence[str]) -> None:
        if CONFIG.exists():
            self.steps.say(f"kept: {CONFIG}")
            return
        text = _CONFIG_TEXT.format(
            listen=", ".join(map(json.dumps, listen)),  # A string of JSON is one of TOML.
            mark="" if self.advertise else "# ",
            advertise=json.dumps(self.advertise or "pair.example.org"),
        )
        self.steps.write(CONFIG, text)


def firewall_advice(ports: Sequence[int]) -> Iterator[str]:
    """Yield the lines that say how guests get through the firewall of this machine."""
    named = ", ".join(map(str, ports))
    yield f"guests connect to TCP port {named}; nothing else has to be open. To open it:"
    for port in ports:
        if shutil.which("ufw"):
            yield f"    ufw allow {port}/tcp"
        if shutil.which("firewall-cmd"):
            yield f"    firewall-cmd --permanent --add-port={port}/tcp && firewall-cmd --reload"
    if not shutil.which("ufw") and not shutil.which("firewall-cmd"):
        yield "    this machine has neither ufw nor firewalld; if you have other rules, accept the port there"
    yield "    in a cloud: allow it in the machine's security group too"


def _packaged_unit() -> Path | None:
    """Return the service's unit of a distribution's package; None if there is none."""
    return next((each / SERVICE for each in _PACKAGED if (each / SERVICE).exists()), None)


def _is_ours(path: Path) -> bool:
    try:
        return path.read_text(encoding="utf-8").startswith(MARK)
    except OSError:
        return False


def _is_found_by_others() -> bool:
    """Return whether the users of this machine find a command `pairterm`."""
    return any(os.path.lexists(Path(each) / "pairterm") for each in ("/usr/local/bin", "/usr/bin", "/bin"))


def _has_links_of_a_tool() -> bool:
    """Return whether pipx or uv manages this installation. Then the link to the command is theirs."""
    return any((Path(sys.prefix) / name).exists() for name in ("pipx_metadata.json", "uv-receipt.toml"))


def _parts_of_installation() -> Iterator[Path]:
    """Yield the files that the service has to read: the command, this package, Python and its library."""
    yield program()
    yield Path(pairterm.__file__)
    yield Path(sys.executable)
    yield Path(os.__file__)


def hidden_from_service(path: Path) -> Path | None:
    """Return the first directory on the way to `path` that the service can't enter, or `path`; None: it can read it."""
    real = path.resolve()
    if any(real.is_relative_to(each) for each in _HIDDEN):
        return real
    for each in (*reversed(real.parents), real):
        mode = each.stat().st_mode
        wanted = stat.S_IXOTH if stat.S_ISDIR(mode) else stat.S_IROTH
        if not mode & wanted:
            return each
    return None
