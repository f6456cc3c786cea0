"""The SSH options of every connection: algorithms, and the least that a terminal needs."""

from __future__ import annotations

import asyncssh

from pairterm import __version__
from pairterm.gateway.shared_state import GatewayState
from pairterm.gateway.ssh.login import GUEST_WINDOW_BYTES, LoginServer

__all__ = ["ENCRYPTION", "MACS", "ssh_options"]

_KEY_EXCHANGES = ["curve25519-sha256", "curve25519-sha256@libssh.org", "mlkem768x25519-sha256"]
"""curve25519-sha256 first: Debian 12's dropbear can't connect otherwise."""

ENCRYPTION = ["aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "aes256-ctr", "aes192-ctr", "aes128-ctr"]
"""No chacha20-poly1305: the client's order decides, and OpenSSH's begins with it. Here it costs 14 µs a packet, AES-GCM
costs 2 and AES-CTR with its MAC 4 (measured). `guest_connection` gives it to dropbear, which needs it."""

MACS = ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com"]
"""For AES-CTR. No UMAC: 8 µs a packet."""

_SIGNATURES = [
    "ssh-ed25519", "sk-ssh-ed25519@openssh.com", "ecdsa-sha2-nistp256", "sk-ecdsa-sha2-nistp256@openssh.com",
    "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512", "rsa-sha2-256",
]  # fmt: skip
"""What guests may sign with; the gateway's own key is ed25519. No ssh-rsa: it is SHA-1."""


def ssh_options(
    state: GatewayState, key: asyncssh.SSHKey, *, login_timeout_s: int
) -> asyncssh.SSHServerConnectionOptions:
    """Return the options of every connection. `key` is the gateway's host key."""
    return asyncssh.SSHServerConnectionOptions(
        server_factory=lambda: LoginServer(state),
        server_host_keys=[key],
        server_version=f"pairterm_{__version__}",
        login_timeout=login_timeout_s,
        keepalive_interval=0,  # TCP's keepalive does it: see `watch_for_death`
        kex_algs=_KEY_EXCHANGES,
        encryption_algs=ENCRYPTION,
        mac_algs=MACS,
        compression_algs=["none"],
        signature_algs=_SIGNATURES,
        line_editor=False,
        encoding=None,
        agent_forwarding=False,
        x11_forwarding=False,
        allow_pty=True,
        gss_host=None,
        window=GUEST_WINDOW_BYTES,
        password_auth=False,
        public_key_auth=True,
        kbdint_auth=True,
        host_based_auth=False,
    )
