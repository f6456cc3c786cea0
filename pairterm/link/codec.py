"""Link messages as bytes and back. Sans-I/O; `framing` puts the lengths between them.

Law 7: a link message survives encode → decode; a truncated, oversized or unknown
one ends that link with an error, and nothing else.

Text of the other side is cleaned here, in every field of every message, before
anything else looks at it: see `pairterm.text`. A message with unsafe text is no
reason to drop a link: a gateway passes on what its guests say of themselves.
The cells of pictures are looked at where they are taken in (`screens`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, TypeVar, cast

import msgspec

from pairterm.errors import PeerError
from pairterm.link.messages import (
    PROTOCOL,
    Ack,
    FetchHistory,
    Hello,
    History,
    HostMessage,
    Input,
    Join,
    Resize,
    Say,
    ScreenUpdate,
    Told,
    ViewerMessage,
)
from pairterm.link.relay import SELF, GuestMessage, RelayedMessage
from pairterm.text import safe_line, safe_lines

__all__ = [
    "LinkMessage",
    "check_protocol",
    "decode_guest_message",
    "decode_host_message",
    "decode_relayed_message",
    "decode_viewer_message",
    "encode",
]

LinkMessage: TypeAlias = ViewerMessage | HostMessage | RelayedMessage
"""What travels on any link."""

_encoder = msgspec.msgpack.Encoder()
_viewer_decoder: msgspec.msgpack.Decoder[ViewerMessage] = msgspec.msgpack.Decoder(ViewerMessage)
_host_decoder: msgspec.msgpack.Decoder[HostMessage] = msgspec.msgpack.Decoder(HostMessage)
_guest_decoder: msgspec.msgpack.Decoder[GuestMessage] = msgspec.msgpack.Decoder(GuestMessage)
_relayed_decoder: msgspec.msgpack.Decoder[RelayedMessage] = msgspec.msgpack.Decoder(RelayedMessage)

_PASSED_ON: frozenset[type] = frozenset({ScreenUpdate, History, Input, Ack})
"""Messages that are not cleaned. Pictures are refused by `link.screens` if they hold unsafe text: no screen does, so
their sender lies. The others hold no text, and come with every key."""

_PAGES: frozenset[type] = frozenset({Told, Say})
"""Their texts have lines: a page, a snippet for the chat."""

_Said = TypeVar("_Said")


def encode(message: LinkMessage) -> bytes:
    """Return the message's payload, without the frame's length (see `framing`)."""
    return _encoder.encode(message)


def decode_viewer_message(payload: bytes) -> ViewerMessage:
    """Return what a gateway or an attached terminal said.

    Raises:
        PeerError: The payload is no such message, or breaks a bound.
    """
    return _decoded(_viewer_decoder, payload, "the viewer's side")


def decode_host_message(payload: bytes) -> HostMessage:
    """Return what a host said.

    Raises:
        PeerError: The payload is no such message, or breaks a bound.
    """
    return _decoded(_host_decoder, payload, "the host")


def decode_guest_message(payload: bytes) -> GuestMessage:
    """Return what a joined terminal said.

    Raises:
        PeerError: The payload is no such message, breaks a bound, or speaks for another client.
    """
    message = _decoded(_guest_decoder, payload, "a joined terminal")
    if isinstance(message, Join | Resize | Input | FetchHistory | Say) and message.client != SELF:
        raise PeerError("a joined terminal speaks for itself only", code="bad_message")
    return message


def decode_relayed_message(payload: bytes) -> RelayedMessage:
    """Return what a gateway said to a joined terminal.

    Raises:
        PeerError: The payload is no such message, or breaks a bound.
    """
    return _decoded(_relayed_decoder, payload, "the gateway")


def _decoded(decoder: msgspec.msgpack.Decoder[_Said], payload: bytes, speaker: str) -> _Said:
    try:
        message = decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PeerError(safe_line(f"bad message from {speaker}: {error}"), code="bad_message") from error
    if type(message) in _PASSED_ON:
        return message
    return cast(_Said, _cleaned(message, safe_lines if type(message) in _PAGES else safe_line))


def _cleaned(value: object, clean: Callable[[str], str]) -> object:
    """Return a part of a decoded message with its texts cleaned. A struct, which nobody else has yet, is the same."""
    match value:
        case str():
            return clean(value)
        case list():
            return [_cleaned(each, clean) for each in value]
        case tuple():
            return tuple([_cleaned(each, clean) for each in value])
        case dict():
            return {_cleaned(key, clean): _cleaned(each, clean) for key, each in value.items()}
        case msgspec.Struct():
            for name in value.__struct_fields__:
                held = getattr(value, name)
                if (found := _cleaned(held, clean)) is not held:
                    msgspec.structs.force_setattr(value, name, found)
    return value


def check_protocol(message: LinkMessage, *, ours: str) -> Hello:
    """Return the first message of a peer if it is a `Hello` of our protocol; `ours` is our version.

    Raises:
        PeerError: It is something else, or speaks another protocol.
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
