"""The gateways whose host keys this user has accepted: a file of OpenSSH's known_hosts form, pairterm's own.

Only whole-line entries as we write them are read: `HOST KEYTYPE KEY` or
`[HOST]:PORT KEYTYPE KEY`. A changed key is never replaced here: the person does it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from pathlib import Path

from pairterm.errors import SystemFault
from pairterm.paths import state_dir

__all__ = ["address_text", "fingerprint", "known_hosts_file", "known_keys", "remember_key"]

_SSH_PORT = 22


def known_hosts_file() -> Path:
    """Return where the accepted keys are."""
    return state_dir() / "known_hosts"


def address_text(host: str, port: int) -> str:
    """Return host and port as known_hosts has them (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""
    return host if port == _SSH_PORT else f"[{host}]:{port}"


def known_keys(host: str, port: int) -> list[str]:
    """Return the accepted keys of an address, each as `KEYTYPE KEY`.

    Raises:
        SystemFault: The file is there and can't be read.
    """
    path = known_hosts_file()
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SystemFault(f"can't read {path}: {error.strerror}", code="known_hosts") from error
    wanted = address_text(host, port)
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
            file.write(f"{address_text(host, port)} {public_key}\n")
    except OSError as error:
        raise SystemFault(f"can't write {path}: {error.strerror}", code="known_hosts") from error


def fingerprint(public_key: str) -> str:
    """Return `SHA256:…` of `KEYTYPE KEY`, as ssh-keygen -l prints it; "" if it is no key."""
    try:
        data = base64.b64decode(public_key.split()[1], validate=True)
    except (IndexError, binascii.Error):
        return ""
    return "SHA256:" + base64.b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
