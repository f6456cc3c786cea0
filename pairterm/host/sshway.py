"""The way to a gateway on another machine: SSH, with the user's own keys, and a check of the gateway's.

The only module of a host that imports asyncssh, and only a host that dials out
imports it: it doubles the memory. The gateway's key is looked up in pairterm's own
known_hosts. A key that is not known is taken only as the person said (`host_key`);
one that differs from the known one never.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import os
import subprocess
from pathlib import Path
from typing import Any, cast

import asyncssh

from pairterm import __version__
from pairterm.errors import SystemFault, UsageError
from pairterm.host.actor import HostActor
from pairterm.host.dialling import dial, start_proxy_command
from pairterm.host.ways import GatewayAddress
from pairterm.knownhosts import address_text, known_hosts_file, known_keys, remember_key
from pairterm.link.messages import Registered
from pairterm.linkio import LinkStream
from pairterm.paths import state_dir
from pairterm.sshlink import HOST_USER, LINK_SUBSYSTEM, LINK_WINDOW_BYTES, ChannelTransport

__all__ = ["SshWay"]

logger = logging.getLogger(__name__)

_CONNECT_TIMEOUT_S = 20.0
"""For the whole of a login: a slow agent asks the person for a touch or a confirmation."""

_LOGIN_TIMEOUT_S = 60.0
"""The first time: the person may have to confirm the use of a key."""

_ACCEPT_NEW = "accept-new"

_KEY_FILE = "id_ed25519"
"""A key of pairterm's own, in the state directory, for those who have none."""

_COMPRESSION = ["none"]


