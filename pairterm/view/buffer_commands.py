"""tmux's commands for one person's paste buffers, as they are typed: set-buffer, show-buffer, delete-buffer.

Files are not here: a person's buffers may live on the gateway's machine. Source: tmux(1), BUFFERS.
No I/O, no clock.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from pairterm.errors import UsageError
from pairterm.view.paste_buffers import PasteBuffers

__all__ = ["BUFFER_COMMANDS", "BufferAnswer", "obey_buffer_command"]

BUFFER_COMMANDS = {
    "set-buffer": "set-buffer",
    "setb": "set-buffer",
    "show-buffer": "show-buffer",
    "showb": "show-buffer",
    "delete-buffer": "delete-buffer",
    "deleteb": "delete-buffer",
}
"""The names that can be typed, and the full name of each."""

_USAGE = {
    "set-buffer": "set-buffer [-a] [-b NAME] TEXT",
    "show-buffer": "show-buffer [-b NAME]",
    "delete-buffer": "delete-buffer [-b NAME]",
}


@dataclass(frozen=True, slots=True)
class BufferAnswer:
    """The answer to a command: a message, or with a title a page."""

    text: str
    title: str = ""


def obey_buffer_command(buffers: PasteBuffers, line: str) -> BufferAnswer:
    """Change or show the buffers. Without a name, a command means the newest buffer; `set-buffer` makes a new one.

    Raises:
        UsageError: The usage is wrong, there is no such buffer, or the text is too long.
    """
    try:
        word, *words = shlex.split(line)
    except ValueError as error:
        raise UsageError(f"can't read the line: {error}", code="command_line") from error
    verb = BUFFER_COMMANDS[word]
    name, appends = "", False
    while words and words[0] in ("-a", "-b"):
        if words.pop(0) == "-a":
            appends = True
        elif words:
            name = words.pop(0)
    is_flag = bool(words) and words[0] != "--" and words[0].startswith("-")
    if words[:1] == ["--"]:
        del words[0]
    if is_flag or len(words) != (verb == "set-buffer") or (appends and verb != "set-buffer"):
        raise UsageError(f"usage: {_USAGE[verb]}", code="command_line")
    found = buffers.find(name)
    if verb == "set-buffer":
        before = found.text if appends and found is not None else ""
        added = buffers.add(before + words[0], found.name if appends and found is not None else name)
        if added is None:
            raise UsageError("the text is too long for a buffer", code="buffer")
        return BufferAnswer(f"set {added.name}")
    if found is None:
        raise UsageError(f"no buffer {name}".rstrip(), code="buffer")
    if verb == "show-buffer":
        return BufferAnswer(found.text, found.name)
    buffers.delete(found.name)
    return BufferAnswer(f"deleted {found.name}")
