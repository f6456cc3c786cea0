"""The host keys of gateways that this user has accepted: pairterm's own file in the form of OpenSSH's known_hosts.

Only entries in the form that we write are read: `HOST KEYTYPE KEY` or `[HOST]:PORT KEYTYPE KEY`.
A changed key is never replaced here. The user has to do that.
"""

from __future__ import annotations

import os
from pathlib import Path

from pairterm.errors import SystemFault
from pairterm.link.ssh_commands import known_hosts_name
from pairterm.paths import state_dir

__all__ = ["known_hosts_file", "known_keys", "remember_key"]


def known_hosts_file() -> Path:
    """Return the file of accepted keys."""
    return state_dir() / "known_hosts"


def known_keys(host: str, port: int) -> list[str]:
    """Return the accepted keys of an address, each as `KEYTYPE KEY`.

    Raises:
        SystemFault: The file exists, but can't be read.
    """
    path = known_hosts_file()
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SystemFault(f"can't read {path}: {error.strerror}", code="known_hosts") from error
    wanted = known_hosts_name(host, port)
    fields = [line.split() for line in lines if not line.startswith("#")]
    return [f"{each[1]} {each[2]}" for each in fields if len(each) >= 3 and each[0] == wanted]


def remember_key(host: str, port: int, public_key: str) -> None:
    """Accept a key, `KEYTYPE KEY`, for an address.

    Raises:
        SystemFault: The file can't be written.
    """
    path = known_hosts_file()
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(f"{known_hosts_name(host, port)} {public_key}\n")
    except OSError as error:
        raise SystemFault(f"can't write {path}: {error.strerror}", code="known_hosts") from error
