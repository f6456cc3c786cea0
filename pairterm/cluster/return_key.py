"""Two values bring a gateway back to a session whose host has moved: its return key, and the session's mark. Pure.

A guest who is in has proved their right once. When the host moves, they often can't prove it again: a spoken code and a
link for one use are spent. Their return ticket says who they are, to the host. But their gateway must not show it
to a gateway that only claims to have the session, and the next home must not believe everybody who asks.

So a home gives each gateway that has opened the session a *return key*, which follows from the session's seal
(`access.tokens`) and from that gateway's name. The host shows its seal to each home. So the next home can make
the same key, and both prove that they have it (`cluster.relay_proof`). A return key lets in nobody: it
lets a gateway ask for guests with a ticket, and the host decides by the ticket.

The *mark* follows from the seal too, and is public: by it the announcements of one session are known as such.
"""

from __future__ import annotations

import hmac

__all__ = ["RETURN_KEY_BYTES", "return_key", "session_mark"]

RETURN_KEY_BYTES = 32


def return_key(seal: bytes, landing: str) -> bytes:
    """Return the key of a landing gateway for the session with this seal."""
    return hmac.digest(seal, b"pairterm return\0" + landing.encode(), "sha256")


def session_mark(seal: bytes) -> bytes:
    """Return what is announced of a session at each of its homes, 32 bytes. It opens nothing."""
    return hmac.digest(seal, b"pairterm: the mark of a session", "sha256")
