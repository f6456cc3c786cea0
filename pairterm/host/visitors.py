"""The visitor whom a link brings: what the host believes of a request to join, by who sends it.

A process on the local socket is the owner's own. A gateway may tell facts that it has
checked, such as an address, a key and the hash of a token, and nothing else.
"""

from __future__ import annotations

from pairterm.access.authorized_keys import fingerprint_of
from pairterm.access.ticket_hashes import ticket_hash
from pairterm.errors import PeerError, UsageError
from pairterm.link.messages import Join
from pairterm.session.people import Origin, clean_name
from pairterm.session.session_admission import Visitor
from pairterm.types import Role

__all__ = ["visitor_of"]

_MAX_LABEL_CHARS = 200
"""The longest address or certificate identity that is shown in a line."""


def visitor_of(message: Join, *, is_local: bool) -> Visitor:
    """Return the visitor of a request to join. From a gateway, only the facts that a gateway may tell are used.

    Raises:
        PeerError: The key is not a key.
    """
    name, address = clean_name(message.name), message.label[:_MAX_LABEL_CHARS]
    if is_local:
        role = Role.READ_ONLY if message.read_only else Role.OWNER
        origin = Origin(address=address, transport="local", term=message.term)
        return Visitor(origin=origin, name=name or clean_name(address), local_role=role)
    origin = Origin(
        address=address,
        transport=message.transport if message.transport in ("join", "web") else "ssh",
        key=message.key,
        fingerprint=_fingerprint(message.key),
        key_name=message.key_name[:_MAX_LABEL_CHARS],
        authority=message.authority,
        term=message.term,
        token_hash=message.token_hash or b"",
        owner_proof=message.owner_proof,
        ticket_hash=ticket_hash(message.ticket),
    )
    return Visitor(
        origin=origin,
        name=name,
        token_hash=message.token_hash,
        read_only=message.read_only,
        returns_only=message.returns_only,
    )


def _fingerprint(key: str) -> str:
    """Return the fingerprint of a key that a gateway has checked; "" for no key.

    Raises:
        PeerError: It is not a key.
    """
    if not key:
        return ""
    try:
        return fingerprint_of(key)
    except UsageError as error:
        raise PeerError(f"a bad key: {error.message}", code="bad_key") from error
