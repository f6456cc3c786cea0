"""Link messages as bytes, and back. Sans-I/O. `framing` adds the lengths.

Law 7: a link message survives encode → decode; a truncated, oversized or unknown
one ends that link with an error, and nothing else.

Text from the other side is cleaned here, in every field of every message, before any
other code sees it (see `pairterm.safe_text`). A message with unsafe text does not end a
link, because a gateway passes on texts that its guests wrote. The cells of screens
are checked where they are decoded (`link.row_wire`). The lines of documents are not cleaned: a
copy of a document has to equal the original, and the view makes it harmless.
"""

from __future__ import annotations

from typing import TypeAlias, TypeVar, cast

import msgspec

from pairterm.errors import PeerError
from pairterm.link.cleaning import cleaned
from pairterm.link.gateway_relay import HomeMessage, LandingMessage
from pairterm.link.messages import (
    Ack,
    Captured,
    DocumentUpdate,
    Echo,
    FetchHistory,
    History,
    HostMessage,
    Input,
    Join,
    MarkInput,
    Resize,
    RunCommand,
    ScreenUpdate,
    ShowText,
    ViewerMessage,
)
from pairterm.link.relay import SELF, GuestMessage, RelayedMessage
from pairterm.link.shared_recordings import GatewayMessage, RecordingPart, SharerMessage
from pairterm.safe_text import safe_line, safe_lines

__all__ = [
    "LinkMessage",
    "decode_guest_message",
    "decode_home_message",
    "decode_host_message",
    "decode_keeper_message",
    "decode_landing_message",
    "decode_relayed_message",
    "decode_sharer_message",
    "decode_viewer_message",
    "encode",
]

LinkMessage: TypeAlias = (
    ViewerMessage | HostMessage | RelayedMessage | SharerMessage | GatewayMessage | LandingMessage | HomeMessage
)
"""All messages of all links."""

_encoder = msgspec.msgpack.Encoder()
_viewer_decoder: msgspec.msgpack.Decoder[ViewerMessage] = msgspec.msgpack.Decoder(ViewerMessage)
_host_decoder: msgspec.msgpack.Decoder[HostMessage] = msgspec.msgpack.Decoder(HostMessage)
_guest_decoder: msgspec.msgpack.Decoder[GuestMessage] = msgspec.msgpack.Decoder(GuestMessage)
_relayed_decoder: msgspec.msgpack.Decoder[RelayedMessage] = msgspec.msgpack.Decoder(RelayedMessage)
_sharer_decoder: msgspec.msgpack.Decoder[SharerMessage] = msgspec.msgpack.Decoder(SharerMessage)
_landing_decoder: msgspec.msgpack.Decoder[LandingMessage] = msgspec.msgpack.Decoder(LandingMessage)
_home_decoder: msgspec.msgpack.Decoder[HomeMessage] = msgspec.msgpack.Decoder(HomeMessage)
_keeper_decoder: msgspec.msgpack.Decoder[GatewayMessage] = msgspec.msgpack.Decoder(GatewayMessage)

_PASSED_ON: frozenset[type] = frozenset(
    {ScreenUpdate, Echo, History, Captured, Input, Ack, DocumentUpdate, RecordingPart}
)
"""Messages that are not cleaned here. `link.row_wire` and `link.echo` refuse screens with unsafe text: no screen has
any, so their sender lies. The text of a document stays as the editor has it, and the view makes it harmless. The others
contain no text, and they are frequent."""

_PAGES: frozenset[type] = frozenset({ShowText, RunCommand})
"""Messages whose texts have several lines: a page, or code for the chat."""

_Decoded = TypeVar("_Decoded")

_UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def encode(message: LinkMessage) -> bytes:
    """Return the message as a payload, without its length (see `framing`)."""
    return _encoder.encode(message)


def decode_viewer_message(payload: bytes) -> ViewerMessage:
    """Return a message of a gateway or an attached terminal.

    Raises:
        PeerError: The payload is no such message, or breaks a bound.
    """
    try:  # as `_decoded`, without a call in between: each key is such a message
        message = _viewer_decoder.decode(payload)
    except _UNDECODABLE as error:
        raise _bad_message("the viewer's side", error) from error
    return message if type(message) in _PASSED_ON else _cleaned_message(message)


def decode_host_message(payload: bytes) -> HostMessage:
    """Return a message of a host.

    Raises:
        PeerError: The payload is no such message, or breaks a bound.
    """
    try:  # as `_decoded`: each echo of a key is such a message
        message = _host_decoder.decode(payload)
    except _UNDECODABLE as error:
        raise _bad_message("the host", error) from error
    return message if type(message) in _PASSED_ON else _cleaned_message(message)


def decode_guest_message(payload: bytes) -> GuestMessage:
    """Return a message of a joined terminal.

    Raises:
        PeerError: The payload is no such message, breaks a bound, or is about another client.
    """
    message = _decoded(_guest_decoder, payload, "a joined terminal")
    if isinstance(message, Join | Resize | Input | MarkInput | FetchHistory | RunCommand) and message.client != SELF:
        raise PeerError("a joined terminal may send messages about itself only", code="bad_message")
    return message


def decode_relayed_message(payload: bytes) -> RelayedMessage:
    """Return a message of a gateway to a joined terminal.

    Raises:
        PeerError: The payload is no such message, or breaks a bound.
    """
    return _decoded(_relayed_decoder, payload, "the gateway")


def decode_sharer_message(payload: bytes) -> SharerMessage:
    """Return a message of an owner who shares recordings.

    Raises:
        PeerError: The payload is no such message, or breaks a bound.
    """
    return _decoded(_sharer_decoder, payload, "the sharer of a recording")


def decode_keeper_message(payload: bytes) -> GatewayMessage:
    """Return a message of a gateway to an owner who shares recordings.

    Raises:
        PeerError: The payload is no such message, or breaks a bound.
    """
    return _decoded(_keeper_decoder, payload, "the gateway")


def decode_landing_message(payload: bytes) -> LandingMessage:
    """Return a message of a gateway where guests of a session of ours are.

    Raises:
        PeerError: The payload is no such message, or breaks a bound.
    """
    return _decoded(_landing_decoder, payload, "a landing gateway")


def decode_home_message(payload: bytes) -> HomeMessage:
    """Return a message of the gateway that has a session of our guests.

    Raises:
        PeerError: The payload is no such message, or breaks a bound.
    """
    return _decoded(_home_decoder, payload, "a session's gateway")


def _decoded(decoder: msgspec.msgpack.Decoder[_Decoded], payload: bytes, speaker: str) -> _Decoded:
    try:
        message = decoder.decode(payload)
    except _UNDECODABLE as error:
        raise _bad_message(speaker, error) from error
    return message if type(message) in _PASSED_ON else _cleaned_message(message)


def _bad_message(speaker: str, error: Exception) -> PeerError:
    return PeerError(safe_line(f"bad message from {speaker}: {error}"), code="bad_message")


def _cleaned_message(message: _Decoded) -> _Decoded:
    return cast(_Decoded, cleaned(message, safe_lines if type(message) in _PAGES else safe_line))
