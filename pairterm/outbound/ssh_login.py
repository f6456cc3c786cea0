"""An SSH connection to a gateway: it checks the host key, logs in, and opens the subsystem of a link.

This is the only module outside the gateway that imports asyncssh. Only processes that dial out
import it, because it doubles their memory. The gateway's host key is looked up in pairterm's own
known_hosts. An unknown key is accepted only as the user said (`host_key`). A key that differs
from the known one is never accepted. A host logs in as the user `host`, and a guest with the
user name of their link.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import asyncssh

from pairterm import __version__
from pairterm.access.host_login import SESSION_KEY_BYTES, is_host_user
from pairterm.access.verdicts import NO_SESSION
from pairterm.errors import SystemFault, UsageError
from pairterm.link.ssh_commands import known_hosts_name
from pairterm.paths import state_dir
from pairterm.runtime.known_hosts import known_hosts_file, known_keys, remember_key
from pairterm.runtime.link_over_ssh import LINK_SUBSYSTEM, LINK_WINDOW_BYTES, ChannelTransport
from pairterm.runtime.link_stream import LinkStream
from pairterm.safe_text import safe_line

__all__ = ["ACCEPT_NEW", "GatewayLogin", "SessionKey", "Target", "host_key_at"]

ACCEPT_NEW = "accept-new"
"""A value of `host_key`: accept any key of a gateway that is not known yet."""

_KEY_FILE = "id_ed25519"
"""A key that pairterm makes in the state directory, for users who have no key."""

_USUAL_KEYS = ("id_ed25519", "id_ecdsa", "id_rsa", "id_ed25519_sk", "id_ecdsa_sk")

_COMPRESSION = ["none"]

_HOST_KEY_TIMEOUT_S = 10.0

_MAX_SAID_CHARS = 300
"""The longest text that a gateway may send before the link's messages. The user sees it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The gateway to log in to, and the user to log in as."""

    host: str
    port: int
    user: str
    host_key: str = ""
    """The host key that is accepted for an unknown gateway: a fingerprint, or `accept-new` for any; "" for none."""
    identity: str = ""
    """The only key file to use; "" uses the agent's keys and the default ones in ~/.ssh."""

    @property
    def where(self) -> str:
        """The host and port in the form of known_hosts."""
        return known_hosts_name(self.host, self.port)


class SessionKey:
    """A key pair of this process, for one session: see `access.host_login`."""

    def __init__(self) -> None:
        self._key = asyncssh.generate_private_key("ssh-ed25519")

    @property
    def public(self) -> bytes:
        """The public half, 32 bytes (RFC 8709)."""
        return bytes(self._key.public_data[-SESSION_KEY_BYTES:])

    def sign(self, text: bytes) -> bytes:
        """Return a signature in SSH's form."""
        return bytes(self._key.sign(text, b"ssh-ed25519"))


