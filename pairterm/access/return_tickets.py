"""Return tickets: what a guest presents to come back as the person that it was.

A host draws one for each guest that it lets in. Everything else that a guest shows can
be another's too: the link, the address, the absence of a key. A ticket is known to its
guest, to the gateway that keeps it for them, and to nobody else. The host keeps its
SHA-256 only and looks it up by that, so the time of a search tells nothing.
"""

from __future__ import annotations

import hashlib
import secrets

__all__ = ["TICKET_BYTES", "draw_ticket", "ticket_hash"]

TICKET_BYTES = 16
"""128 random bits: not to be guessed."""


def draw_ticket() -> bytes:
    """Draw a ticket from the system's random source."""
    return secrets.token_bytes(TICKET_BYTES)


def ticket_hash(ticket: bytes) -> bytes:
    """Return the SHA-256 of a ticket; b"" for none."""
    return hashlib.sha256(ticket).digest() if ticket else b""
