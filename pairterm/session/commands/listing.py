"""Commands that print windows and panes, and one that looks for a text in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from pairterm.errors import UsageError
from pairterm.session.commands.formats import expanded, is_true
from pairterm.session.commands.result import CommandResult
from pairterm.session.commands.window_context import WindowContext
from pairterm.session.windows.window import Window
from pairterm.types import PaneId, WindowId

__all__ = ["choose_tree", "display_message", "find_window", "list_panes", "list_windows"]

_MESSAGE_FORMAT = "[#{session_name}] #{window_index}:#{window_name}, current pane #{pane_index}"

_WINDOW_FORMAT = (
    "#{window_index}: #{window_name}#{window_raw_flags} (#{window_panes} panes) [#{window_width}x#{window_height}] "
    "[layout #{window_layout}] #{window_id}#{?window_active, (active),}"
)

_WINDOW_OF_ALL_FORMAT = (
    "#{session_name}:#{window_index}: #{window_name}#{window_raw_flags} (#{window_panes} panes) "
    "[#{window_width}x#{window_height}] "
)

_PANE_FORMAT = (
    "#{pane_index}: [#{pane_width}x#{pane_height}] [history #{history_size}/#{history_limit}] "
    "#{pane_id}#{?pane_active, (active),}#{?pane_dead, (dead),}"
)

_CHOICE = "{:>4} {:<30} {:>5} {:>8}  {}"
"""One window to choose, of 80 columns with the people who look there."""

_MAX_CHARS = 65_536
"""A list is as long as one message carries."""

_WINDOW_FIELDS = {
    "index": "window_index", "id": "window_id", "name": "window_name", "flags": "window_raw_flags",
    "cols": "window_width", "rows": "window_height", "layout": "window_layout", "active": "window_active",
    "hidden": "window_hidden_flag", "panes": "window_panes",
}  # fmt: skip

_PANE_FIELDS = {
    "window": "window_index", "index": "pane_index", "id": "pane_id", "title": "pane_title",
    "command": "pane_current_command", "path": "pane_current_path", "left": "pane_left", "top": "pane_top",
    "cols": "pane_width", "rows": "pane_height", "active": "pane_active", "dead": "pane_dead",
}  # fmt: skip

_NUMBERS = {"index", "window", "cols", "rows", "left", "top", "panes"}

_FLAGS = {"active", "dead", "hidden"}


def list_windows(context: WindowContext) -> CommandResult:
    """List the windows."""
    context.targets.check_session(context.value("t"))
    default = _WINDOW_OF_ALL_FORMAT if context.has("a") else _WINDOW_FORMAT
    rows = ((window, context.targets.active(window)) for window in context.targets.windows)
    return _listed(context, rows, default, _WINDOW_FIELDS, "Windows")


def choose_tree(context: WindowContext) -> CommandResult:
    """Give the sender the windows to choose from, with the people who look there."""
    windows = context.targets.windows
    people: dict[WindowId, list[str]] = {}
    for client, person in context.parts.people.items():
        look = context.parts.looks.of(client)
        if look is not None:
            people.setdefault(look.window, []).append(person.name)
    lines = [_CHOICE.format("", "window", "panes", "size", "who looks there")]
    for each in windows:
        name = expanded(context, "#{=24:window_name}#{window_raw_flags}", each)
        here = " ".join(people.get(each.id, []))
        lines.append(_CHOICE.format(f"{each.index}:", name, len(each.panes), str(each.size), here))
    return CommandResult([], "\n".join(lines), "Windows", tuple(f"@{each.id}" for each in windows))


def list_panes(context: WindowContext) -> CommandResult:
    """List the panes of a window, or with -s or -a of all windows."""
    default = _PANE_FORMAT
    if context.has("a") or context.has("s"):
        context.targets.check_session(context.value("t"))
        windows: list[Window] = list(context.targets.windows)
        default = ("#{session_name}:" if context.has("a") else "") + "#{window_index}." + default
    else:
        windows = [context.window()]
    rows = ((window, pane) for window in windows for pane in window.layout.panes)
    return _listed(context, rows, default, _PANE_FIELDS, "Panes")


def display_message(context: WindowContext) -> CommandResult:
    """Show a text with facts about a pane."""
    window, pane = context.pane()
    words = context.command.words
    text = words[0] if words else context.value("F", _MESSAGE_FORMAT)
    return CommandResult([], expanded(context, text, window, pane))


def find_window(context: WindowContext) -> CommandResult:
    """Look at the window with a text in its name, its title or on its screen. If there are several, list them."""
    word = context.command.words[0]
    fits = re.compile(re.escape(word), re.IGNORECASE if context.has("i") else 0)
    in_all = not any(context.has(each) for each in "CNT")
    found = [
        window
        for window in context.targets.windows
        if any(
            fits.search(text)
            for letter, texts in (("N", [window.name]), ("T", _titles(window)), ("C", _lines(window)))
            if in_all or context.has(letter)
            for text in texts
        )
    ]
    if not found:
        raise UsageError(f"no windows matching: {word[:60]}", code="no_window")
    if len(found) > 1:
        lines = [expanded(context, "#{window_index}: #{window_name}", each) for each in found]
        return CommandResult([], "\n".join(lines), f"Windows with {word[:40]}")
    context.parts.looks.select(context.client, found[0])
    return CommandResult([])


def _listed(
    context: WindowContext,
    rows: Iterable[tuple[Window, PaneId]],
    default: str,
    fields: dict[str, str],
    title: str,
) -> CommandResult:
    """Return a line for each row that the filter -f lets through, by the format -F; or with -j a list in JSON."""
    condition = context.command.value("f")
    text = context.value("F", default)
    lines: list[str] = []
    chars = 0
    for window, pane in rows:
        if condition is not None and not is_true(expanded(context, condition, window, pane)):
            continue
        lines.append(
            json.dumps({name: _json_value(context, name, each, window, pane) for name, each in fields.items()})
            if context.has("j")
            else expanded(context, text, window, pane)
        )
        chars += len(lines[-1])
        if chars > _MAX_CHARS:
            raise UsageError("the list is too long: use -t, or a shorter format", code="too_many")
    return CommandResult([], f"[{', '.join(lines)}]" if context.has("j") else "\n".join(lines), title)


def _json_value(context: WindowContext, name: str, variable: str, window: Window, pane: PaneId) -> str | int | bool:
    value = expanded(context, f"#{{{variable}}}", window, pane)
    if name in _FLAGS:
        return value == "1"
    return int(value) if name in _NUMBERS else value


def _titles(window: Window) -> list[str]:
    return [each.frame().title for each in window.panes.values()]


def _lines(window: Window) -> list[str]:
    return [row.text for each in window.panes.values() for row in each.frame().rows]
