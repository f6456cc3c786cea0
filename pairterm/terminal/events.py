"""Requests of a program to the user's desktop, as values. None of them touches the screen.

Each comes from an OSC string, and `pairterm.terminal.osc` limits its length. The session
core decides about it; by default it drops it.
"""

from __future__ import annotations

import enum

import msgspec

__all__ = ["MAX_CLIPBOARD_BYTES", "ClipboardWrite", "Event", "PromptMark", "PromptPart", "WorkingDirectory"]

MAX_CLIPBOARD_BYTES = 75_000
"""Bytes of a clipboard write (xterm: 100,000 characters in base64)."""


class ClipboardWrite(msgspec.Struct, frozen=True):
    """OSC 52 with data: the program wants `data` in the `selection` ("c", "p", ...; "" is its default)."""

    selection: str
    data: bytes


class PromptPart(enum.Enum):
    """The part of the dialogue that begins at an OSC 133 mark (FinalTerm's protocol)."""

    PROMPT = "A"
    COMMAND = "B"
    OUTPUT = "C"
    END = "D"


class PromptMark(msgspec.Struct, frozen=True):
    """OSC 133: a part of the shell's dialogue begins. `line` counts from the first line ever shown.

    `exit_status` belongs to the command that ended; None: the shell did not report one.
    """

    part: PromptPart
    line: int
    exit_status: int | None = None


class WorkingDirectory(msgspec.Struct, frozen=True):
    """OSC 7: the shell's directory, as a host name ("" is this one) and an absolute path."""

    host: str
    path: str


Event = ClipboardWrite | PromptMark | WorkingDirectory
