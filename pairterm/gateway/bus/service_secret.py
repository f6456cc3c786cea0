"""The secret of a service of many gateways: a file that the operator gives to each gateway, and to nobody else.

All keys between gateways are derived from it by HKDF-SHA256 (RFC 5869), each for one purpose and for one service.
The servers of the bus never get it.

A file has one secret a line. The first one seals. The others still open, so a secret can be changed while the service
runs: add the new one as the second line everywhere, then move it to the first line, then remove the old one.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pairterm.errors import SystemFault, UsageError
from pairterm.gateway.systemd import credential

__all__ = ["ServiceSecret", "new_secret", "read_secrets"]

_PREFIX = "pairterm-service-secret-1:"
"""Marks the secret for people and for tools that search for leaked secrets. The number is the version of the form."""

_SECRET_BYTES = 32

_MAX_SECRETS = 4
"""Two are in use while a secret changes."""

_MAX_FILE_BYTES = 4096

_CREDENTIAL = "pairterm.cluster_secret"
"""The name of systemd's credential with the file's text (`LoadCredential=`)."""


@dataclass(frozen=True, slots=True)
class ServiceSecret:
    """One secret of one service. Its text form shows nothing of it."""

    service: str
    _secret: bytes

    def __repr__(self) -> str:
        return f"ServiceSecret({self.service!r}, {self.fingerprint.hex()})"

    def key(self, purpose: str) -> bytes:
        """Return the key of 32 bytes for `purpose`."""
        info = f"pairterm service {self.service} {purpose}".encode()
        return HKDF(hashes.SHA256(), length=32, salt=None, info=info).derive(self._secret)

    @property
    def fingerprint(self) -> bytes:
        """Return 8 bytes that tell secrets apart. They may be known to everybody."""
        return self.key("fingerprint")[:8]


def new_secret() -> str:
    """Return the line of a new secret, without its end."""
    return _PREFIX + base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode().rstrip("=").lower()


def read_secrets(path: Path, service: str) -> list[ServiceSecret]:
    """Return the secrets in systemd's credential, or else in the file at `path`; the first one seals.

    Raises:
        SystemFault: The file can't be read, or others may read it.
        UsageError: There is no such file, or its text is not what `pairterm gateway cluster-key` writes.
    """
    given = credential(_CREDENTIAL)
    place = given or path
    try:
        with place.open("rb") as file:
            if given is None:  # systemd gives access to its copy by an ACL, which shows as 0440.
                _check_mode(path, file.fileno())
            text = file.read(_MAX_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise UsageError(
            f"[cluster] needs the service's secret in {path}: make one with 'pairterm gateway cluster-key', and give "
            "each gateway of the service a copy",
            code="cluster_secret",
        ) from error
    except OSError as error:
        raise SystemFault(f"can't read {place}: {error.strerror}", code="cluster_secret") from error
    lines = [line.strip() for line in text.decode("ascii", "replace").splitlines()]
    found = [_parsed(line, service, place) for line in lines if line and not line.startswith("#")]
    if not 1 <= len(found) <= _MAX_SECRETS or len(text) > _MAX_FILE_BYTES:
        raise UsageError(f"{place}: a file of 1 to {_MAX_SECRETS} secrets is needed", code="cluster_secret")
    return found


def _check_mode(path: Path, fd: int) -> None:
    status = os.fstat(fd)
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        raise SystemFault(
            f"{path} is a secret of mode {mode:04o}: others may know it; make a new one for all gateways, of mode 0600",
            code="cluster_secret",
        )
    if status.st_uid not in (os.geteuid(), 0):
        raise SystemFault(f"{path} belongs to another user, who may know and change it", code="cluster_secret")


def _parsed(line: str, service: str, place: Path) -> ServiceSecret:
    """Return the secret of one line. An error never shows the line."""
    text = line.removeprefix(_PREFIX)
    try:
        secret = base64.b32decode(text.upper() + "=" * (-len(text) % 8)) if text != line else b""
    except binascii.Error:
        secret = b""
    if len(secret) != _SECRET_BYTES:
        raise UsageError(
            f"{place}: a line is not a secret that 'pairterm gateway cluster-key' wrote", code="cluster_secret"
        )
    return ServiceSecret(service, secret)
