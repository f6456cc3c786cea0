"""Return tickets: a guest presents one to come back as the same person.

A host draws one for each guest that it lets in. Everything else about a guest can be
true for another guest too: the link, the address, the absence of a key. Only the guest
knows a ticket, and the gateway that keeps it for them. The host keeps its SHA-256 and
looks it up by that, so the time of a search tells nothing.
"""

from __future__ import annotations

import hashlib
import secrets

__all__ = ["TICKET_BYTES", "draw_ticket", "ticket_hash"]

TICKET_BYTES = 16
"""128 random bits: nobody can guess them."""


def draw_ticket() -> bytes:
    """Draw a ticket from the system's random source."""
    return secrets.token_bytes(TICKET_BYTES)


def ticket_hash(ticket: bytes) -> bytes:
    """Return the SHA-256 of a ticket; b"" for none."""
    return hashlib.sha256(ticket).digest() if ticket else b""
