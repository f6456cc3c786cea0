"""The gateway's TLS certificate: loaded, checked, and loaded again when its files change.

A renewal (certbot, Caddy, a systemd credential) replaces the files. Each new connection looks at
them: two calls of `stat`, so that nothing has to run by the clock. If the new files can't be used, such as a
certificate whose key is not written yet, the old certificate stays, and the log says why.
Connections that are open keep the certificate they began with.
"""

from __future__ import annotations

import logging
import os
import ssl
from pathlib import Path

from cryptography import x509

from pairterm.errors import PairtermError, UsageError
from pairterm.gateway.systemd import credential

__all__ = ["Certificate", "certificate_files"]

logger = logging.getLogger(__name__)

_TLS_1_2_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""With forward secrecy and authenticated encryption only: Mozilla's intermediate list. TLS 1.3 has no others."""

_CREDENTIALS = ("pairterm.tls_cert", "pairterm.tls_key")
"""Names for systemd's LoadCredential=."""

_Stamp = tuple[tuple[int, int, int], ...]
"""Of each file: the time of its change, its size and its inode."""


def certificate_files(cert: str, key: str) -> tuple[Path, Path] | None:
    """Return the files of the certificate and its key: those of the settings, or systemd's credentials; None: no TLS.

    A certificate without a key has it in the same file.

    Raises:
        UsageError: There is a key alone, or one credential without the other.
    """
    if not cert and not key:
        found = [credential(each) for each in _CREDENTIALS]
        if found[0] is None and found[1] is None:
            return None
        if found[0] is None or found[1] is None:
            raise UsageError(
                f"systemd passes one credential without the other: {' and '.join(_CREDENTIALS)}", code="tls"
            )
        return found[0], found[1]
    if not cert:
        raise UsageError("tls_key without tls_cert: set both, or none", code="tls")
    return Path(cert), Path(key or cert)


class Certificate:
    """A certificate with its key, as new connections get it."""

    def __init__(self, cert: Path, key: Path) -> None:
        """Load it.

        Raises:
            UsageError: A file can't be used, or the key is not the certificate's.
        """
        self._files = (cert, key)
        self._stamp = self._stamp_now()
        self._context = self._loaded()

    def context(self) -> ssl.SSLContext:
        """Return the context for a new connection. If the files have changed, they are loaded first."""
        stamp = self._stamp_now()
        if stamp != self._stamp:
            self._stamp = stamp
            self.reload()
        return self._context

    def reload(self) -> None:
        """Load the files again. If they can't be used, log why, and keep the old certificate."""
        try:
            self._context = self._loaded()
        except PairtermError as error:
            logger.warning("the new TLS certificate can't be used, the old one stays: %s", error.message)

    def _stamp_now(self) -> _Stamp:
        stamps = []
        for path in self._files:
            try:
                found = os.stat(path)
            except OSError:
                stamps.append((0, 0, 0))
            else:
                stamps.append((found.st_mtime_ns, found.st_size, found.st_ino))
        return tuple(stamps)

    def _loaded(self) -> ssl.SSLContext:
        """Return a context with the files' certificate."""
        cert, key = self._files
        for name, path in (("tls_cert", cert), ("tls_key", key)):
            try:
                path.read_bytes()
            except OSError as error:
                raise UsageError(f"{name}: can't read {path}: {error.strerror}", code="tls") from error
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(_TLS_1_2_CIPHERS)
        context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
        context.set_alpn_protocols(["http/1.1"])
        try:
            # Without a password of ours, OpenSSL asks for one on the terminal.
            context.load_cert_chain(cert, key, password=_no_password)
        except (ssl.SSLError, ValueError) as error:
            raise UsageError(_problem(cert, key, error), code="tls") from error
        _log_validity(cert)
        return context


class _EncryptedKeyError(ValueError):
    """The key wants a password."""


def _no_password() -> str:
    raise _EncryptedKeyError


def _problem(cert: Path, key: Path, error: Exception) -> str:
    reason = getattr(error, "reason", "")
    if isinstance(error, _EncryptedKeyError):
        return f"tls_key: {key} is encrypted; pairterm needs a key without a password"
    if reason == "KEY_VALUES_MISMATCH":
        return f"tls_key: the key in {key} does not belong to the certificate in {cert}"
    if b"-----BEGIN CERTIFICATE-----" not in cert.read_bytes():
        return f"tls_cert: {cert} has no certificate in PEM form"
    if b"PRIVATE KEY-----" not in key.read_bytes():
        return f"tls_key: {key} has no private key in PEM form"
    return f"tls_cert, tls_key: {cert} and {key} can't be used: {reason or error}"


def _log_validity(cert: Path) -> None:
    """Log how long the certificate is valid."""
    try:
        first = x509.load_pem_x509_certificates(cert.read_bytes())[0]
    except ValueError:
        return  # OpenSSL took it, so clients may as well.
    logger.info("TLS certificate of %s: valid until %s", cert, f"{first.not_valid_after_utc:%Y-%m-%d}")
