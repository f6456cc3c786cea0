"""A host's answers to the owner's commands, decoded without the code for all other messages.

`pairterm ls` and its like ask once and end, so the time to load matters to them. `codec` has all messages, and decodes
those that do not answer such a command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec

from pairterm.link.cleaning import cleaned
from pairterm.link.messages import Hello, SessionInfo, ShowText, ViewSettings
from pairterm.safe_text import safe_line, safe_lines

if TYPE_CHECKING:
    from pairterm.link.messages import HostMessage

__all__ = ["decode_answer"]

_Answer: TypeAlias = Hello | ViewSettings | SessionInfo | ShowText

_decoder: msgspec.msgpack.Decoder[_Answer] = msgspec.msgpack.Decoder(_Answer)


def decode_answer(payload: bytes) -> HostMessage:
    """Return a message of a host, as `codec.decode_host_message` does.

    Raises:
        PeerError: The payload is no such message, or breaks a bound.
    """
    try:
        message = _decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        from pairterm.link.codec import decode_host_message

        return decode_host_message(payload)
    cleaned(message, safe_lines if isinstance(message, ShowText) else safe_line)
    return message