class GatewayLogin:
    """One login, from a connected socket to a link. `translated` turns an error into one for the user."""

    def __init__(self, target: Target, *, is_trial: bool = False) -> None:
        """`is_trial`: only test whether the login works. No key is made, and no host key is remembered."""
        self._target = target
        self._is_trial = is_trial
        self._client = _Client(target, remembers=not is_trial)

    async def open(self, sock: Any, stream: LinkStream, on_end: Callable[[], None] = lambda: None) -> None:
        """Log in over `sock` and open the link on `stream`. `on_end` is called when the link has ended."""
        connection = await self._login(sock)
        try:
            await connection.create_session(
                lambda: _LinkSession(stream, self._client, on_end),
                subsystem=LINK_SUBSYSTEM,
                encoding=None,
                window=LINK_WINDOW_BYTES,
            )
        except asyncssh.ChannelOpenError as error:
            if connection.is_closed() or error.code == asyncssh.OPEN_CONNECT_FAILED:
                raise ConnectionError("it was closed") from error  # A gateway that dies now gives no better reason.
            connection.abort()
            raise
        except BaseException:
            connection.abort()
            raise

    async def _login(self, sock: Any) -> asyncssh.SSHClientConnection:
        target, client = self._target, self._client
        try:
            keys, agent = self._keys()
            if is_host_user(target.user):
                client.offered = await _public_keys(keys, agent)
            return await asyncssh.run_client(
                sock,
                config=None,
                client_factory=lambda: client,
                host=target.host,
                port=target.port,
                username=target.user,
                client_keys=keys,
                agent_path=agent,
                known_hosts=([], [], []),
                client_version=f"pairterm_{__version__}",
                compression_algs=_COMPRESSION,
                preferred_auth="publickey,keyboard-interactive",
                x509_trusted_certs=None,
                keepalive_interval=0,
            )
        except BaseException:
            sock.close()
            raise

    def _keys(self) -> tuple[list[Any], str | None]:
        """Return the keys to offer, and the agent's socket."""
        if self._target.identity:
            try:
                return list(asyncssh.load_keypairs(str(Path(self._target.identity).expanduser()))), None
            except (OSError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
                reason = error.strerror if isinstance(error, OSError) and error.strerror else error
                raise UsageError(f"can't use the key {self._target.identity}: {reason}", code="identity") from error
        keys = _usual_keys()
        if is_host_user(self._target.user) and not (self._is_trial and not _own_key_file().exists()):
            keys += asyncssh.load_keypairs(str(_own_key()))
        agent = os.environ.get("SSH_AUTH_SOCK") or None
        if agent is not None and not os.path.exists(agent):
            agent = None
        return keys, agent

    @property
    def said(self) -> str:
        """The text that the gateway sent outside of the link's messages; "" for none."""
        return self._client.said

    def translated(self, error: BaseException) -> BaseException:
        """Return the error as a `PairtermError` for the user. An unexpected error is returned as it is."""
        where, client = self._target.where, self._client
        match error:
            case _ if client.refusal is not None:
                return client.refusal
            case asyncssh.DisconnectError() if is_host_user(self._target.user) and NO_SESSION in client.said:
                # It takes our user name for a guest's link. In a service, another gateway may be newer: try again.
                text = f"{where} is {client.gateway_software}, which is too old for this pairterm {__version__}"
                return SystemFault(f"{text}: use the same version on both sides", code="refused")
            case asyncssh.PermissionDenied():
                return UsageError(self._denied(), code="not_allowed")
            case asyncssh.ChannelOpenError(code=asyncssh.OPEN_RESOURCE_SHORTAGE):
                return SystemFault(f"{where}: {error.reason}", code="full")
            case asyncssh.ChannelOpenError() if not is_host_user(self._target.user):
                return UsageError(f"{where}: {error.reason.removeprefix('pairterm: ')}", code="gateway")
            case asyncssh.ChannelOpenError():
                return UsageError(
                    f"{where} is not a pairterm gateway, or accepts no sessions: {error.reason}", code="gateway"
                )
            case asyncssh.DisconnectError(code=asyncssh.DISC_SERVICE_NOT_AVAILABLE):
                return SystemFault(f"{where}: {client.said or error.reason}", code="refused")
            case asyncssh.DisconnectError():
                reason = client.said or error.reason
                return SystemFault(f"{where} closed the connection: {reason}", code="unreachable")
            case TimeoutError():
                return SystemFault(f"no answer from {where} in time", code="unreachable")
            case OSError():
                return SystemFault(f"the connection to {where} broke: {error.strerror or error}", code="unreachable")
        return error

    def _denied(self) -> str:
        where, client = self._target.where, self._client
        if client.said:
            return f"{where}: {client.said}"
        if not is_host_user(self._target.user):
            return f"{where}: the session is for those whose key is on its list, and none of yours is"
        return (
            f"{where} takes none of your keys: its operator has to add a line to authorized_hosts, for example: "
            f"{client.offered[0] if client.offered else '(you have no key)'}"
        )


class _Client(asyncssh.SSHClient):
    """One connection's judge of the gateway's key."""

    def __init__(self, target: Target, *, remembers: bool) -> None:
        self._target = target
        self._remembers = remembers
        self.refusal: UsageError | SystemFault | None = None
        self.offered: list[str] = []
        """Our public keys, for the message if none of them is accepted."""
        self.said = ""

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        """Keep the connection (asyncssh calls this)."""
        self._connection = conn

    @property
    def gateway_software(self) -> str:
        """The gateway's program and its version, as it says."""
        version = str(self._connection.get_extra_info("server_version", "")).removeprefix("SSH-2.0-")
        return safe_line(version.replace("_", " "))[:_MAX_SAID_CHARS]

    def hear(self, text: str) -> None:
        """Keep a text that the gateway sends before it ends the connection, or instead of a link."""
        plain = safe_line(" ".join(text.split()))
        self.said = f"{self.said} {plain.removeprefix('pairterm: ')}".strip()[:_MAX_SAID_CHARS]

    def auth_banner_received(self, msg: str, lang: str) -> None:
        """Keep the banner (asyncssh calls this)."""
        self.hear(msg)

    def kbdint_auth_requested(self) -> str:
        """Log in without a key, if the gateway needs none (asyncssh calls this). It asks no question then."""
        return ""

    def kbdint_challenge_received(self, name: str, instructions: str, lang: str, prompts: Any) -> list[str] | None:
        """Answer no question: there are no passwords (asyncssh calls this)."""
        return [] if not prompts else None

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Return whether this host key is accepted (asyncssh calls this). If not, keep the reason in `refusal`."""
        found = " ".join(key.export_public_key().decode().split()[:2])
        try:
            known = known_keys(self._target.host, self._target.port)
            if found in known:
                return True
            self.refusal = self._refusal(key.get_fingerprint(), is_known=bool(known))
            if self.refusal is None and self._remembers:
                remember_key(self._target.host, self._target.port, found)
        except SystemFault as fault:
            self.refusal = fault
        return self.refusal is None

    def _refusal(self, fingerprint: str, *, is_known: bool) -> UsageError | None:
        wanted, where = self._target.host_key, self._target.where
        if is_known:
            return UsageError(
                f"THE HOST KEY OF {where} HAS CHANGED: it is {fingerprint} now. This may be an attack, or the "
                f"gateway has a new key: ask its operator, then remove the line of {where} from {known_hosts_file()}",
                code="host_key_changed",
            )
        if wanted in (ACCEPT_NEW, fingerprint):
            return None
        if wanted:
            return UsageError(f"the host key of {where} is {fingerprint}, not {wanted}", code="host_key")
        return UsageError(
            f"the host key of {where} is not known: {fingerprint}. If that is right, say --host-key {fingerprint}",
            code="unknown_host_key",
        )


class _LinkSession(asyncssh.SSHClientSession[bytes]):
    """The link's channel: all data goes to the stream."""

    def __init__(self, stream: LinkStream, client: _Client, on_end: Callable[[], None]) -> None:
        self._stream = stream
        self._client = client
        self._on_end = on_end

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        """Take the channel."""
        self._connection = chan.get_connection()
        self._stream.connection_made(ChannelTransport(cast(Any, chan)))

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        """Pass data of the link on to the stream. Other data is a text for the user."""
        if datatype is None:
            self._stream.data_received(data)
        else:
            self._client.hear(data[:_MAX_SAID_CHARS].decode("utf-8", "replace"))

    def eof_received(self) -> bool:
        """Close when the gateway does."""
        self._stream.eof_received()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """End the connection with its channel."""
        self._stream.connection_lost(exc)
        self._connection.abort()
        self._on_end()


def _usual_keys() -> list[Any]:
    """Return the default key pairs in ~/.ssh that need no passphrase, in ssh's order."""
    found: list[Any] = []
    for name in _USUAL_KEYS:
        path = Path.home() / ".ssh" / name
        with contextlib.suppress(OSError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
            found += asyncssh.load_keypairs(str(path))
    return found


def _own_key_file() -> Path:
    return state_dir() / _KEY_FILE


def _own_key() -> Path:
    """Return the file of pairterm's own key. It is made the first time."""
    path = _own_key_file()
    if not path.exists():
        key = asyncssh.generate_private_key("ssh-ed25519", comment="pairterm host")
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(key.export_private_key())
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
        path.with_suffix(".pub").write_bytes(key.export_public_key())
    return path


async def host_key_at(host: str, port: int) -> str:
    """Return the fingerprint of the SSH server's host key; "" if the server does not give one."""
    try:
        async with asyncio.timeout(_HOST_KEY_TIMEOUT_S):
            key = await asyncssh.get_server_host_key(host, port, config=None)
    except (OSError, asyncssh.Error, TimeoutError):
        return ""
    return key.get_fingerprint() if key is not None else ""


async def _public_keys(keys: list[Any], agent_path: str | None) -> list[str]:
    """Return the public keys that will be offered, the agent's first."""
    found: list[str] = []
    if agent_path is not None:
        with contextlib.suppress(OSError, asyncssh.Error, ValueError):
            agent = await asyncssh.connect_agent(agent_path)
            async with agent:
                found += [_line(each) for each in await agent.get_keys()]
    return found + [_line(each) for each in keys]


def _line(pair: asyncssh.SSHKeyPair) -> str:
    """Return a public key, or a certificate, in the form of a line in authorized_keys."""
    data: bytes = pair.public_data
    kind = data[4 : 4 + int.from_bytes(data[:4], "big")].decode("ascii", "replace")
    return f"{kind} {base64.b64encode(data).decode()}"
