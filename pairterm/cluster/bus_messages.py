"""The messages between the workers of one machine: what they announce, tell and ask.

Each worker connects to each other one, and says hello first. Each message is a msgpack array in a frame with a
length (`link.framing`). Each field has a bound, and an unknown or bad message ends that connection.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Struct

from pairterm.cluster.service_directory import GatewayName, SessionEntry
from pairterm.errors import PeerError
from pairterm.safe_text import safe_line

__all__ = [
    "MAX_BUS_MESSAGE_BYTES",
    "Announce",
    "Answer",
    "Ask",
    "Broadcast",
    "BusMessage",
    "GatewayHello",
    "NameLost",
    "Withdraw",
    "decode_bus_message",
    "encode_bus_message",
]

MAX_BUS_MESSAGE_BYTES = 128 << 10
"""An announcement has 256 hashes; a payload has 64 KiB."""

_Topic = Annotated[str, Meta(max_length=32)]
_Payload = Annotated[bytes, Meta(max_length=64 << 10)]
_Number = Annotated[int, Meta(ge=0, le=2**53)]


class _Message(Struct, frozen=True, array_like=True, tag_field="t"):
    """Base of these messages."""


class GatewayHello(_Message, frozen=True, tag="gateway-hello"):
    """The first message of a connection: which gateway this is, and what the connection is for."""

    gateway: GatewayName
    is_stream: bool = False
    """After this message the connection is a stream: a relay link."""


class Announce(_Message, frozen=True, tag="announce"):
    """The sender has this session."""

    entry: SessionEntry


class Withdraw(_Message, frozen=True, tag="withdraw"):
    """The sender has the session no more."""

    session_id: Annotated[bytes, Meta(min_length=16, max_length=16)]


class Broadcast(_Message, frozen=True, tag="broadcast"):
    """The sender tells all gateways."""

    topic: _Topic
    payload: _Payload


class Ask(_Message, frozen=True, tag="ask"):
    """The sender asks this gateway: `Answer` follows, on the connection in the other direction."""

    number: _Number
    topic: _Topic
    payload: _Payload


class Answer(_Message, frozen=True, tag="answer"):
    """The answer to `Ask`; None: there is none."""

    number: _Number
    payload: _Payload | None


class NameLost(_Message, frozen=True, tag="name-lost"):
    """A newer claim took a fixed name from a session of the receiver."""

    name: Annotated[str, Meta(max_length=64)]
    owner: Annotated[str, Meta(max_length=512)]
    instance: Annotated[bytes, Meta(max_length=16)]
    generation: _Number


BusMessage: TypeAlias = GatewayHello | Announce | Withdraw | Broadcast | Ask | Answer | NameLost

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[BusMessage] = msgspec.msgpack.Decoder(BusMessage)


def encode_bus_message(message: BusMessage) -> bytes:
    """Return the message as a payload, without its length."""
    return _encoder.encode(message)


def decode_bus_message(payload: bytes) -> BusMessage:
    """Return a message of another worker.

    Raises:
        PeerError: The payload is no such message, or breaks a bound.
    """
    try:
        return _decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PeerError(safe_line(f"bad message from a gateway: {error}"), code="bad_message") from error