class SshWay:
    """To the gateway at a host and port."""

    def __init__(self, settings: GatewayAddress, actor: HostActor) -> None:
        self._settings = settings
        self._actor = actor
        self._is_first = True

    @property
    def dialled(self) -> tuple[str, int] | None:
        """The host and port that links can name."""
        return self._settings.host, self._settings.port

    def advice(self) -> str:
        """Return nothing: what went wrong says it."""
        return ""

    async def revive(self, known: Registered | None) -> bool:
        """Leave it: it is on another machine."""
        return False

    async def connect(self, stream: LinkStream) -> None:
        """Connect, check the gateway's key, log in, and open the link's subsystem."""
        client = _Client(self._settings)
        process: subprocess.Popen[bytes] | None = None
        timeout_s = _LOGIN_TIMEOUT_S if self._is_first else _CONNECT_TIMEOUT_S
        try:
            async with asyncio.timeout(timeout_s):
                sock, process = await self._socket()
                connection = await self._login(sock, client)
                await self._open(connection, stream, process)
        except BaseException as error:
            self._end(process)
            raise self._translated(error, client) from error
        self._is_first = False

    async def _socket(self) -> tuple[Any, subprocess.Popen[bytes] | None]:
        settings = self._settings
        if not settings.proxy_command:
            return await dial(settings.host, settings.port, os.environ), None
        sock, process = start_proxy_command(settings.proxy_command, settings.host, settings.port)
        self._actor.proxies.add(process.pid)
        return sock, process

    async def _login(self, sock: Any, client: _Client) -> asyncssh.SSHClientConnection:
        keys, agent = self._keys()
        client.offered = await _public_keys(keys, agent)
        try:
            return await asyncssh.run_client(
                sock,
                config=None,
                client_factory=lambda: client,
                host=self._settings.host,
                port=self._settings.port,
                username=HOST_USER,
                client_keys=keys,
                agent_path=agent,
                known_hosts=([], [], []),
                client_version=f"pairterm_{__version__}",
                compression_algs=_COMPRESSION,
                preferred_auth="publickey",
                x509_trusted_certs=None,
                keepalive_interval=0,
            )
        except BaseException:
            sock.close()
            raise

    def _keys(self) -> tuple[list[Any], str | None]:
        """Return the keys to offer, and the agent's socket."""
        if self._settings.identity:
            try:
                return list(asyncssh.load_keypairs(str(Path(self._settings.identity).expanduser()))), None
            except (OSError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
                raise UsageError(f"can't use the key {self._settings.identity}: {error}", code="identity") from error
        keys = _usual_keys()
        agent = os.environ.get("SSH_AUTH_SOCK") or None
        if agent is not None and not os.path.exists(agent):
            agent = None
        return [*keys, *asyncssh.load_keypairs(str(_own_key()))], agent

    async def _open(
        self, connection: asyncssh.SSHClientConnection, stream: LinkStream, process: subprocess.Popen[bytes] | None
    ) -> None:
        def ended() -> None:
            self._end(process)

        try:
            await connection.create_session(
                lambda: _LinkSession(stream, ended), subsystem=LINK_SUBSYSTEM, encoding=None, window=LINK_WINDOW_BYTES
            )
        except BaseException:
            connection.abort()
            raise

    def _end(self, process: subprocess.Popen[bytes] | None) -> None:
        """End a proxy command; the host collects it."""
        if process is not None and process.pid in self._actor.proxies:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            self._actor.proxies.discard(process.pid)

    def _translated(self, error: BaseException, client: _Client) -> BaseException:
        """Return the error as one of ours; what is none stays what it is."""
        where = address_text(self._settings.host, self._settings.port)
        match error:
            case _ if client.refusal is not None:
                return client.refusal
            case asyncssh.PermissionDenied():
                return UsageError(_no_key_text(where, client), code="not_allowed")
            case asyncssh.ChannelOpenError():
                return UsageError(
                    f"{where} is no pairterm gateway, or takes no sessions: {error.reason}", code="gateway"
                )
            case asyncssh.DisconnectError():
                reason = client.banner or error.reason
                return SystemFault(f"{where} closed the connection: {reason}", code="unreachable")
            case TimeoutError():
                return SystemFault(f"no answer from {where} in time", code="unreachable")
            case OSError():
                return SystemFault(f"the connection to {where} broke: {error}", code="unreachable")
        return error


class _Client(asyncssh.SSHClient):
    """One connection's judge of the gateway's key."""

    def __init__(self, settings: GatewayAddress) -> None:
        self._settings = settings
        self.refusal: UsageError | SystemFault | None = None
        self.offered: list[str] = []
        """The public keys that we have, for the message when none is taken."""
        self.banner = ""

    def auth_banner_received(self, msg: str, lang: str) -> None:
        """Keep what the gateway says before it ends the connection."""
        self.banner = " ".join("".join(char for char in msg if char.isprintable() or char == " ").split())[:300]

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Return whether the gateway may have this key; why not is kept for the person."""
        found = " ".join(key.export_public_key().decode().split()[:2])
        where = address_text(self._settings.host, self._settings.port)
        try:
            known = known_keys(self._settings.host, self._settings.port)
            if found in known:
                return True
            self.refusal = self._refusal(where, key.get_fingerprint(), is_known=bool(known))
            if self.refusal is None:
                remember_key(self._settings.host, self._settings.port, found)
        except SystemFault as fault:
            self.refusal = fault
        return self.refusal is None

    def _refusal(self, where: str, fingerprint: str, *, is_known: bool) -> UsageError | None:
        wanted = self._settings.host_key
        if is_known:
            return UsageError(
                f"THE HOST KEY OF {where} HAS CHANGED: it is {fingerprint} now. Somebody may listen in, or the gateway "
                f"has a new key: ask its operator, then remove the line of {where} from {known_hosts_file()}",
                code="host_key_changed",
            )
        if wanted in (_ACCEPT_NEW, fingerprint):
            return None
        if wanted:
            return UsageError(f"the host key of {where} is {fingerprint}, not {wanted}", code="host_key")
        return UsageError(
            f"the host key of {where} is not known: {fingerprint}. If that is right, say --host-key {fingerprint}",
            code="unknown_host_key",
        )


class _LinkSession(asyncssh.SSHClientSession[bytes]):
    """The link's channel: everything goes on to the stream."""

    def __init__(self, stream: LinkStream, on_end: Any) -> None:
        self._stream = stream
        self._on_end = on_end

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        """Take the channel."""
        self._connection = chan.get_connection()
        self._stream.connection_made(ChannelTransport(cast(Any, chan)))

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        """Pass on what the gateway says."""
        if datatype is None:
            self._stream.data_received(data)

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
    """Return the key pairs in ~/.ssh that need no passphrase, as ssh would take them."""
    found: list[Any] = []
    for name in ("id_ed25519", "id_ecdsa", "id_rsa", "id_ed25519_sk", "id_ecdsa_sk"):
        path = Path.home() / ".ssh" / name
        with contextlib.suppress(OSError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
            found += asyncssh.load_keypairs(str(path))
    return found


def _own_key() -> Path:
    """Return the file of pairterm's own key, made the first time."""
    path = state_dir() / _KEY_FILE
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
    """Return a key as its line in authorized_keys; of a certificate, what stands in its place."""
    data: bytes = pair.public_data
    kind = data[4 : 4 + int.from_bytes(data[:4], "big")].decode("ascii", "replace")
    return f"{kind} {base64.b64encode(data).decode()}"


def _no_key_text(where: str, client: _Client) -> str:
    if client.banner:
        return f"{where}: {client.banner}"
    return (
        f"{where} takes none of your keys: its operator has to add a line to authorized_hosts, for example: "
        f"{client.offered[0] if client.offered else '(you have no key)'}"
    )
