"""The messages between a host and its recorder. They go over the local socket only.

A recorder is a client that nobody sees: it has no name, no place and no vote on sizes. It
gets what a guest gets who only watches, and `RecordEvent` besides.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from pairterm.link.messages.fields import Client, LongText, Message, Name, OneLine

__all__ = ["MAX_TYPED_BYTES", "Record", "RecordEvent", "RecorderNews"]

MAX_TYPED_BYTES = 65_536
"""The longest input in one event."""


class Record(Message, frozen=True, tag="record"):
    """A recorder begins to watch."""

    client: Client
    number: int = 0
    """The number that the host gave it at its start. The host stops a recorder of another number."""


class RecordEvent(Message, frozen=True, tag="record-event"):
    """Something happened that belongs into the recording, or the owner commands the recorder."""

    kind: Literal["typed", "typed-text", "keyboard", "chat", "hold", "go-on", "stop"]
    """`hold` to `go-on`: the owner pauses the recording. Nothing of this time is in the file."""
    name: Name = ""
    """The person."""
    text: LongText = ""
    """Their message in the chat."""
    typed: Annotated[bytes, Meta(max_length=MAX_TYPED_BYTES)] = b""
    """The input that they typed, with its control characters."""


class RecorderNews(Message, frozen=True, tag="recorder-news"):
    """How the recording goes. With "failed" it goes on in a next file as soon as it can."""

    state: Literal["recording", "failed", "ended"]
    text: OneLine
    """The file, or what failed."""
