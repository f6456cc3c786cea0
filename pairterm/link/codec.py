"""Link messages as bytes and back. Sans-I/O; `framing` puts the lengths between them.

Law 7: a link message survives encode → decode; a truncated, oversized or unknown
one ends that link with an error, and nothing else.
"""

from __future__ import annotations

import msgspec

from pairterm.errors import PeerError
from pairterm.link.messages import PROTOCOL, Hello, HostMessage, ViewerMessage

__all__ = ["check_protocol", "decode_host_message", "decode_viewer_message", "encode"]

_encoder = msgspec.msgpack.Encoder()
_viewer_decoder = msgspec.msgpack.Decoder(ViewerMessage)
_host_decoder = msgspec.msgpack.Decoder(HostMessage)


def encode(message: ViewerMessage | HostMessage) -> bytes:
    """Return the message's payload, without the frame's length (see `framing`)."""
    return _encoder.encode(message)


def decode_viewer_message(payload: bytes) -> ViewerMessage:
    """Return what a gateway or an attached terminal said.

    Raises:
        PeerError: The payload is no such message, or breaks a bound.
    """
    try:
        message: ViewerMessage = _viewer_decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PeerError(f"bad message from the viewer's side: {error}", code="bad_message") from error
    return message


def decode_host_message(payload: bytes) -> HostMessage:
    """Return what a host said.

    Raises:
        PeerError: The payload is no such message, or breaks a bound.
    """
    try:
        message: HostMessage = _host_decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PeerError(f"bad message from the host: {error}", code="bad_message") from error
    return message


def check_protocol(message: ViewerMessage | HostMessage, *, ours: str) -> Hello:
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
