"""tmux's formats: `#{window_name}`, `#W`, `#{?window_active,yes,no}` (tmux(1), FORMATS).

A variable that does not exist is "". Of tmux's modifiers there are `?`, the comparisons, `||`, `&&`,
`m`, `=N`, p (padding), `b`, `d`, `l`, `n` and `q`, also several with `;`. The value of a variable is
text, and is never read as a format.
"""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase

import msgspec

from pairterm.errors import UsageError
from pairterm.session.commands.format_values import client_value, command_text, modified
from pairterm.session.commands.window_context import WindowContext
from pairterm.session.windows.pane import Pane
from pairterm.session.windows.window import Window
from pairterm.types import PaneId, Rect

__all__ = ["PRIVATE_NAMES", "WHERE_FORMAT", "expanded", "is_true"]

WHERE_FORMAT = "#{session_name}:#{window_index}.#{pane_index}"
"""`-P` of `new-window`, `split-window` and `break-pane` prints this."""

PRIVATE_NAMES = frozenset(
    (
        "host", "host_short", "pane_current_path", "pane_pid", "pane_pipe", "pane_start_command", "pane_start_path",
        "pane_tty",
    )
)  # fmt: skip
"""What only those who may type can read: they find it in the shell too."""

_MAX_DEPTH = 20
"""Formats inside each other. A deeper one is "", as in tmux."""

_MAX_GUEST_CHARS = 512
"""A format of a guest is at most so long: it is expanded for each pane of a list."""

_LETTERS = {
    "D": "pane_id", "H": "host", "h": "host_short", "F": "window_flags", "I": "window_index", "P": "pane_index",
    "S": "session_name", "T": "pane_title", "W": "window_name",
}  # fmt: skip


def expanded(context: WindowContext, text: str, window: Window, pane: PaneId | None = None) -> str:
    """Return a format for a pane of a window, or for its active pane.

    Raises:
        UsageError: It is too long.
    """
    if len(text) > _MAX_GUEST_CHARS and not context.sender.is_owner:
        raise UsageError(f"a format has at most {_MAX_GUEST_CHARS} characters", code="format")
    pane = context.targets.active(window) if pane is None else pane
    rects = window.rects(zoomed=window.active if window.is_zoomed else None)
    return _Place(context, window, window.panes[pane], rects[pane]).expand(text, 0)


def is_true(text: str) -> bool:
    """Return whether an expanded format counts as true."""
    return text not in ("", "0")


class _Place(msgspec.Struct, frozen=True):
    """A pane, for which formats are expanded."""

    context: WindowContext
    window: Window
    pane: Pane
    rect: Rect

    def expand(self, text: str, depth: int) -> str:
        if depth > _MAX_DEPTH:
            return ""
        parts: list[str] = []
        at = 0
        while (sign := text.find("#", at)) >= 0 and sign + 1 < len(text):
            parts.append(text[at:sign])
            letter = text[sign + 1]
            at = sign + 2
            if letter == "{":
                end = _closing(text, at)
                if end is None:
                    return "".join(parts)
                parts.append(self._variable(text[at:end], depth + 1))
                at = end + 1
            elif letter in _LETTERS:
                parts.append(self._value(_LETTERS[letter]))
            else:
                parts.append(letter if letter in "#,}" else f"#{letter}")
        return "".join([*parts, text[at:]])

    def _variable(self, text: str, depth: int) -> str:
        """Return what stands for the text between the braces."""
        if text.startswith("?"):
            condition, yes, no = (*_split(text[1:]), "", "", "")[:3]
            value = self._value(condition) if "#" not in condition else self.expand(condition, depth)
            return self.expand(yes if is_true(value) else no, depth)
        modifier, colon, rest = text.partition(":")
        if not colon:
            return self._value(text)
        if modifier in _COMPARISONS:
            first, second = (self.expand(each, depth) for each in (*_split(rest), "", "")[:2])
            return "1" if _COMPARISONS[modifier](first, second) else "0"
        if modifier == "l":
            return rest
        value = self.expand(rest, depth) if "#" in rest else self._value(rest)
        for each in modifier.split(";"):
            value = modified(each, value)
        return value

    def _value(self, name: str) -> str:
        if name.startswith("client_"):
            return client_value(self.context.parts, self.context.client, name)
        if name in PRIVATE_NAMES and not self.context.may_type_in(self.window):
            return ""
        read = _VALUES.get(name)
        if read is None:
            return ""
        value = read(self)
        return str(int(value)) if isinstance(value, bool) else str(value)

    @property
    def is_shown(self) -> bool:
        return self.context.targets.window() is self.window

    @property
    def is_last(self) -> bool:
        return self.context.parts.looks.last_window(self.context.client) == self.window.id and not self.is_shown

    @property
    def is_active(self) -> bool:
        return self.context.targets.active(self.window) == self.pane.id

    @property
    def raw_flags(self) -> str:
        """The signs behind a window's name, as tmux orders them."""
        window = self.window
        flags = ("#" * window.has_activity, "!" * window.has_bell, "*" * self.is_shown, "-" * self.is_last)
        return "".join(flags) + "Z" * window.is_zoomed

    @property
    def visible_layout(self) -> str:
        window = self.window
        if not window.is_zoomed:
            return window.layout.notation
        return window.layout.single(window.active, window.size).notation


