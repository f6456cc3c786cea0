"""The messages of a websocket: JSON in text frames. Binary frames are terminal output and keys. Pure."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from pairterm.link.messages.fields import MAX_COMMAND_CHARS

__all__ = [
    "MAX_MESSAGE_BYTES",
    "PROTOCOL",
    "Acknowledge",
    "BadMessageError",
    "CodeAcknowledge",
    "Pong",
    "Run",
    "Said",
    "SayHello",
    "SetSize",
    "TypeText",
    "WatchCode",
    "encoded",
    "read",
]

PROTOCOL = "pairterm.1"
"""The websocket's subprotocol."""

MAX_MESSAGE_BYTES = 65_536

MAX_TYPED_CHARS = 4096
"""The most characters of one input with a number. A page sends a longer one as a binary frame, and then its number."""

MAX_WATCHED = 4
"""The most files of editors that a page shows at once. It shows one."""

_Cells: TypeAlias = Annotated[int, Meta(ge=0, le=65_535)]
_Total: TypeAlias = Annotated[int, Meta(ge=0, le=2**53)]


class _Message(msgspec.Struct, frozen=True, tag_field="t"):
    """A message of the page."""


class SayHello(_Message, frozen=True, tag="hello"):
    """The first message: by which right the guest comes, and what their terminal is."""

    rows: _Cells
    cols: _Cells
    token: Annotated[str, Meta(max_length=200)] = ""
    code: Annotated[str, Meta(max_length=200)] = ""
    """A spoken code, in place of a token."""
    name: Annotated[str, Meta(max_length=200)] = ""
    ticket: Annotated[str, Meta(pattern=r"^([0-9a-f]{2}){0,32}$")] = ""
    """Of the `in` message before a loss: the guest is the same as before."""
    term: Annotated[str, Meta(max_length=64)] = "xterm-256color"
    status: bool = True
    """The terminal's last row is a status line."""

    @property
    def user(self) -> str:
        """The user name with which a guest of the same right logs in by ssh."""
        return self.token or "-".join(self.code.split())


class SetSize(_Message, frozen=True, tag="size"):
    """The terminal has another size."""

    rows: _Cells
    cols: _Cells


class Acknowledge(_Message, frozen=True, tag="ack"):
    """The terminal has shown so many bytes, of all that were ever sent to it."""

    bytes: _Total


class Run(_Message, frozen=True, tag="run"):
    """A command in words, as after the prefix and `:`."""

    line: Annotated[str, Meta(max_length=MAX_COMMAND_CHARS)]


class TypeText(_Message, frozen=True, tag="type"):
    """The guest typed, and the page wants to know when that has been echoed: `marked` answers. See `page_typing`."""

    text: Annotated[str, Meta(max_length=MAX_TYPED_CHARS)]
    serial: _Total
    """The page's number of this input."""


class Pong(_Message, frozen=True, tag="pong"):
    """The answer to a `ping` with this number."""

    n: _Total


class WatchCode(_Message, frozen=True, tag="watch_code"):
    """The page shows these files of editors, and no others."""

    documents: Annotated[list[_Total], Meta(max_length=MAX_WATCHED)]


class CodeAcknowledge(_Message, frozen=True, tag="code_ack"):
    """The page has taken this message about a file."""

    document: _Total
    serial: _Total


Said: TypeAlias = SayHello | SetSize | Acknowledge | Run | TypeText | Pong | WatchCode | CodeAcknowledge

_decoder = msgspec.json.Decoder(Said)
_encoder = msgspec.json.Encoder()


class BadMessageError(Exception):
    """The page sent something that it never sends. `code` is the websocket's (RFC 6455 §7.4.1)."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def read(text: str) -> Said:
    """Return a message of the page.

    Raises:
        BadMessageError: It is no JSON (1007), or no message (1008).
    """
    try:
        said: Said = _decoder.decode(text)
    except msgspec.ValidationError as error:
        raise BadMessageError(1008) from error
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        raise BadMessageError(1007) from error
    return said


def encoded(kind: str, **fields: object) -> bytes:
    """Return a message to the page."""
    return _encoder.encode({"t": kind, **fields})
