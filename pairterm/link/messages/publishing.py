"""The messages about pair-ls, which publishes an editor's files at a gateway.

A gateway passes what pair-ls says to the host as it came, in pieces. The host decides: by the invitation, and
about each file. So a gateway reads no stranger's texts. The host acknowledges what it has taken, and a gateway sends
`PUBLISH_WINDOW_BYTES` before it waits for that.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from pairterm.link.messages.fields import Client, Count, Message, OneLine, TokenHash

__all__ = [
    "PUBLISH_PIECE_BYTES",
    "PUBLISH_WINDOW_BYTES",
    "Publish",
    "PublishEnd",
    "PublishOver",
    "PublishTaken",
    "PublishedText",
]

PUBLISH_PIECE_BYTES = 32_768

PUBLISH_WINDOW_BYTES = 4 * PUBLISH_PIECE_BYTES


class Publish(Message, frozen=True, tag="publish"):
    """A publisher wants to begin. The gateway has checked the token."""

    publisher: Client
    """The gateway's number of it."""
    token_hash: TokenHash
    address: OneLine


class PublishedText(Message, frozen=True, tag="published"):
    """The next piece of what a publisher says."""

    publisher: Client
    data: Annotated[bytes, Meta(min_length=1, max_length=PUBLISH_PIECE_BYTES)]


class PublishEnd(Message, frozen=True, tag="publish-end"):
    """A publisher is gone."""

    publisher: Client


class PublishTaken(Message, frozen=True, tag="publish-taken"):
    """The host has taken so much of what a publisher said."""

    publisher: Client
    taken_bytes: Count
    """In all, from the beginning. 0: the publisher may begin."""


class PublishOver(Message, frozen=True, tag="publish-over"):
    """The host takes nothing more of a publisher: it was refused, or has ended."""

    publisher: Client
    text: OneLine
    """The reason, for the publisher's log."""
