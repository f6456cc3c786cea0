"""Commands that open a prompt on one client's screen: tmux's command-prompt and confirm-before.

`command-prompt [-p PROMPT] [-I TEXT] TEMPLATE` asks for a text. `%%` in the template stands for
it. `confirm-before [-p PROMPT] COMMAND` asks y or n. Both know some of tmux's formats, such as
`#W`. They are replaced when the prompt opens, so a command with `#{window_id}` means the window
that the person saw, whichever window is selected when they press Enter.
Source: tmux(1), command-prompt, confirm-before and FORMATS.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from pairterm.errors import UsageError
from pairterm.view.prompt import CommandPrompt, Confirm, Prompt
from pairterm.view.shown_panes import ShownPanes
from pairterm.view.shown_windows import ShownWindows

__all__ = ["formats_of", "prompt_for"]

_FORMAT = re.compile(r"#(?:\{([a-z_]+)\}|([A-Z#]))")

_LETTERS = {
    "D": "pane_id",
    "I": "window_index",
    "P": "pane_index",
    "S": "session_name",
    "W": "window_name",
}

_VALUED = ("-p", "-I", "-T", "-t")
"""Options with a value. `-T` and `-t` are tmux's too, and have no effect: there is no completion, and one client."""

_YES_NO = re.compile(r"\s*\(y/n\)\s*$")


def formats_of(session: str, windows: ShownWindows, panes: ShownPanes | None) -> dict[str, str]:
    """Return tmux's formats for the window and the pane that a client looks at. Unknown ones are missing."""
    formats = {"session_name": session}
    tab = windows.current
    if tab is not None:
        formats |= {"window_index": str(tab.index), "window_name": tab.name}
    if panes is not None:
        index = next((str(at) for at, (pane, _) in enumerate(panes.rects) if pane == panes.active), "")
        is_zoomed = tab is not None and "Z" in tab.flags  # the indexes of the others are not known then
        formats |= {
            "window_id": f"@{panes.window}",
            "pane_id": f"%{panes.active}",
            "pane_index": f"%{panes.active}" if is_zoomed else index,
        }
    return formats


def prompt_for(line: str, formats: Mapping[str, str]) -> Prompt:
    """Return the prompt that a command opens.

    Raises:
        UsageError: The command has no template, or other options than these.
    """
    try:
        name, *words = shlex.split(line)
    except ValueError as error:
        raise UsageError(f"can't read the line: {error}", code="command_line") from error
    options: dict[str, str] = {}
    while len(words) > 1 and words[0] in _VALUED:
        options[words[0]] = _expanded(words[1], formats)
        del words[:2]
    if not words or words[0].startswith("-"):
        raise UsageError(f"usage: {name} [-p PROMPT] COMMAND", code="command_line")
    command = _expanded(words[0] if len(words) == 1 else shlex.join(words), formats)
    label = options.get("-p")
    if name == "command-prompt":
        return CommandPrompt(f"{label or f'({command.split()[0]})'} ", command, options.get("-I", ""))
    return Confirm(_YES_NO.sub("", label or f"Confirm '{command.split()[0]}'?"), command)


def _expanded(text: str, formats: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        letter = match[2]
        return "#" if letter == "#" else formats.get(match[1] or _LETTERS.get(letter, ""), "")

    return _FORMAT.sub(value, text)
