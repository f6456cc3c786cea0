"""What messages are made of: their base, and the types of their fields, each with its bound.

A bound or a form holds when a message is decoded; ours are within them by construction.
Texts are cleaned then as well (`link.codec`), whatever their type here.
Sizes are cells, times seconds since the epoch.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from pairterm.text import HOST_FORM, PUBLIC_KEY_FORM
from pairterm.types import MAX_COLS, MAX_ROWS

__all__ = [
    "MAX_KEY_CHARS",
    "MAX_SAID_CHARS",
    "MAX_TOLD_CHARS",
    "Client",
    "Cols",
    "Count",
    "Fingerprint",
    "Host",
    "KeyLine",
    "Line",
    "Message",
    "Name",
    "Number",
    "Port",
    "PublicKey",
    "RoleName",
    "Rows",
    "Said",
    "Text",
    "Ticket",
    "Title",
    "TokenHash",
    "UserName",
    "Window",
]

MAX_SAID_CHARS = 4096
"""A command in words; a remark in the chat is the longest."""

MAX_TOLD_CHARS = 65_536
"""An answer: a page of the chat, or the list of a thousand people."""

MAX_KEY_CHARS = 4200
"""A public key in one line, with the principals of an authority."""

Rows: TypeAlias = Annotated[int, Meta(ge=1, le=MAX_ROWS)]
Cols: TypeAlias = Annotated[int, Meta(ge=1, le=MAX_COLS)]
Client: TypeAlias = Annotated[int, Meta(ge=0, le=2**31)]
Window: TypeAlias = Annotated[int, Meta(ge=0, le=2**16)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**53)]
Number: TypeAlias = Annotated[int, Meta(ge=-(2**53), le=2**53)]
Port: TypeAlias = Annotated[int, Meta(ge=1, le=65535)]
Line: TypeAlias = Annotated[str, Meta(max_length=512)]
Name: TypeAlias = Annotated[str, Meta(max_length=64)]
Title: TypeAlias = Annotated[str, Meta(max_length=1024)]
Said: TypeAlias = Annotated[str, Meta(max_length=MAX_SAID_CHARS)]
Text: TypeAlias = Annotated[str, Meta(max_length=MAX_TOLD_CHARS)]
KeyLine: TypeAlias = Annotated[str, Meta(max_length=MAX_KEY_CHARS)]
Host: TypeAlias = Annotated[str, Meta(max_length=255, pattern=HOST_FORM)]
PublicKey: TypeAlias = Annotated[str, Meta(max_length=MAX_KEY_CHARS, pattern=PUBLIC_KEY_FORM)]
Fingerprint: TypeAlias = Annotated[str, Meta(max_length=64, pattern=r"\ASHA256:[0-9A-Za-z+/]{43}\Z")]
UserName: TypeAlias = Annotated[str, Meta(max_length=128, pattern=r"\A(?:[0-9A-Za-z_][0-9A-Za-z_./-]*)?\Z")]
"""A name that `ssh NAME@host` takes, "" for none. It stands in a line that people paste into a shell."""
TokenHash: TypeAlias = Annotated[bytes, Meta(min_length=32, max_length=32)]
Ticket: TypeAlias = Annotated[bytes, Meta(max_length=32)]
RoleName: TypeAlias = Literal["owner", "rw", "ro"]


class Message(Struct, frozen=True, array_like=True, tag_field="t"):
    """Base of all messages."""
