"""Streams between two gateways, encrypted by TLS 1.3 with a certificate at both ends.

The service's secret gives the private key of a certificate authority (Ed25519), the same one in each gateway. Each
process draws a key of its own and issues itself a certificate for its gateway name. So each end proves that it knows
the secret, and which gateway it is. Both names are checked. TLS 1.3 agrees on the keys by an ephemeral exchange: the
secret of the service does not open a stream that was recorded.

TLS comes from Python's `ssl`. It runs on any asyncio transport that delivers bytes in order. If the servers of the bus
lose, repeat or change anything, the stream ends with an error.
"""

from __future__ import annotations

import asyncio
import datetime
import ssl
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pairterm.errors import PeerError
from pairterm.gateway.bus.service_secret import ServiceSecret

__all__ = ["StreamTls"]

_HANDSHAKE_S = 5.0
"""The longest time for a handshake: two exchanges over the bus, and a few milliseconds of arithmetic."""

_SHUTDOWN_S = 5.0
"""How long a stream that is closed waits for the other end's answer."""

_FROM = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
_UNTIL = datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC)
"""Certificates have no end of their own (RFC 5280 §4.1.2.5): a process takes its key with it when it ends, and the
clocks of two gateways may differ."""


class StreamTls:
    """What one gateway needs to encrypt streams to and from the other gateways of its service."""

    def __init__(self, secrets: list[ServiceSecret], gateway: str) -> None:
        authorities = [_authority(each) for each in secrets]
        key = ed25519.Ed25519PrivateKey.generate()
        certificate = _issued(authorities[0], key, gateway)
        self._for_connecting = _context(ssl.PROTOCOL_TLS_CLIENT, authorities, key, certificate)
        self._for_accepting = _context(ssl.PROTOCOL_TLS_SERVER, authorities, key, certificate)

    async def connected(
        self, transport: asyncio.Transport, gateway: str, protocol_factory: Callable[[], asyncio.Protocol]
    ) -> None:
        """Encrypt a stream that we opened to `gateway`, and give it to a new protocol.

        Raises:
            PeerError: The other end does not prove that it is this gateway of our service.
        """
        tls, handover = await self._encrypted(transport, self._for_connecting, gateway)
        handover.give(tls, protocol_factory())

    async def accepted(
        self, transport: asyncio.Transport, gateway: str | None, protocol_factory: Callable[[str], asyncio.Protocol]
    ) -> None:
        """Encrypt a stream that another gateway opened, and give it to a new protocol.

        `gateway`: the one that the stream is said to be of; None: nothing is said, and its certificate tells.

        Raises:
            PeerError: The other end does not prove that it is this gateway of our service.
        """
        tls, handover = await self._encrypted(transport, self._for_accepting, None)
        names = tls.get_extra_info("peercert").get("subjectAltName", ())
        proved = names[0][1] if len(names) == 1 and names[0][0] == "DNS" else ""
        if not proved or (gateway is not None and proved != gateway):
            tls.abort()
            raise PeerError("a gateway opened a stream in another gateway's name", code="cluster_stream")
        handover.give(tls, protocol_factory(proved))

    @staticmethod
    async def _encrypted(
        transport: asyncio.Transport, context: ssl.SSLContext, server: str | None
    ) -> tuple[asyncio.Transport, _Handover]:
        handover = _Handover()
        try:
            tls = await asyncio.get_running_loop().start_tls(
                transport,
                handover,
                context,
                server_side=server is None,
                server_hostname=server,
                ssl_handshake_timeout=_HANDSHAKE_S,
                ssl_shutdown_timeout=_SHUTDOWN_S,
            )
        except OSError as error:  # ssl.SSLError is one of them.
            transport.abort()
            raise PeerError(
                f"no encrypted stream: {getattr(error, 'verify_message', '') or error}", code="cluster_stream"
            ) from error
        if tls is None:
            raise PeerError("the stream ended before it was encrypted", code="cluster_stream")
        return tls, handover


class _Handover(asyncio.Protocol):
    """Keeps what arrives between the end of the handshake and the check of the other end's name.

    That is at most what is read in one turn of the loop.
    """

    def __init__(self) -> None:
        self._early = b""
        self._is_over = False
        self._error: Exception | None = None

    def data_received(self, data: bytes) -> None:
        self._early += data

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_over = True
        self._error = exc

    def give(self, tls: asyncio.Transport, protocol: asyncio.Protocol) -> None:
        """Give the encrypted stream, and what arrived on it, to `protocol`."""
        tls.set_protocol(protocol)
        protocol.connection_made(tls)
        if self._early:
            protocol.data_received(self._early)
        if self._is_over:
            protocol.connection_lost(self._error)


def _authority(secret: ServiceSecret) -> tuple[ed25519.Ed25519PrivateKey, x509.Certificate]:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(secret.key("certificate authority"))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"pairterm service {secret.fingerprint.hex()}")])
    certificate = (
        _certificate(name, name, key.public_key(), key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(is_authority=True), critical=True)
        .sign(key, None)
    )
    return key, certificate


def _issued(
    authority: tuple[ed25519.Ed25519PrivateKey, x509.Certificate], key: ed25519.Ed25519PrivateKey, gateway: str
) -> x509.Certificate:
    signer, certificate = authority
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, gateway)])
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    return (
        _certificate(name, certificate.subject, key.public_key(), signer.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(is_authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(gateway)]), critical=False)
        .sign(signer, None)
    )


def _certificate(
    name: x509.Name, issuer: x509.Name, key: ed25519.Ed25519PublicKey, issuers_key: ed25519.Ed25519PublicKey
) -> x509.CertificateBuilder:
    """Return what certificates of both kinds have."""
    return (
        x509.CertificateBuilder(issuer, name, key, x509.random_serial_number(), _FROM, _UNTIL)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuers_key), critical=False)
    )


def _key_usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _context(
    side: int,
    authorities: list[tuple[ed25519.Ed25519PrivateKey, x509.Certificate]],
    key: ed25519.Ed25519PrivateKey,
    certificate: x509.Certificate,
) -> ssl.SSLContext:
    context = ssl.SSLContext(side)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    if side == ssl.PROTOCOL_TLS_SERVER:
        context.num_tickets = 0  # Nobody resumes a session.
    pem = serialization.Encoding.PEM
    context.load_verify_locations(
        cadata="".join(each.public_bytes(pem).decode() for _, each in authorities),
    )
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with tempfile.TemporaryDirectory() as directory:  # of mode 0700; `ssl` loads a key from a file only
        file = Path(directory) / "certificate.pem"
        file.write_bytes(private + certificate.public_bytes(pem))
        context.load_cert_chain(file)
    return context
