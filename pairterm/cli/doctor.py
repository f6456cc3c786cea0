"""`doctor`: check an installation, and say how to fix each thing that is wrong.

It changes nothing. It checks the installation, this machine, and the connection to the gateway if
the gateway is on another machine.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from pairterm.cli.doctor_finding import Finding
from pairterm.cli.gateway_choice import GatewayChoice, choose_gateway
from pairterm.cli.shared_options import json_option
from pairterm.config import user_config
from pairterm.errors import PairtermError
from pairterm.host.environment import TERM_CHOICES
from pairterm.paths import SYSTEM_LINK_SOCKET, runtime_dir, state_dir

__all__ = ["doctor", "look"]

_LEAST_DESCRIPTORS = 256
"""A host needs a dozen. A gateway needs one for each guest and one for each session."""

_LEAST_FREE_BYTES = 16 << 20

_SANE_YEAR_S = 1_735_689_600
"""1 January 2025. A clock that shows an earlier time has never been set."""


@click.command()
@click.option(
    "--gateway", metavar="WHERE", help="The gateway to check. [default: the one that 'pairterm new' would use]"
)
@json_option
def doctor(gateway: str | None, as_json: bool) -> None:
    """Check the installation and the connection to the gateway. Say how to fix what is wrong.

    Exits with 1 if something is wrong.
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
    """Yield the findings, one check after the other."""
    # Here, not at the top: `--help` needs none of it.
    from pairterm.cli.doctor_installation import look_at_installation, look_at_unit

    yield from look_at_installation()
    yield _directory("sockets", runtime_dir)
    yield _directory("state", state_dir)
    yield _clock()
    yield _terminfo()
    yield _descriptors()
    yield _locale()
    try:
        address = choose_gateway(GatewayChoice(gateway=gateway), user_config())
    except PairtermError as error:
        yield Finding("configuration", False, error.message, "correct the file, or the option")
        return
    yield from look_at_unit(is_used=address.get("socket") == str(SYSTEM_LINK_SOCKET))
    # The same for SSH.
    from pairterm.cli.doctor_gateway import look_at_local, look_at_remote
    from pairterm.outbound.ssh_login import Target
    from pairterm.runtime.link_over_ssh import HOST_USER

    host, port = address.get("host"), address.get("port")
    if isinstance(host, str) and isinstance(port, int):
        target = Target(
            host=host,
            port=port,
            user=HOST_USER,
            host_key=str(address["host_key"]),
            identity=str(address["identity"]),
        )
        yield from look_at_remote(target, has_proxy=bool(address.get("proxy_command")))
    else:
        yield from look_at_local(str(address["socket"]), is_own=bool(address.get("is_own")))


def _directory(what: str, directory: Callable[[], Path]) -> Finding:
    try:
        path = directory()
        free_bytes = shutil.disk_usage(path).free
    except (PairtermError, OSError) as error:
        return Finding(what, False, str(error), "pairterm needs a directory of its own here, with mode 0700")
    if free_bytes < _LEAST_FREE_BYTES or not os.access(path, os.W_OK):
        return Finding(
            what,
            False,
            f"{path}: the disk is full, or you may not write there",
            "free some space, or set XDG_STATE_HOME",
        )
    return Finding(what, True, str(path))


def _clock() -> Finding:
    now_s = time.time()
    is_right = now_s > _SANE_YEAR_S
    advice = "" if is_right else "set the clock: certificates, expiry times and claims on names depend on it"
    return Finding("clock", is_right, time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(now_s)), advice)


def _terminfo() -> Finding:
    for name in TERM_CHOICES:
        if shutil.which("infocmp") is None:
            return Finding("terminfo", True, "infocmp is not installed, so this was not checked")
        if subprocess.run(["infocmp", name], capture_output=True, check=False).returncode == 0:
            return Finding("terminfo", True, f"programs in a session get TERM={name}")
    return Finding("terminfo", False, f"none of {', '.join(TERM_CHOICES)}", "install ncurses-term (Debian, Ubuntu)")


def _descriptors() -> Finding:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    is_right = soft < 0 or soft >= _LEAST_DESCRIPTORS
    advice = "" if is_right else f"raise the limit: ulimit -n {_LEAST_DESCRIPTORS} or more"
    return Finding("open files", is_right, f"{soft} of {hard} allowed", advice)


def _locale() -> Finding:
    name = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG", "")
    is_right = "utf" in name.lower()
    advice = "" if is_right else "set LANG=C.UTF-8: without it, attach shows ASCII only"
    return Finding("locale", is_right, name or "none", advice)
