"""What both sides say of themselves: who they are, and that they live."""

from __future__ import annotations

from typing import Literal

from pairterm.link.messages.fields import Message, Name

__all__ = ["PROTOCOL", "Hello", "Ping", "Pong"]

PROTOCOL = 1
"""Raised when a message changes its meaning; both sides must have the same."""


class Hello(Message, frozen=True, tag="hello"):
    """The first message each way: who speaks, and which protocol."""

    protocol: int
    software: Name
    side: Literal["host", "gateway", "client"]


class Ping(Message, frozen=True, tag="ping"):
    """Asks for a `Pong`, to see whether the other side still lives."""


class Pong(Message, frozen=True, tag="pong"):
    """The answer to `Ping`."""