def _closing(text: str, start: int) -> int | None:
    """Return where the brace ends that opened before `start`; None: nowhere."""
    depth = 1
    at = start
    while at < len(text):
        if text.startswith("#{", at):
            depth += 1
            at += 1
        elif text.startswith(("#,", "#}", "##"), at):
            at += 1
        elif text[at] == "}":
            depth -= 1
            if not depth:
                return at
        at += 1
    return None


def _split(text: str) -> list[str]:
    """Return the parts between the commas that are not inside of other formats."""
    parts: list[str] = []
    start = at = 0
    while at < len(text):
        if text.startswith("#{", at):
            at = _closing(text, at + 2) or len(text)
        elif text[at] == "#":
            at += 1
        elif text[at] == ",":
            parts.append(text[start:at])
            start = at + 1
        at += 1
    return [*parts, text[start:]]


_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "==": lambda first, second: first == second,
    "!=": lambda first, second: first != second,
    "<": lambda first, second: first < second,
    ">": lambda first, second: first > second,
    "<=": lambda first, second: first <= second,
    ">=": lambda first, second: first >= second,
    "||": lambda first, second: is_true(first) or is_true(second),
    "&&": lambda first, second: is_true(first) and is_true(second),
    "m": lambda pattern, value: fnmatchcase(value, pattern),
}

_VALUES: dict[str, Callable[[_Place], str | int | bool]] = {
    "session_name": lambda place: place.context.parts.name,
    "session_id": lambda place: "$0",
    "session_windows": lambda place: len(place.context.targets.windows),
    "session_attached": lambda place: len(place.context.parts.people),
    "window_index": lambda place: place.window.index,
    "window_id": lambda place: f"@{place.window.id}",
    "window_name": lambda place: place.window.name,
    "window_flags": lambda place: place.raw_flags.replace("#", "##"),
    "window_raw_flags": lambda place: place.raw_flags,
    "window_active": lambda place: place.is_shown,
    "window_last_flag": lambda place: place.is_last,
    "window_zoomed_flag": lambda place: place.window.is_zoomed,
    "window_bell_flag": lambda place: place.window.has_bell,
    "window_activity_flag": lambda place: place.window.has_activity,
    "window_hidden_flag": lambda place: place.window.is_hidden,
    "window_panes": lambda place: len(place.window.panes),
    "window_width": lambda place: place.window.size.cols,
    "window_height": lambda place: place.window.size.rows,
    "window_layout": lambda place: place.window.layout.notation,
    "window_visible_layout": lambda place: place.visible_layout,
    "window_start_flag": lambda place: place.context.targets.windows[0] is place.window,
    "window_end_flag": lambda place: place.context.targets.windows[-1] is place.window,
    "pane_index": lambda place: place.window.layout.panes.index(place.pane.id),
    "pane_id": lambda place: f"%{place.pane.id}",
    "pane_active": lambda place: place.is_active,
    "pane_width": lambda place: place.rect.cols,
    "pane_height": lambda place: place.rect.rows,
    "pane_left": lambda place: place.rect.col,
    "pane_top": lambda place: place.rect.row,
    "pane_right": lambda place: place.rect.col + place.rect.cols - 1,
    "pane_bottom": lambda place: place.rect.row + place.rect.rows - 1,
    "pane_at_left": lambda place: place.rect.col == 0,
    "pane_at_top": lambda place: place.rect.row == 0,
    "pane_at_right": lambda place: place.rect.col + place.rect.cols == place.window.size.cols,
    "pane_at_bottom": lambda place: place.rect.row + place.rect.rows == place.window.size.rows,
    "pane_title": lambda place: place.pane.frame().title,
    "pane_current_command": lambda place: place.pane.command,
    "pane_current_path": lambda place: place.pane.directory,
    "pane_dead": lambda place: place.pane.death is not None,
    "pane_dead_status": lambda place: "" if (death := place.pane.death) is None or death.signal else death.status,
    "pane_dead_signal": lambda place: (death.signal or "") if (death := place.pane.death) is not None else "",
    "pane_dead_time": lambda place: death.when if (death := place.pane.death) is not None else "",
    "pane_pid": lambda place: place.pane.pid or "",
    "pane_tty": lambda place: place.pane.tty,
    "pane_pipe": lambda place: place.pane.is_piped,
    "pane_start_command": lambda place: command_text(place.pane.start_command),
    "pane_start_path": lambda place: place.pane.start_directory,
    "pane_last": lambda place: place.window.last == place.pane.id,
    "host": lambda place: place.context.parts.host_name,
    "host_short": lambda place: place.context.parts.host_name.partition(".")[0],
    "pane_in_mode": lambda place: False,
    "alternate_on": lambda place: place.pane.frame().is_alternate,
    "cursor_x": lambda place: place.pane.frame().cursor.col,
    "cursor_y": lambda place: place.pane.frame().cursor.row,
    "cursor_flag": lambda place: place.pane.frame().cursor.is_visible,
    "history_size": lambda place: place.pane.terminal.history_length,
    "history_limit": lambda place: place.context.parts.windows.history_lines,
}
