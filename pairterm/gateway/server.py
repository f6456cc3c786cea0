"""One SSH connection: who may come in by which user name, and what it may open. One terminal, nothing else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import asyncssh

from pairterm import __version__
from pairterm.access.penalties import SourcePenalties, source_of
from pairterm.access.tokens import token_hash
from pairterm.gateway.channel import GuestChannel, TerminalChannel
from pairterm.gateway.hostchannel import HostChannel
from pairterm.gateway.hosted import HostOwner
from pairterm.sshlink import HOST_USER, LINK_WINDOW_BYTES

if TYPE_CHECKING:
    from pairterm.gateway.directory import Directory
    from pairterm.gateway.hosted import HostedSession
    from pairterm.gateway.hostlink import HostLink
    from pairterm.gateway.hosts import HostAdmission, HostKeys

__all__ = ["Admission", "GuestServer", "ssh_options"]

logger = logging.getLogger(__name__)

NO_HOSTS = "pairterm: this gateway takes no sessions from other machines"

NO_SESSION = "pairterm: no such session, or the link has ended"
"""The same for a link that never was, has ended or was revoked: nothing is told apart."""

_MAX_TRIES = 3
"""User names that one connection may try, where it may try more than one."""

_WINDOW_BYTES = 65_536
"""What a client may send ahead. People type; a paste comes in as many windows as it needs."""

_KEX = ["curve25519-sha256", "curve25519-sha256@libssh.org", "mlkem768x25519-sha256"]
"""curve25519-sha256 first: Debian 12's dropbear can't connect otherwise."""

_ENCRYPTION = [
    "aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "chacha20-poly1305@openssh.com",
    "aes256-ctr", "aes192-ctr", "aes128-ctr",
]  # fmt: skip
"""AES-GCM first: half the CPU of chacha20 a painted frame."""

_MACS = ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "umac-128-etm@openssh.com"]


_SIGNATURES = [
    "ssh-ed25519", "sk-ssh-ed25519@openssh.com", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
    "sk-ecdsa-sha2-nistp256@openssh.com", "rsa-sha2-512", "rsa-sha2-256",
]  # fmt: skip
"""What a host's key may sign with: all but SHA-1 and DSA."""


class Admission:
    """What all connections of a gateway share: its sessions, the count of bad tokens, the count of guests."""

    def __init__(
        self,
        directory: Directory,
        *,
        max_guests: int,
        hosts: HostAdmission,
        new_host_link: Callable[[HostOwner], HostLink],
    ) -> None:
        self.directory = directory
        self.hosts = hosts
        self.new_host_link = new_host_link
        self.penalties = SourcePenalties()
        self.max_guests = max_guests
        self.guests = 0


class GuestServer(asyncssh.SSHServer):
    """One connection's doorkeeper."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._token_hash = b""
        self._tries = 0
        self._channels = 0
        self._source = ""
        self._host_keys: HostKeys | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Take note of whence it comes."""
        self._connection = conn
        peer = conn.get_extra_info("peername")
        self._address = peer[0] if peer else "unknown"
        self._source = source_of(self._address)

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note that it is gone."""
        if self._channels and self._host_keys is None:
            self._admission.guests -= 1

    def begin_auth(self, username: str) -> bool:
        """Let a token in at once; return True, or end the connection, for anything else.

        Synchronous, so that a thousand half-open logins hold no task.
        """
        if username == HOST_USER and self._host_keys is None:
            return self._begin_host()
        presented = token_hash(username)
        if self._admission.directory.find(presented) is not None:
            self._token_hash = presented
            return False
        self._admission.penalties.add(self._source, asyncio.get_running_loop().time())
        logger.info("bad token from %s", self._address)
        # The banner is what PuTTY and dropbear show; OpenSSH shows the reason of the disconnect as
        # well, also where its log level hides banners.
        self._connection.send_auth_banner(NO_SESSION + "\r\n")
        self._tries += 1
        if self._tries < _MAX_TRIES and "dropbear" in self._connection.get_extra_info("client_version", ""):
            return True  # dropbear takes a disconnect for a good end and would exit with 0.
        raise asyncssh.DisconnectError(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, NO_SESSION)

    def _begin_host(self) -> bool:
        """Ask a host for its key; a gateway that takes none ends the connection and says so."""
        if not self._admission.hosts.takes_remote:
            self._connection.send_auth_banner(NO_HOSTS + "\r\n")
            raise asyncssh.DisconnectError(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, NO_HOSTS)
        self._host_keys = self._admission.hosts.keys()
        self._connection.set_authorized_keys(self._host_keys)
        return True

    def public_key_auth_supported(self) -> bool:
        """Take keys of hosts only; a guest's is never looked at."""
        return self._host_keys is not None

    def session_requested(self) -> tuple[TerminalChannel, GuestChannel | HostChannel]:
        """Open the connection's one channel."""
        if self._channels:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, "one terminal a connection")
        if self._host_keys is not None:
            return self._host_channel(self._host_keys)
        if self._admission.guests >= self._admission.max_guests:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, "the gateway is full, try again later")
        session: HostedSession | None = self._admission.directory.find(self._token_hash)
        if session is None:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, NO_SESSION)
        self._channels += 1
        self._admission.guests += 1
        return self._channel(_WINDOW_BYTES), GuestChannel(session, self._token_hash, self._address)

    def _host_channel(self, keys: HostKeys) -> tuple[TerminalChannel, HostChannel]:
        """Open a host's channel, which carries its link."""
        owner = keys.owner
        if owner is None:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "no key")
        self._channels += 1
        return self._channel(LINK_WINDOW_BYTES), HostChannel(lambda: self._admission.new_host_link(owner))

    def _channel(self, window_bytes: int) -> TerminalChannel:
        loop = asyncio.get_running_loop()
        return TerminalChannel(self._connection, loop, True, False, False, 0, 0, None, "strict", window_bytes, 32768)


def ssh_options(
    admission: Admission, key: asyncssh.SSHKey, *, login_timeout_s: int
) -> asyncssh.SSHServerConnectionOptions:
    """Return the options of every connection: the least that a terminal needs."""
    factory: Callable[[], GuestServer] = lambda: GuestServer(admission)  # noqa: E731
    return asyncssh.SSHServerConnectionOptions(
        server_factory=factory,
        server_host_keys=[key],
        server_version=f"pairterm_{__version__}",
        login_timeout=login_timeout_s,
        keepalive_interval=15,
        keepalive_count_max=3,
        kex_algs=_KEX,
        encryption_algs=_ENCRYPTION,
        mac_algs=_MACS,
        compression_algs=["none"],
        signature_algs=_SIGNATURES,
        line_editor=False,
        encoding=None,
        agent_forwarding=False,
        x11_forwarding=False,
        allow_pty=True,
        gss_host=None,
        window=_WINDOW_BYTES,
        password_auth=False,
        public_key_auth=True,
        kbdint_auth=False,
        host_based_auth=False,
    )
