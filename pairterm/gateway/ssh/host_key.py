"""The gateway's host key: one ed25519 key, made once, kept 0600, the same after every restart.

If systemd passes a key as a credential, the gateway uses that one and keeps none.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

import asyncssh

from pairterm.errors import SystemFault
from pairterm.gateway.systemd import credential

__all__ = ["host_key"]

_FILE_NAME = "ssh_host_ed25519_key"

_CREDENTIAL = "pairterm.ssh_host_ed25519_key"
"""The name of the credential with a private key of any type. All services of a machine share the directory
of credentials, so the name begins with ours."""


def host_key(directory: Path) -> asyncssh.SSHKey:
    """Return the key of systemd's credential, else the key in `directory`; make it the first time.

    Raises:
        SystemFault: It can't be read or written, or others may read it. A key that exists but can't be
            read is never replaced: every client that knows it would warn of an attack.
    """
    given = credential(_CREDENTIAL)
    path = given or directory / _FILE_NAME
    try:
        if given is None:
            if not path.exists():
                _make(path)
            _check_mode(path)  # systemd gives access to its copy by an ACL, which shows as 0440.
        return asyncssh.read_private_key(path)
    except OSError as error:
        raise SystemFault(f"can't keep the host key {path}: {error.strerror}", code="host_key") from error
    except asyncssh.KeyImportError as error:
        raise SystemFault(f"{path} is no private key: {error}; restore or remove it", code="host_key") from error


def _check_mode(path: Path) -> None:
    """Refuse a key that others may read or write, as sshd does: it may be known to others by now."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise SystemFault(
            f"{path} is a private key of mode {mode:04o}: others may know it; 'chmod 600', or remove it for a new one",
            code="host_key",
        )


def _make(path: Path) -> None:
    """Write a new key beside `path` and link it there, so that of two makers one wins and both agree."""
    key = asyncssh.generate_private_key("ssh-ed25519", comment="pairterm gateway")
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(key.export_private_key())
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        path.with_suffix(".pub").write_bytes(key.export_public_key())
    finally:
        fresh.unlink()
