"""The messages by which an owner puts a recording on their gateway's page, lists those there, and takes one back.

`pairterm share-recording` opens a host's link for it and says in its `Hello` that it is a *sharer*. Then it makes one
request. A recording follows in parts. The gateway acknowledges each part when it is written, and there is only one
under way. The owner draws the token. The gateway learns its SHA-256.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

from pairterm.link.messages import Hello, Ping, Pong, Refused
from pairterm.link.messages.fields import Count, Message, OneLine, PageUrl, TokenHash

__all__ = [
    "MAX_PART_BYTES",
    "MAX_SHARED",
    "GatewayMessage",
    "ListRecordings",
    "RecordingPart",
    "RecordingShared",
    "RecordingTaken",
    "RecordingWire",
    "RevokeRecording",
    "ShareRecording",
    "SharedRecordings",
    "SharerMessage",
]

MAX_PART_BYTES = 128 << 10
"""The size of a part. It is read, checked and written in about a millisecond."""

MAX_SHARED = 1000
"""The longest list of recordings. The shelf of a gateway holds no more of one owner."""

RecordingId: TypeAlias = Annotated[str, Meta(max_length=16, pattern=r"\A[0-9a-f]{12}\Z")]


class ShareRecording(Message, frozen=True, tag="share-recording"):
    """A recording follows, of this size, and whoever has the token may play it until it expires."""

    token_hash: TokenHash
    name: OneLine
    """What the owner calls it. Only they see this name."""
    size_bytes: Count
    keep_s: Count
    """For so many seconds from now."""


class RecordingPart(Message, frozen=True, tag="recording-part"):
    """The next bytes of the recording."""

    data: Annotated[bytes, Meta(min_length=1, max_length=MAX_PART_BYTES)]


class ListRecordings(Message, frozen=True, tag="list-recordings"):
    """Asks for the owner's recordings on this gateway."""


class RevokeRecording(Message, frozen=True, tag="revoke-recording"):
    """Deletes one of the owner's recordings. The answer is the list of the others."""

    id: RecordingId


class RecordingTaken(Message, frozen=True, tag="recording-taken"):
    """So many bytes are written: the next part may come."""

    size_bytes: Count


class RecordingShared(Message, frozen=True, tag="recording-shared"):
    """The recording is whole, and can be played."""

    id: RecordingId
    page: PageUrl
    """The gateway's page: a link is this, `play#`, and the token."""
    expires_s: Count
    """When it is deleted, on the gateway's clock."""


class RecordingWire(Message, frozen=True, tag="recording"):
    """One recording in a list."""

    id: RecordingId
    name: OneLine
    size_bytes: Count
    expires_s: Count


class SharedRecordings(Message, frozen=True, tag="shared-recordings"):
    """The owner's recordings on this gateway, the one that expires first before the others."""

    recordings: Annotated[list[RecordingWire], Meta(max_length=MAX_SHARED)]


SharerMessage: TypeAlias = Hello | Ping | Pong | ShareRecording | RecordingPart | ListRecordings | RevokeRecording
"""The messages that a sharer sends."""

GatewayMessage: TypeAlias = Hello | Ping | Pong | RecordingTaken | RecordingShared | SharedRecordings | Refused
"""The messages that its gateway sends."""
