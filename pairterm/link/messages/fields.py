"""The base of all messages, and the types of their fields. Each type has a bound.

Bounds and patterns are checked when a message is decoded. Messages that we send keep
them by construction. Texts of every type are cleaned at the same moment (`link.codec`).
Sizes are in cells, and times in seconds since the epoch.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from pairterm.safe_text import HOST_FORM, PAGE_URL_FORM, PUBLIC_KEY_FORM
from pairterm.types import MAX_COLS, MAX_ROWS

__all__ = [
    "MAX_COMMAND_CHARS",
    "MAX_KEY_CHARS",
    "MAX_TEXT_CHARS",
    "Client",
    "Cols",
    "CommandText",
    "Count",
    "Fingerprint",
    "Host",
    "KeyLine",
    "LongText",
    "Message",
    "Name",
    "Number",
    "OneLine",
    "Pane",
    "Port",
    "Proof",
    "PublicKey",
    "RoleName",
    "Rows",
    "Ticket",
    "Title",
    "TokenHash",
    "UserName",
    "WindowNumber",
]

MAX_COMMAND_CHARS = 4096
"""The length of a command. The longest is a message in the chat."""

MAX_TEXT_CHARS = 65_536
"""The length of a text that a client sees: a page of the chat, or a list of a thousand people."""

MAX_KEY_CHARS = 4200
"""The length of a public key in one line, with the principals of an authority."""

Rows: TypeAlias = Annotated[int, Meta(ge=1, le=MAX_ROWS)]
Cols: TypeAlias = Annotated[int, Meta(ge=1, le=MAX_COLS)]
Client: TypeAlias = Annotated[int, Meta(ge=0, le=2**31)]
WindowNumber: TypeAlias = Annotated[int, Meta(ge=0, le=2**31)]
Pane: TypeAlias = Annotated[int, Meta(ge=0, le=2**31)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**53)]
Number: TypeAlias = Annotated[int, Meta(ge=-(2**53), le=2**53)]
Port: TypeAlias = Annotated[int, Meta(ge=1, le=65535)]
OneLine: TypeAlias = Annotated[str, Meta(max_length=512)]
Name: TypeAlias = Annotated[str, Meta(max_length=64)]
Title: TypeAlias = Annotated[str, Meta(max_length=1024)]
CommandText: TypeAlias = Annotated[str, Meta(max_length=MAX_COMMAND_CHARS)]
LongText: TypeAlias = Annotated[str, Meta(max_length=MAX_TEXT_CHARS)]
KeyLine: TypeAlias = Annotated[str, Meta(max_length=MAX_KEY_CHARS)]
Host: TypeAlias = Annotated[str, Meta(max_length=255, pattern=HOST_FORM)]
PageUrl: TypeAlias = Annotated[str, Meta(max_length=512, pattern=PAGE_URL_FORM)]
PublicKey: TypeAlias = Annotated[str, Meta(max_length=MAX_KEY_CHARS, pattern=PUBLIC_KEY_FORM)]
Fingerprint: TypeAlias = Annotated[str, Meta(max_length=64, pattern=r"\ASHA256:[0-9A-Za-z+/]{43}\Z")]
UserName: TypeAlias = Annotated[str, Meta(max_length=128, pattern=r"\A(?:[0-9A-Za-z_][0-9A-Za-z_./-]*)?\Z")]
"""A name that `ssh NAME@host` accepts, or "". People paste it into a shell."""
TokenHash: TypeAlias = Annotated[bytes, Meta(min_length=32, max_length=32)]
Ticket: TypeAlias = Annotated[bytes, Meta(max_length=32)]
Proof: TypeAlias = Annotated[bytes, Meta(max_length=32)]
RoleName: TypeAlias = Literal["owner", "rw", "ro"]


class Message(Struct, frozen=True, array_like=True, tag_field="t"):
    """Base of all messages."""
