"""tmux's commands for one person's paste buffers, as they are typed: set-buffer, capture-pane and others.

`capture-pane` copies the screen of the pane that the person sees, as they see it. Files are not
here: a person's buffers may live on the gateway's machine. Source: tmux(1), BUFFERS.
No I/O, no clock.
"""

from __future__ import annotations

import getopt
import shlex

import msgspec

from pairterm.errors import UsageError
from pairterm.terminal.frame import Frame
from pairterm.view.paste_buffers import PasteBuffers
from pairterm.view.selection import Selection, SelectionShape, SelectionText, Spot

__all__ = ["BUFFER_COMMANDS", "BufferAnswer", "obey_buffer_command"]

BUFFER_COMMANDS = {
    "set-buffer": "set-buffer",
    "setb": "set-buffer",
    "show-buffer": "show-buffer",
    "showb": "show-buffer",
    "delete-buffer": "delete-buffer",
    "deleteb": "delete-buffer",
    "capture-pane": "capture-pane",
    "capturep": "capture-pane",
}
"""The names that can be typed, and the full name of each."""

_OPTIONS = {"set-buffer": "ab:", "show-buffer": "b:", "delete-buffer": "b:", "capture-pane": "Jpb:"}
"""The options of each command, in getopt's form."""

_USAGE = {
    "set-buffer": "set-buffer [-a] [-b NAME] TEXT",
    "show-buffer": "show-buffer [-b NAME]",
    "delete-buffer": "delete-buffer [-b NAME]",
    "capture-pane": "capture-pane [-J] [-p] [-b NAME]; C-b [ copies from the history",
}


class BufferAnswer(msgspec.Struct, frozen=True):
    """The answer to a command: a message, or with a title a page."""

    text: str
    title: str = ""


def obey_buffer_command(buffers: PasteBuffers, line: str, frame: Frame | None) -> BufferAnswer:
    """Change or show the buffers. Without a name, a command means the newest buffer, or makes a new one.

    `frame`: the newest one of the pane that the person sees. None: they see none.

    Raises:
        UsageError: The usage is wrong, there is no such buffer, or the text is too long.
    """
    try:
        word, *words = shlex.split(line)
    except ValueError as error:
        raise UsageError(f"can't read the line: {error}", code="command_line") from error
    verb = BUFFER_COMMANDS[word]
    try:
        given, words = getopt.getopt(words, _OPTIONS[verb])
    except getopt.GetoptError as error:
        raise UsageError(f"usage: {_USAGE[verb]}", code="command_line") from error
    if len(words) != (verb == "set-buffer"):
        raise UsageError(f"usage: {_USAGE[verb]}", code="command_line")
    options = dict(given)
    name = options.get("-b", "")
    if verb == "capture-pane":
        return _capture(buffers, frame, name, joins="-J" in options, shows="-p" in options)
    found = buffers.find(name)
    if verb == "set-buffer":
        before = found if "-a" in options else None
        return _set(buffers, words[0] if before is None else before.text + words[0], before.name if before else name)
    if found is None:
        raise UsageError(f"no buffer {name}".rstrip(), code="buffer")
    if verb == "show-buffer":
        return BufferAnswer(found.text, found.name)
    buffers.delete(found.name)
    return BufferAnswer(f"deleted {found.name}")


def _capture(buffers: PasteBuffers, frame: Frame | None, name: str, *, joins: bool, shows: bool) -> BufferAnswer:
    """Copy a pane's screen into a buffer, or show it. `joins`: wrapped lines become one, as in other copies."""
    if frame is None or frame.is_hidden:
        raise UsageError("there is nothing to capture now", code="buffer")
    if joins:
        selected = SelectionText(Selection(Spot(0, 0), Spot(len(frame.rows) - 1, 0), SelectionShape.LINES, True))
        for number, row in enumerate(frame.rows):
            selected.add(number, row)
        text = selected.text()
    else:
        text = "".join(row.text.rstrip(" ") + "\n" for row in frame.rows)
    return BufferAnswer(text, "capture-pane") if shows else _set(buffers, text, name)


def _set(buffers: PasteBuffers, text: str, name: str) -> BufferAnswer:
    added = buffers.add(text, name)
    if added is None:
        raise UsageError("the text is too long for a buffer", code="buffer")
    return BufferAnswer(f"set {added.name}")
