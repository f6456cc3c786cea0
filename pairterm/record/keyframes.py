"""Keyframes of a recording: whole screens, kept beside it, at which a player can begin.

A *mark* is a place in a recording: after the first output with which the lines since the
mark before reach `MARK_CHARS`. So the lines alone say where the marks are, and the recorder
and each player find the same ones. A keyframe is the screen at a mark.

A file of keyframes may come from anybody, so it can't be believed. A keyframe names the
hash chain's value at its mark, which stands for every line before it. It has a code
(HMAC-SHA-256) that only this user's key makes. A keyframe of another recording, of an
altered one, or of another person is not used. The player then makes it again from the lines.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from pairterm.record.events import OUTPUT, Event
from pairterm.terminal.frame import Frame
from pairterm.types import MAX_COLS, MAX_ROWS, Size
from pairterm.view.painter import paint
from pairterm.view.terminal_kind import TerminalKind

__all__ = [
    "MARK_CHARS",
    "Keyframe",
    "MarkFinder",
    "keyframe_line",
    "keyframes_key",
    "painted_keyframe",
    "read_keyframes",
]

MARK_CHARS = 32 << 10
"""A screen model takes about 1 MB a second, so a player that begins at a mark needs less than a tenth of a second."""

_EVENT_CHARS = 100
"""An event costs about as much as so many characters, beside its own."""

_DOMAIN = b"pairterm keyframes 1"
_MAX_LINE_BYTES = 16 << 20
_MAC_BYTES = 64


class MarkFinder:
    """Finds the marks of a recording."""

    def __init__(self) -> None:
        self._chars = 0

    def is_mark(self, event: Event) -> bool:
        """Take the next event; return whether there is a mark after it."""
        self._chars += len(event.data) + _EVENT_CHARS
        if self._chars < MARK_CHARS or event.code != OUTPUT:
            return False
        self._chars = 0
        return True


@dataclass(frozen=True, slots=True)
class Keyframe:
    """The screen at one mark."""

    events: int
    """How many events stand before the mark."""
    size: Size
    painting: str
    """The output that paints the screen on a blank one."""
    chain: str = ""
    """The hash chain's value at the mark, in hex. "": it is not known."""


def painted_keyframe(frame: Frame, kind: TerminalKind, events: int, chain: str = "") -> Keyframe:
    """Return the keyframe with this picture."""
    return Keyframe(events, frame.size, paint(None, frame, kind).decode("utf-8", "replace"), chain)


class _Stored(msgspec.Struct, array_like=True):
    events: int
    rows: int
    cols: int
    chain: str
    painting: str


def keyframes_key(private: bytes) -> bytes:
    """Return the key for keyframes of the user with this private key."""
    return hmac.digest(private, _DOMAIN, "sha256")


def keyframe_line(keyframe: Keyframe, key: bytes) -> bytes:
    """Return a keyframe as a line of its file."""
    size = keyframe.size
    stored = _Stored(keyframe.events, size.rows, size.cols, keyframe.chain, keyframe.painting)
    body = msgspec.json.encode(stored)
    return _code(body, key) + body + b"\n"


def read_keyframes(lines: Iterable[bytes], key: bytes) -> list[Keyframe]:
    """Return the keyframes of a file, as far as this user's key made them. Bad lines are left out."""
    found = []
    for line in lines:
        keyframe = _read(line, key)
        if keyframe is not None:
            found.append(keyframe)
    return found


def _read(line: bytes, key: bytes) -> Keyframe | None:
    code, body = line[:_MAC_BYTES], line[_MAC_BYTES:].removesuffix(b"\n")
    if len(line) > _MAX_LINE_BYTES or not hmac.compare_digest(code, _code(body, key)):
        return None
    try:
        stored = msgspec.json.decode(body, type=_Stored)
    except msgspec.DecodeError:
        return None
    if not (0 < stored.rows <= MAX_ROWS and 0 < stored.cols <= MAX_COLS):
        return None
    return Keyframe(stored.events, Size(rows=stored.rows, cols=stored.cols), stored.painting, stored.chain)


def _code(body: bytes, key: bytes) -> bytes:
    return hmac.new(key, body, hashlib.sha256).hexdigest().encode()
