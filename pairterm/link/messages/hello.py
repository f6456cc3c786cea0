"""The messages that both sides send: which side they are, and that they are alive. The protocol is checked here."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from pairterm.errors import PeerError
from pairterm.link.messages.fields import Message, Name

__all__ = ["PROTOCOL", "Hello", "Ping", "Pong", "check_protocol"]

PROTOCOL = 4
"""The protocol number. It grows when a message changes its meaning. Both sides need the same number."""


class Hello(Message, frozen=True, tag="hello"):
    """The first message each way: the side that sends it, and its protocol."""

    protocol: int
    software: Name
    side: Literal["host", "gateway", "client", "sharer"]
    epoch_s: Annotated[int, Meta(ge=0, le=2**40)] = 0
    """The time on a gateway's clock. 0: not given."""


class Ping(Message, frozen=True, tag="ping"):
    """Asks for a `Pong`, to see whether the other side is still alive."""


class Pong(Message, frozen=True, tag="pong"):
    """The answer to `Ping`."""


def check_protocol(message: Message, *, ours: str) -> Hello:
    """Return the first message of a peer if it is a `Hello` of our protocol. `ours` is our version.

    Raises:
        PeerError: It is another message, or another protocol.
    """
    if not isinstance(message, Hello):
        raise PeerError("the other side did not say hello first", code="no_hello")
    if message.protocol != PROTOCOL:
        raise PeerError(
            f"the other side is pairterm {message.software} (link protocol {message.protocol}), "
            f"this is {ours} (link protocol {PROTOCOL}): use the same version on both sides",
            code="protocol_mismatch",
        )
    return message
