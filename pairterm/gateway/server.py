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

if TYPE_CHECKING:
    from pairterm.gateway.directory import Directory, Registration

__all__ = ["Admission", "GuestServer", "ssh_options"]

logger = logging.getLogger(__name__)

NO_SESSION = "pairterm: no such session, or the link has ended"
"""The same for a link that never was, has ended or was revoked: nothing is told apart."""

_MAX_TRIES = 3
"""User names that one connection may try, where it may try more than one."""

_WINDOW_BYTES = 65_536
"""What a client may send ahead. People type; a paste comes in as many windows as it needs."""

_KEX = ["curve25519-sha256", "curve25519-sha256@libssh.org", "mlkem768x25519-sha256"]
"""curve25519-sha256 first: Debian 12's dropbear can't connect otherwise."""

_ENCRYPTION = ["aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "aes256-ctr", "aes192-ctr", "aes128-ctr"]
"""No chacha20-poly1305: the client's order decides, OpenSSH's begins with it, and here it costs 14 µs a packet
where AES-GCM costs 2 and AES-CTR with its MAC 4 (measured). No client that can only chacha20 is known."""

_MACS = ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256"]
"""For AES-CTR. No UMAC: 8 µs. The last one is dropbear's, which has no other way than it and chacha20."""


class Admission:
    """What all connections of a gateway share: its sessions, the count of bad tokens, the count of guests."""

    def __init__(self, directory: Directory, *, max_guests: int) -> None:
        self.directory = directory
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

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Take note of whence it comes."""
        self._connection = conn
        peer = conn.get_extra_info("peername")
        self._address = peer[0] if peer else "unknown"
        self._source = source_of(self._address)

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note that it is gone."""
        if self._channels:
            self._admission.guests -= 1

    def begin_auth(self, username: str) -> bool:
        """Let a token in at once; return True, or end the connection, for anything else.

        Synchronous, so that a thousand half-open logins hold no task.
        """
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

    def session_requested(self) -> tuple[TerminalChannel, GuestChannel]:
        """Open the connection's one channel."""
        if self._channels:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, "one terminal a connection")
        if self._admission.guests >= self._admission.max_guests:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, "the gateway is full, try again later")
        registration: Registration | None = self._admission.directory.find(self._token_hash)
        if registration is None:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, NO_SESSION)
        self._channels += 1
        self._admission.guests += 1
        channel = TerminalChannel(
            self._connection, asyncio.get_running_loop(), True, False, False, 0, 0, None, "strict", _WINDOW_BYTES, 32768
        )
        return channel, GuestChannel(registration, self._token_hash, self._address)


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
        keepalive_interval=0,  # TCP's keepalive does it: see `connection.watch_for_death`
        kex_algs=_KEX,
        encryption_algs=_ENCRYPTION,
        mac_algs=_MACS,
        compression_algs=["none"],
        signature_algs=["ssh-ed25519"],
        line_editor=False,
        encoding=None,
        agent_forwarding=False,
        x11_forwarding=False,
        allow_pty=True,
        gss_host=None,
        window=_WINDOW_BYTES,
        password_auth=False,
        public_key_auth=False,
        kbdint_auth=False,
        host_based_auth=False,
    )
