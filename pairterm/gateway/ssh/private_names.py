"""The names of asyncssh that are not public and that this package uses. They are checked at the start.

`guest_connection`, `request_limits` and `packet_ciphers` make asyncssh's connections fast and
bounded, and public names do not suffice for that. pyproject.toml limits asyncssh's version.
If a name is missing all the same, the gateway serves plain asyncssh connections: they are
slower, have no limit on packets, and can't `pairterm join`. A unit test checks that this
list is complete.
"""

from __future__ import annotations

import asyncio

import asyncssh
from asyncssh.encryption import get_encryption

__all__ = ["CHANNEL", "CIPHER", "CONNECTION", "Unconnected", "missing_names"]

CONNECTION = (
    "_auth_complete", "_channels", "_enc_algs", "_finish_recv_packet", "_force_close", "_inpbuf", "_kex_complete",
    "_loop", "_max_recv_pktlen", "_next_recv_encryption", "_packet_handlers", "_recv_blocksize", "_recv_encryption",
    "_recv_handler", "_recv_macsize", "_recv_pkthdr", "_recv_seq", "_rekey_bytes", "_rekey_bytes_sent",
    "_rekey_seconds", "_rekey_time", "_reset_keepalive_timer", "_send_blocksize", "_send_disconnect",
    "_send_enchdrlen", "_send_encryption", "_send_kexinit", "_send_seq", "_transport",
)  # fmt: skip
"""Of a connection, its overridden methods among them."""

CHANNEL = (
    "_conn", "_env", "_init_recv_window", "_packet_handlers", "_process_env_request", "_recv_chan", "_recv_paused",
    "_recv_state", "_recv_window", "_send_buf", "_send_chan", "_send_pktsize", "_send_state", "_send_window",
    "_session",
)  # fmt: skip
"""Of a session's channel."""

CIPHER = ("_cipher", "_iv", "_key")
"""Of AES-GCM: the cipher in asyncssh's cipher, and its key and nonce."""


class Unconnected(asyncssh.SSHServerConnection):
    """Has no transport, and takes a channel all the same: to look at what both are made of."""

    def add_channel(self, chan: asyncssh.SSHServerChannel[bytes]) -> int:  # type: ignore[override]  # one kind only
        """Give each the same number."""
        return 0


def missing_names(options: asyncssh.SSHServerConnectionOptions) -> list[str]:
    """Return which of these this version of asyncssh has not; needs a running loop.

    Many are set by constructors, so a connection and a channel are made, which serve nobody.
    """
    loop = asyncio.get_running_loop()
    connection = Unconnected(loop, asyncssh.SSHServerConnectionOptions(options=options, login_timeout=0), wait=None)
    channel = asyncssh.SSHServerChannel[bytes](connection, loop, True, False, False, 0, 0, None, "strict", 1, 1)
    found = [f"SSHServerConnection.{each}" for each in CONNECTION if not hasattr(connection, each)]
    found += [f"SSHServerChannel.{each}" for each in CHANNEL if not hasattr(channel, each)]
    outer, *of_inner = CIPHER
    cipher = getattr(get_encryption(b"aes256-gcm@openssh.com", bytes(32), bytes(12), b"", b"", False), outer, None)
    found += [f"GCMEncryption.{outer}.{each}" for each in of_inner if not hasattr(cipher, each)]
    return found
