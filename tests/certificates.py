"""Certificates for tests: a certification authority of the test's own, and what it signs. Made in milliseconds."""

from __future__ import annotations

import base64
import datetime
import hashlib
import ipaddress
import ssl
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

__all__ = ["Authority"]

_LONG = datetime.timedelta(days=30)


class Authority:
    """A certification authority. `path` has its own certificate, for clients who trust it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "pairterm's tests")])
        own = self._signed(self._name, self._key.public_key(), is_authority=True)
        self.path = directory / "authority.pem"
        self.path.write_bytes(own.public_bytes(serialization.Encoding.PEM))

    def sign(
        self, name: str = "server", names: Sequence[str] = ("localhost", "127.0.0.1"), *, password: bytes = b""
    ) -> tuple[Path, Path]:
        """Write a new certificate (with its chain) for these names and addresses, and its key; return both paths."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
        signed = self._signed(subject, key.public_key(), names)
        how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        paths = self._directory / f"{name}.pem", self._directory / f"{name}.key"
        # As certbot does: a reader never sees half a file.
        for path, data in zip(
            paths,
            (
                signed.public_bytes(serialization.Encoding.PEM) + self.path.read_bytes(),
                key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how),
            ),
            strict=True,
        ):
            fresh = path.with_suffix(".new")
            fresh.write_bytes(data)
            fresh.replace(path)
        return paths

    def client(self) -> ssl.SSLContext:
        """Return the context of a client that trusts this authority alone."""
        return ssl.create_default_context(cafile=str(self.path))

    def key_hash(self) -> str:
        """Return the SHA-256 of the authority's public key (SPKI), in base64, as Chromium wants it."""
        spki = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(hashlib.sha256(spki).digest()).decode()

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        names: Sequence[str] = (),
        *,
        is_authority: bool = False,
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _LONG)
            .not_valid_after(now + _LONG)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_named(each) for each in names]), critical=False
            )
        return builder.sign(self._key, hashes.SHA256())


def _named(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)
