"""A prompt on the bottom row: the client types a text to search, or a command.

It never reaches the pty. Editing: Backspace, C-u, C-w; Enter ends it, Escape,
C-c and C-g leave it. Pastes are taken up to the first line's end.
"""

from __future__ import annotations

import enum
import re
import shlex

from pairterm.safe_text import without_unsafe
from pairterm.terminal.frame import Row
from pairterm.view.bars import bar, text_width
from pairterm.view.bindings import MAX_LINE_CHARS, KeyCommand
from pairterm.view.key_names import key_of

__all__ = ["CommandPrompt", "Confirm", "OneKey", "Prompt", "PromptState"]

_PLACE = re.compile(r"'%%'|\"%%\"|%%")

_PASTE_MARKS = re.compile(rb"\x1b\[20[01]~")


_SAYING = "say "
"""The beginning of a command that sends a message to people. A paste keeps its lines there."""

_MAX_SAID_CHARS = 4000
"""The length of a message to others: a screen of code."""


class PromptState(enum.Enum):
    """The state of a prompt after a key."""

    OPEN = enum.auto()
    DONE = enum.auto()
    CANCELLED = enum.auto()


class Prompt:
    """One prompt: its label, its purpose, and the text so far."""

    __slots__ = ("label", "purpose", "text")

    def __init__(self, label: str, purpose: KeyCommand, text: str = "") -> None:
        self.label = label
        self.purpose = purpose
        self.text = text

    @property
    def line(self) -> str:
        """The command that the prompt gives when it is done. "": none."""
        return self.text.strip()

    def press(self, data: bytes) -> PromptState:
        """Take one key, by the bytes of its character or sequence."""
        match key_of(data).name:
            case "Enter" | "C-j":
                return PromptState.DONE
            case "Escape" | "C-c" | "C-g":
                return PromptState.CANCELLED
            case "BSpace" | "C-h":
                if not self.text:
                    return PromptState.CANCELLED
                self.text = self.text[:-1]
            case "C-u":
                self.text = ""
            case "C-w":
                self.text = self.text.rstrip()
                self.text = self.text[: self.text.rfind(" ") + 1]
            case "Space":
                self._add(" ")
            case name if len(name) == 1:
                self._add(name)
        return PromptState.OPEN

    def paste(self, data: bytes) -> None:
        """Take the first line of pasted text. In a message to others, take all lines."""
        lines = _PASTE_MARKS.sub(b"", data).decode("utf-8", "replace").expandtabs(4).splitlines() or [""]
        lines = [without_unsafe(line) for line in lines]
        if self.text.startswith(_SAYING):
            self.text = (self.text + "\n".join(lines))[:_MAX_SAID_CHARS]
        else:
            self._add(lines[0])

    def row(self, cols: int) -> tuple[Row, int]:
        """Return the prompt's row and the cursor's column in it. Of a long text, the end is visible."""
        text = self.label + self.text.replace("\n", "⏎")
        while text_width(text) >= cols and len(text) > 1:
            text = text[1:]
        return bar(text, cols), min(text_width(text), cols - 1)

    def _add(self, text: str) -> None:
        most = _MAX_SAID_CHARS if self.text.startswith(_SAYING) else MAX_LINE_CHARS
        self.text = (self.text + text)[:most]


class OneKey(Prompt):
    """A prompt for one character, as tmux's command-prompt -1."""

    __slots__ = ()

    def press(self, data: bytes) -> PromptState:
        """Take the character; any other key leaves the prompt."""
        name = key_of(data).name
        self.text = " " if name == "Space" else name
        return PromptState.DONE if len(self.text) == 1 else PromptState.CANCELLED

    def paste(self, data: bytes) -> None:
        """Take no character from a paste."""


class CommandPrompt(Prompt):
    """A prompt whose text completes a command, as tmux's command-prompt: `%%` in the template stands for the text."""

    __slots__ = ("_template",)

    def __init__(self, label: str, template: str, text: str = "") -> None:
        super().__init__(label, KeyCommand.PROMPT, text)
        self._template = template

    @property
    def line(self) -> str:
        """The command. "": the text is empty."""
        text = self.text.strip()
        return _PLACE.sub(lambda _: shlex.quote(text), self._template) if text else ""


class Confirm(Prompt):
    """A question at the prompt, as tmux's confirm-before: y gives a command, any other key gives none."""

    __slots__ = ("_command", "is_from_host")

    def __init__(self, question: str, command: str, *, is_from_host: bool = False) -> None:
        """Ask a question. `is_from_host`: the command goes back to the host, and never acts on this view."""
        super().__init__(f"{question} (y/n) ", KeyCommand.PROMPT)
        self._command = command
        self.is_from_host = is_from_host

    @property
    def line(self) -> str:
        """The command."""
        return self._command

    def press(self, data: bytes) -> PromptState:
        """Take the answer."""
        return PromptState.DONE if key_of(data).name in ("y", "Y") else PromptState.CANCELLED

    def paste(self, data: bytes) -> None:
        """Take no answer from a paste."""
