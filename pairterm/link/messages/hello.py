"""What both sides say of themselves: who they are, and that they live."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from pairterm.link.messages.fields import Message, Name

__all__ = ["PROTOCOL", "Hello", "Ping", "Pong"]

PROTOCOL = 1
"""Raised when a message changes its meaning; both sides must have the same."""


class Hello(Message, frozen=True, tag="hello"):
    """The first message each way: who speaks, and which protocol."""

    protocol: int
    software: Name
    side: Literal["host", "gateway", "client"]
    epoch_s: Annotated[int, Meta(ge=0, le=2**40)] = 0
    """What its clock says, of a gateway; 0: it does not."""


class Ping(Message, frozen=True, tag="ping"):
    """Asks for a `Pong`, to see whether the other side still lives."""


class Pong(Message, frozen=True, tag="pong"):
    """The answer to `Ping`."""
