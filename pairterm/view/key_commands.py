"""The commands that keys can be bound to: tmux's names where tmux has the command, or a line in words."""

from __future__ import annotations

import enum
import re
from typing import TypeAlias

import msgspec

__all__ = ["Binding", "KeyCommand", "Repeats", "TypedCommand", "repeats"]


class KeyCommand(enum.Enum):
    """A command for a key. The value is its name in a configuration, and `text` is its text in the help."""

    text: str

    def __new__(cls, name: str, text: str) -> KeyCommand:
        """Store the help's text with the name."""
        command = object.__new__(cls)
        command._value_ = name
        command.text = text
        return command

    NONE = ("none", "nothing")
    DETACH = ("detach-client", "leave; the session goes on")
    SEND_PREFIX = ("send-prefix", "send the prefix key to the program")
    REDRAW = ("refresh-client", "redraw the screen")
    HELP = ("list-keys", "this list")
    PROMPT = ("command-prompt", "type a command, for example: set size-policy largest")
    SCROLLBACK = ("copy-mode", "scroll, search and copy the history, for you alone")
    SCROLLBACK_UP = ("copy-mode-up", "the history, one page up")
    SCROLLBACK_WHEEL = ("copy-mode-wheel", "the history, a few lines up")
    VIEW_HISTORY = ("view-history", "read the whole history in your pager, for the owner alone")
    REPLAY = ("replay", "go back in time in a recorded session")
    TOGGLE_STATUS = ("toggle-status", "show or hide the status line")
    TOGGLE_MOUSE = ("toggle-mouse", "the mouse is pairterm's, or the terminal's own")
    PAN_UP = ("pan-up", "move the viewport up")
    PAN_DOWN = ("pan-down", "move the viewport down")
    PAN_LEFT = ("pan-left", "move the viewport left")
    PAN_RIGHT = ("pan-right", "move the viewport right")
    FOLLOW = ("pan-follow", "let the viewport follow the cursor again")
    PASTE = ("paste-buffer", "paste the newest text that you copied")
    DISPLAY_PANES = ("display-panes", "show the panes' numbers; a number selects its pane")
    CHOOSE_BUFFER = ("choose-buffer", "choose among the texts that you copied")
    LIST_BUFFERS = ("list-buffers", "list the texts that you copied")
    LINE_UP = ("scroll-up", "one line up")
    LINE_DOWN = ("scroll-down", "one line down")
    PAGE_UP = ("page-up", "one page up")
    PAGE_DOWN = ("page-down", "one page down")
    HALF_UP = ("halfpage-up", "half a page up")
    HALF_DOWN = ("halfpage-down", "half a page down")
    WHEEL_UP = ("wheel-up", "a few lines up")
    WHEEL_DOWN = ("wheel-down", "a few lines down")
    TOP = ("history-top", "the oldest line")
    BOTTOM = ("history-bottom", "the newest line")
    CURSOR_UP = ("cursor-up", "up")
    CURSOR_DOWN = ("cursor-down", "down")
    CURSOR_LEFT = ("cursor-left", "left")
    CURSOR_RIGHT = ("cursor-right", "right")
    NEXT_WORD = ("next-word", "the next word")
    NEXT_WORD_END = ("next-word-end", "the end of the word")
    PREVIOUS_WORD = ("previous-word", "the word before")
    NEXT_SPACE = ("next-space", "the next word between spaces")
    NEXT_SPACE_END = ("next-space-end", "the end of the word between spaces")
    PREVIOUS_SPACE = ("previous-space", "the word before, between spaces")
    START_OF_LINE = ("start-of-line", "the start of the line")
    INDENTATION = ("back-to-indentation", "the first character of the line")
    END_OF_LINE = ("end-of-line", "the end of the line")
    TOP_LINE = ("top-line", "the first line of the screen")
    MIDDLE_LINE = ("middle-line", "the middle line of the screen")
    BOTTOM_LINE = ("bottom-line", "the last line of the screen")
    PREVIOUS_PARAGRAPH = ("previous-paragraph", "the blank line before")
    NEXT_PARAGRAPH = ("next-paragraph", "the next blank line")
    JUMP_FORWARD = ("jump-forward", "to the next of a character in the line")
    JUMP_BACKWARD = ("jump-backward", "to the one before")
    JUMP_TO_FORWARD = ("jump-to-forward", "to just before the next of a character")
    JUMP_TO_BACKWARD = ("jump-to-backward", "to just after the one before")
    JUMP_AGAIN = ("jump-again", "the same jump again")
    JUMP_REVERSE = ("jump-reverse", "the same jump the other way")
    SEARCH_DOWN = ("search-forward", "search downwards")
    SEARCH_UP = ("search-backward", "search upwards")
    SEARCH_AGAIN = ("search-again", "the next match")
    SEARCH_REVERSE = ("search-reverse", "the next match the other way")
    SELECT = ("begin-selection", "begin a selection")
    SELECT_LINE = ("select-line", "select whole lines")
    RECTANGLE = ("rectangle-toggle", "select a block, or characters again")
    OTHER_END = ("other-end", "go to the other end of the selection")
    COPY = ("copy-selection-and-cancel", "copy the selection, and go back to the live screen")
    CLEAR_SELECTION = ("clear-selection", "drop the selection, or leave")
    CANCEL = ("cancel", "back to the live screen")
    FOLLOW_EDITOR = ("follow-editor", "follow the person's cursor again")
    NEXT_EDITOR = ("next-editor", "follow the next person who shares files")
    NEXT_FILE = ("next-file", "the next file")
    PREVIOUS_FILE = ("previous-file", "the file before")
    FILE_TOP = ("file-top", "the first line")
    FILE_BOTTOM = ("file-bottom", "the last line")
    SCROLL_LEFT = ("scroll-left", "show what is to the left")
    SCROLL_RIGHT = ("scroll-right", "show what is to the right")


class TypedCommand(msgspec.Struct, frozen=True):
    """A key that gives a command in words, as if it were typed at the prompt.

    A line that ends with a space opens the prompt with this text, and the client completes
    it. In a configuration the line follows a colon, as in `":kick "`.
    """

    line: str
    help: str = ""

    @property
    def value(self) -> str:
        """The name in a configuration."""
        return f":{self.line}"

    @property
    def text(self) -> str:
        """The text in the help."""
        return self.help or f"give the command: {self.line.strip()}"


Binding: TypeAlias = KeyCommand | TypedCommand
"""A command for a key, or a line in words."""

_PANNING = frozenset({KeyCommand.PAN_UP, KeyCommand.PAN_DOWN, KeyCommand.PAN_LEFT, KeyCommand.PAN_RIGHT})

_MOVING = re.compile(r"(resize-pane|select-pane) -[UDLR]( [0-9]+)?")


class Repeats(enum.Enum):
    """For a moment after such a command, the next one of its kind works without the prefix, as with tmux's `bind -r`.

    tmux has one kind. Two kinds leave the plain arrows to the program, or to a watcher's viewport, after panning.
    """

    PANS = enum.auto()
    MOVES_BETWEEN_PANES = enum.auto()


def repeats(command: Binding | None) -> Repeats | None:
    """Return the kind of a command that repeats. None: it does not."""
    if command in _PANNING:
        return Repeats.PANS
    if isinstance(command, TypedCommand) and _MOVING.fullmatch(command.line) is not None:
        return Repeats.MOVES_BETWEEN_PANES
    return None
